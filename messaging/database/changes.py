"""The one table that says, after a commit, that something happened: who needs to know tails it by position.

A change names a kind and an object, never content. Positions are given when a row is written, not when it commits, so
on PostgreSQL a lower position may appear after a higher one; a tail therefore looks again at everything younger than
the longest transaction, and remembers what it has already handed out.
"""

import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from messaging.database.base import Base
from messaging.database.many_rows import insert_many
from messaging.database.moments import database_clock, database_now

OVERLAP_SECONDS = 60
"""Longer than a transaction here lasts: none waits for the network, and statements and idling have time-outs."""


OVERLAP_SECONDS_OF_LATEST = 5
"""Shorter, for those who look often and whose readers can live with a miss."""


class Change(Base):
    """One thing that happened: `message.received` of a message, `appointment.changed` of an appointment."""

    __tablename__ = "changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    object_id: Mapped[uuid.UUID]
    happened_at: Mapped[datetime] = mapped_column(server_default=database_clock(), index=True)


class TailPosition(Base):
    """How far a named reader has come, so that it goes on there after a restart."""

    __tablename__ = "tail_positions"

    reader: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


@dataclass(frozen=True, kw_only=True)
class SeenChange:
    """A change as a reader sees it."""

    position: int
    kind: str
    object_id: uuid.UUID


def announce(session: Session, kind: str, *, object_id: uuid.UUID) -> None:
    """Say that something happened; seen by the tails when the transaction commits."""
    session.execute(sa.insert(Change).values(kind=kind, object_id=object_id))


def announce_many(session: Session, kind: str, *, object_ids: Iterable[uuid.UUID]) -> None:
    """As `announce`, of many in one statement."""
    insert_many(session, Change, [{"kind": kind, "object_id": object_id} for object_id in object_ids])


class Tail:
    """One reader of the changes of some kinds. After a restart it may hand out some again: readers are idempotent."""

    def __init__(self, reader: str, *, kinds: frozenset[str], limit: int = 500) -> None:
        self._reader = reader
        self._kinds = kinds
        self._limit = limit
        self._handed: OrderedDict[int, None] = OrderedDict()

    def next(self, session: Session) -> list[SeenChange]:
        """Return the changes not handed out yet, oldest first. Call `settle` once they are dealt with."""
        settled = session.scalar(sa.select(TailPosition.position).filter_by(reader=self._reader)) or 0
        rows = session.execute(
            sa.select(Change.position, Change.kind, Change.object_id)
            .where(Change.position > settled, Change.kind.in_(self._kinds))
            .order_by(Change.position)
            .limit(self._limit + len(self._handed))
        )
        fresh = (row for row in rows if row.position not in self._handed)
        return [SeenChange(position=row.position, kind=row.kind, object_id=row.object_id) for row in fresh]

    def settle(self, session: Session, changes: list[SeenChange]) -> None:
        """Note that these are dealt with; moves the stored position past what can no longer change."""
        self._handed.update((change.position, None) for change in changes)
        safe = _safe_position(session, overlap=OVERLAP_SECONDS)
        done = [position for position in self._handed if position <= safe]
        if not done:
            return
        for position in done:
            del self._handed[position]
        self._store(session, max(done))

    def _store(self, session: Session, position: int) -> None:
        moved = session.execute(
            sa.update(TailPosition).where(TailPosition.reader == self._reader).values(position=position)
        )
        if not moved.rowcount:  # type: ignore[attr-defined]
            session.add(TailPosition(reader=self._reader, position=position))


class LatestChanges:
    """The changes from the first asking on, for a reader that needs nothing of the past and keeps no place.

    What commits later than `OVERLAP_SECONDS_OF_LATEST` after it was written may be missed.
    """

    def __init__(self, *, limit: int = 2000) -> None:
        self._limit = limit
        self._from: int | None = None
        self._handed: set[int] = set()

    def next(self, session: Session) -> list[SeenChange]:
        """Return the changes not handed out yet, oldest first."""
        if self._from is None:
            self._from = session.scalar(sa.select(sa.func.max(Change.position))) or 0
            return []
        rows = session.execute(
            sa.select(Change.position, Change.kind, Change.object_id)
            .where(Change.position > self._from)
            .order_by(Change.position)
            .limit(self._limit + len(self._handed))
        ).all()
        fresh = [SeenChange(position=at, kind=kind, object_id=of) for at, kind, of in rows if at not in self._handed]
        self._handed.update(change.position for change in fresh)
        if self._handed:
            self._forget(_safe_position(session, overlap=OVERLAP_SECONDS_OF_LATEST))
        return fresh

    def _forget(self, safe: int) -> None:
        """Move on to where nothing can appear any more, but never past what was not handed out."""
        settled = {position for position in self._handed if position <= safe}
        self._from = max(settled, default=self._from)
        self._handed -= settled


def _safe_position(session: Session, *, overlap: float) -> int:
    """Return where nothing appears below any more, if nobody needs more than `overlap` seconds to commit."""
    highest = sa.select(sa.func.max(Change.position))
    if session.get_bind().dialect.name != "sqlite":  # SQLite has one writer at a time: positions commit in order
        highest = highest.where(Change.happened_at < database_now(-overlap))
    return session.scalar(highest) or 0
