"""The citizen's app: pairings, the phones that are in, and the browsers signed in on them."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0017"
down_revision = "0016"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "pairings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_pairings_citizen_id"), nullable=False),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_pairings_caseworker_id"),
            nullable=False,
        ),
        sa.Column("seen_as", _word("seenas", "photo_id", "health_card", "known"), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("installed_at", Moment(), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
    )
    op.create_index("ix_pairings_citizen_id", "pairings", ["citizen_id"])
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_devices_citizen_id"), nullable=False),
        sa.Column(
            "pairing_id",
            sa.Uuid(),
            sa.ForeignKey("pairings.id", name="fk_devices_pairing_id"),
            nullable=True,
            unique=True,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by", _word("endedby", "citizen", "lost", "staff", "system"), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
    )
    op.create_index("ix_devices_citizen_id", "devices", ["citizen_id"])
    op.create_table(
        "app_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_app_sessions_citizen_id"), nullable=False
        ),
        sa.Column("device_id", sa.Uuid(), sa.ForeignKey("devices.id", name="fk_app_sessions_device_id"), nullable=True),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("opened", _word("opened", "paired", "code", "mitid", "mitid_low", "passkey"), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_app_sessions"),
    )
    op.create_index("ix_app_sessions_citizen_id", "app_sessions", ["citizen_id"])
    op.create_index("ix_app_sessions_device_id", "app_sessions", ["device_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("app_sessions")
    op.drop_table("devices")
    op.drop_table("pairings")
