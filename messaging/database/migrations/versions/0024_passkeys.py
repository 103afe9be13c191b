"""Passkeys of the phones that were let in, and the challenges that are out."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0024"
down_revision = "0023"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", WHOLE, nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_passkeys_citizen_id"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_passkeys_device_id"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_citizen_id", "passkeys", ["citizen_id"])
    op.create_index("ix_passkeys_device_id", "passkeys", ["device_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("register", "sign_in", native_enum=False, create_constraint=True, length=32, name="purpose"),
            nullable=False,
        ),
        sa.Column(
            "device_id", sa.Uuid(), sa.ForeignKey("devices.id", name="fk_passkey_challenges_device_id"), nullable=True
        ),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkey_challenges"),
    )
    op.create_index("ix_passkey_challenges_device_id", "passkey_challenges", ["device_id"])
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("passkey_challenges")
    op.drop_table("passkeys")
