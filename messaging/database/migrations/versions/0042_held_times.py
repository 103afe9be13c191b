"""For whose meeting a free time is held. What was wished for before this is held for nobody any more."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "held_times",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_held_times_appointment_id"),
            nullable=False,
        ),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name="pk_held_times"),
    )
    op.create_index("ix_held_times_appointment_id", "held_times", ["appointment_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("held_times")
