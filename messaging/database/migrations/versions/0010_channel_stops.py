"""Channels that are stopped, and indexes of what waits for a human."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0010"
down_revision = "0009"

STANDING = sa.text("lifted_at IS NULL")
PARKED = sa.text("reason = 'parked'")
STUCK = sa.text("state IN ('parked', 'rejected')")


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "channel_stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "provider_fails",
                "wrong_messages",
                "costs",
                "security",
                "maintenance",
                native_enum=False,
                create_constraint=True,
                length=32,
                name="stopreason",
            ),
            nullable=False,
        ),
        sa.Column(
            "stopped_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_channel_stops_stopped_by"), nullable=False
        ),
        sa.Column("stopped_at", Moment(), nullable=False),
        sa.Column(
            "lifted_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_channel_stops_lifted_by"), nullable=True
        ),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_channel_stops_lifted_whole")),
        sa.PrimaryKeyConstraint("id", name="pk_channel_stops"),
    )
    op.create_index(
        "uq_channel_stops_standing",
        "channel_stops",
        ["channel"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_messages_parked", "messages", ["id"], sqlite_where=PARKED, postgresql_where=PARKED)
    op.create_index(
        "ix_journal_events_stuck", "journal_events", ["state", "id"], sqlite_where=STUCK, postgresql_where=STUCK
    )


def downgrade() -> None:
    """Drop the indexes and the table."""
    op.drop_index("ix_messages_parked", "messages")
    op.drop_index("ix_journal_events_stuck", "journal_events")
    op.drop_table("channel_stops")
