"""Messages marked as threats."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0011"
down_revision = "0010"

STANDING = sa.text("taken_back_at IS NULL")
TAKEN_BACK = "(taken_back_at IS NULL) = (taken_back_by IS NULL)"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "threats",
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("message_id", "messages", nullable=False),
        _reference("citizen_id", "citizens", nullable=False),
        _sealed("note", nullable=False),
        sa.Column("occurred_at", Moment(), nullable=False),
        sa.Column("marked_at", Moment(), nullable=False),
        _reference("marked_by", "caseworkers", nullable=False),
        sa.Column("seen_at", Moment(), nullable=True),
        _reference("seen_by", "caseworkers", nullable=True),
        sa.Column("taken_back_at", Moment(), nullable=True),
        _reference("taken_back_by", "caseworkers", nullable=True),
        _sealed("taken_back_why", nullable=True),
        sa.CheckConstraint(TAKEN_BACK, name=op.f("ck_threats_taken_back_by_somebody")),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_threats_seen_by_somebody")),
        sa.PrimaryKeyConstraint("id", name="pk_threats"),
    )
    op.create_index("ix_threats_citizen", "threats", ["citizen_id"])
    op.create_index(
        "uq_threats_standing",
        "threats",
        ["message_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    """Drop the threats."""
    op.drop_table("threats")


def _reference(column: str, table: str, *, nullable: bool) -> sa.Column[object]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_threats_{column}")
    return sa.Column(column, sa.Uuid(), key, nullable=nullable)


def _sealed(column: str, *, nullable: bool) -> sa.Column[object]:
    check = sa.CheckConstraint(sealed_form(column), name=op.f(f"ck_threats_{column}_sealed"))
    return sa.Column(column, SealedType(), check, nullable=nullable)
