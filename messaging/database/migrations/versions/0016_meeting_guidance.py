"""What a citizen reads about a meeting in the app."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table."""
    kinds = ("agenda", "bring", "directions", "form")
    op.create_table(
        "meeting_guidance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*kinds, name="guidancekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "written_by_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_meeting_guidance_written_by_id"),
            nullable=True,
        ),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column(
            "approved_by_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_meeting_guidance_approved_by_id"),
            nullable=True,
        ),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("valid_from", Moment(), nullable=True),
        sa.Column("valid_to", Moment(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.UniqueConstraint("kind", "name", "valid_from", name="uq_meeting_guidance_kind_name_valid_from"),
        sa.CheckConstraint(
            "written_by_id IS NULL OR approved_by_id <> written_by_id", name=op.f("ck_meeting_guidance_four_eyes")
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (valid_from IS NULL)", name=op.f("ck_meeting_guidance_approved_is_valid")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_guidance"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("meeting_guidance")
