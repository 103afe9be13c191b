"""What citizens of the trial really got before a meeting."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0030"
down_revision = "0029"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "exposures",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_exposures_appointment_id"),
            nullable=False,
        ),
        sa.Column("planned_for", Moment(), nullable=False),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=False),
        sa.Column("has", _word("has", "number", "app", "push"), nullable=False),
        _count("sms_sent"),
        _count("sms_delivered"),
        _count("app_placed"),
        _count("app_shown"),
        _count("withheld"),
        sa.Column("reminded_elsewhere", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", "planned_for", name="pk_exposures"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("exposures")
