"""Outcomes of meetings that can still be undone."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0012"
down_revision = "0011"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OUTCOMES = ("held", "cancelled_by_citizen", "cancelled_by_us", "no_show", "unknown")


def upgrade() -> None:
    """Make the table."""
    outcome = sa.Enum(*OUTCOMES, native_enum=False, create_constraint=True, length=32, name="outcomeword")
    op.create_table(
        "outcome_taps",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_outcome_taps_appointment_id"),
            nullable=False,
        ),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.Column(
            "tapped_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_outcome_taps_tapped_by"), nullable=False
        ),
        sa.Column("tapped_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_outcome_taps"),
    )
    op.create_index("ix_outcome_taps_due_at", "outcome_taps", ["due_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("outcome_taps")
