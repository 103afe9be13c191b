"""Texts that wait for their approval."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table of drafts."""
    op.create_table(
        "template_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("key", "variant", "language", "content_class", "text")
        ),
        sa.Column("valid_from", Moment(), nullable=False),
        sa.Column("valid_to", Moment(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "written_by_id IS NULL OR approved_by_id <> written_by_id", name=op.f("ck_template_drafts_four_eyes")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (template_id IS NULL)", name=op.f("ck_template_drafts_approved_is_a_version")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["caseworkers.id"], name="fk_template_drafts_written_by_id"),
        sa.ForeignKeyConstraint(["approved_by_id"], ["caseworkers.id"], name="fk_template_drafts_approved_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_template_drafts"),
        sa.UniqueConstraint("template_id", name="uq_template_drafts_template_id"),
        sa.ForeignKeyConstraint(["template_id"], ["templates.id"], name="fk_template_drafts_template_id"),
    )
    op.create_index("ix_template_drafts_key", "template_drafts", ["key"])


def downgrade() -> None:
    """Drop the drafts."""
    op.drop_table("template_drafts")
