"""What caseworkers say that answers mean, where they were read as something else."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "reading_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "message_id",
            sa.Uuid(),
            sa.ForeignKey("reply_readings.message_id", name="fk_reading_corrections_message_id"),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "corrected_by",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_reading_corrections_corrected_by"),
            nullable=False,
        ),
        sa.Column("corrected_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reading_corrections"),
    )
    op.create_index("ix_reading_corrections_message_id", "reading_corrections", ["message_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("reading_corrections")
