"""The tables of the audit trail: its entries, and how far they are chained."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id


class AuditEntry(Base):
    """One act. Ids and words only, so that nobody's erasure ever breaks the chain.

    `digest` is a keyed digest of the facts of the act, `mac` proves that the service wrote the entry. `position` and
    `chain` are empty until the entry is chained, about a second later.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index(
            "uq_audit_entries_position",
            "position",
            unique=True,
            sqlite_where=sa.text("position IS NOT NULL"),
            postgresql_where=sa.text("position IS NOT NULL"),
        ),
        sa.Index(
            "ix_audit_entries_unchained",
            "id",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        ),
        sa.CheckConstraint("(position IS NULL) = (chain IS NULL)", name="chained_whole"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[uuid.UUID]
    digest: Mapped[bytes]
    mac: Mapped[bytes]
    position: Mapped[int | None]
    chain: Mapped[bytes | None]


class AuditHead(Base):
    """The one row that tells the last link of the chain, and up to where a signed head has left this database."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    chain: Mapped[bytes]
    anchored_position: Mapped[int]
    anchored_at: Mapped[datetime]
