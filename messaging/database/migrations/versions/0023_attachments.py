"""Which documents came with which message, and the files that still lie at the provider."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0023"
down_revision = "0022"

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "attachments",
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_attachments_message_id")),
        sa.Column(
            "document_id",
            sa.Uuid(),
            sa.ForeignKey("documents.id", name="fk_attachments_document_id", ondelete="CASCADE"),
        ),
        sa.PrimaryKeyConstraint("message_id", "document_id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_document_id", "attachments", ["document_id"])
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "provider_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_provider_files_message_id"), nullable=False
        ),
        sa.Column("number", number, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "fetched", "failed", native_enum=False, create_constraint=True, length=32, name="fetchstate"
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", number, nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("deaths", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_files"),
        sa.UniqueConstraint("message_id", "number", name="uq_provider_files_message_id_number"),
    )
    op.create_index(
        "ix_provider_files_waiting",
        "provider_files",
        ["next_try_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("provider_files")
    op.drop_table("attachments")
