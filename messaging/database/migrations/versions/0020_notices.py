"""Telling citizens of what lies in the app: the browsers that take pushes, the notices, and each push."""

import uuid

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.database.moments import database_clock
from messaging.vault.sealed import SealedType, sealed_form

revision = "0020"
down_revision = "0019"

OPEN = sa.text("ended_at IS NULL")
PLANNED = sa.text("state = 'planned'")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _reference(
    table: str, column: str, to: str, *, nullable: bool = False, unique: bool | None = None
) -> sa.Column[uuid.UUID]:
    key = sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid(), key, nullable=nullable, unique=unique)


def upgrade() -> None:
    """Make the tables."""
    _push_subscriptions()
    _notices()
    _pushes()


def _push_subscriptions() -> None:
    table = "push_subscriptions"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference(table, "citizen_id", "citizens"),
        _reference(table, "device_id", "devices"),
        _reference(table, "session_id", "app_sessions"),
        sa.Column("endpoint_index", sa.LargeBinary(), nullable=False),
        sa.Column(
            "subscription",
            SealedType(),
            sa.CheckConstraint(sealed_form("subscription"), name=op.f("ck_push_subscriptions_subscription_sealed")),
            nullable=False,
        ),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_why", _word("pushend", "citizen", "signed_out", "device", "gone", "replaced"), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
    )
    for column in ("citizen_id", "device_id", "session_id"):
        op.create_index(f"ix_push_subscriptions_{column}", table, [column])
    op.create_index(
        "uq_push_subscriptions_living",
        table,
        ["endpoint_index"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _notices() -> None:
    table = "notices"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference(table, "citizen_id", "citizens"),
        _reference(table, "message_id", "messages", unique=True),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("sms_due_at", Moment(), nullable=True),
        _reference(table, "sms_message_id", "messages", nullable=True, unique=True),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_why", _word("noticeend", "read", "told", "not_reachable", "unwritable"), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("uq_notices_open", table, ["citizen_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_notices_sms_due", table, ["sms_due_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_notices_told", table, ["citizen_id", "told_at"])


def _pushes() -> None:
    table = "pushes"
    states = _word("pushstate", "planned", "intended", "accepted", "refused", "unclear", "dropped")
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference(table, "notice_id", "notices"),
        _reference(table, "subscription_id", "push_subscriptions"),
        sa.Column("state", states, nullable=False),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", Moment(), server_default=database_clock(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.UniqueConstraint("notice_id", "subscription_id", name="uq_pushes_notice_id_subscription_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pushes"),
    )
    op.create_index("ix_pushes_subscription_id", table, ["subscription_id"])
    op.create_index("ix_pushes_due", table, ["due_at"], sqlite_where=PLANNED, postgresql_where=PLANNED)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("pushes")
    op.drop_table("notices")
    op.drop_table("push_subscriptions")
