"""Notes of staff beside the messages."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0008"
down_revision = "0007"

KINDS = ("internal", "call_out", "call_in", "visit", "desk")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_notes_citizen_id"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, native_enum=False, create_constraint=True, length=32, name="notekind"),
            nullable=False,
        ),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column(
            "text",
            SealedType(),
            sa.CheckConstraint(sealed_form("text"), name=op.f("ck_notes_text_sealed")),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_notes_author_id"), nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.CheckConstraint("(kind = 'internal') = (reached IS NULL)", name=op.f("ck_notes_reached_of_a_contact")),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_citizen", "notes", ["citizen_id", "written_at"])


def downgrade() -> None:
    """Drop the notes."""
    op.drop_table("notes")
