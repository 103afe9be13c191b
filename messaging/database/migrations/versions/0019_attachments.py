"""Which documents came with which message."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the table."""
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


def downgrade() -> None:
    """Drop it."""
    op.drop_table("attachments")
