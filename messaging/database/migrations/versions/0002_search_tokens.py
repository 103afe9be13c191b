"""Tokens by which messages are found again under encryption."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of tokens; the worker fills it, beginning with the oldest message."""
    op.create_table(
        "search_tokens",
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_search_tokens_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", "message_id", name="pk_search_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_tokens_message_id", "search_tokens", ["message_id"])


def downgrade() -> None:
    """Drop the tokens; they can be made again from the messages."""
    op.drop_table("search_tokens")
