"""The keys to which phones seal what waits for a connection."""

import sqlalchemy as sa
from alembic import op

from messaging.vault.sealed import SealedType, sealed_form

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the table. Who is in already seals nothing until she comes in again: her pages send at once."""
    op.create_table(
        "outbox_keys",
        sa.Column(
            "session_id",
            sa.Uuid(),
            sa.ForeignKey("app_sessions.id", name="fk_outbox_keys_session_id"),
            nullable=False,
        ),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column(
            "private",
            SealedType(),
            sa.CheckConstraint(sealed_form("private"), name=op.f("ck_outbox_keys_private_sealed")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("session_id", name="pk_outbox_keys"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("outbox_keys")
