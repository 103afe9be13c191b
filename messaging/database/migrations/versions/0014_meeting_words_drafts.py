"""Words for places and meeting types that wait for approval."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "meeting_words_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("place", "meeting_type", name="wordkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column(
            "written_by_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_meeting_words_drafts_written_by_id"),
            nullable=False,
        ),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column(
            "approved_by_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_meeting_words_drafts_approved_by_id"),
            nullable=True,
        ),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint("approved_by_id <> written_by_id", name=op.f("ck_meeting_words_drafts_four_eyes")),
        sa.CheckConstraint(
            "(kind = 'place') = (next_step IS NULL)", name=op.f("ck_meeting_words_drafts_next_step_of_a_type")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_words_drafts"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("meeting_words_drafts")
