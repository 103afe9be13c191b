"""What caseworkers add to single reminders."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "personal_lines",
        sa.Column(
            "reminder_id",
            sa.Uuid(),
            sa.ForeignKey("reminders.id", name="fk_personal_lines_reminder_id"),
            nullable=False,
        ),
        sa.Column(
            "line",
            SealedType(),
            sa.CheckConstraint(sealed_form("line"), name=op.f("ck_personal_lines_line_sealed")),
            nullable=False,
        ),
        sa.Column(
            "added_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_personal_lines_added_by"), nullable=False
        ),
        sa.Column("added_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("reminder_id", name="pk_personal_lines"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("personal_lines")
