"""Comparing our journal with what the case system holds, stream by stream, and putting right what can be.

Ours is read before theirs: whatever we then believe to be there must be there. What they lack is delivered again
under its old id; receipts we lack are taken over; what neither explains is told to a human.
"""

import enum
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from adapters.contract import CaseSystem, StreamStanding
from messaging.clock import Clock
from messaging.database.engine import Database
from messaging.journal.models import EventState, JournalEvent, JournalStream
from messaging.journal.settling import Settled, reopen, settle

log = structlog.get_logger()

PAGE = 200
"""Streams asked for at once; the case system takes at most 500."""

MOST_IDS = 1000
"""Ids in one statement."""

BELIEVED_THERE = frozenset({EventState.DELIVERED, EventState.RECEIPTED})


class Doubt(enum.StrEnum):
    """What reconciliation cannot put right by itself."""

    MISSING_HERE = "missing_here"
    """A number of the stream has no event: it was lost here."""
    UNKNOWN_HERE = "unknown_here"
    """The case system holds a number we never gave, as after restoring an old backup."""
    OTHER_RECEIPT = "other_receipt"
    """Both have a receipt number, and they differ."""
    COUNT_DIFFERS = "count_differs"
    """The case system's count does not fit its own highest number and gaps."""


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """A doubt about a stream; `seq` where it is about one number."""

    stream_id: uuid.UUID
    doubt: Doubt
    seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was compared and what came of it."""

    streams: int = 0
    events: int = 0
    receipts_taken: int = 0
    replayed: int = 0
    discrepancies: tuple[Discrepancy, ...] = ()

    def __add__(self, other: "Reconciliation") -> "Reconciliation":
        return Reconciliation(
            streams=self.streams + other.streams,
            events=self.events + other.events,
            receipts_taken=self.receipts_taken + other.receipts_taken,
            replayed=self.replayed + other.replayed,
            discrepancies=self.discrepancies + other.discrepancies,
        )


@dataclass(frozen=True, kw_only=True)
class _Stream:
    """A stream as we have it: its last number, and its events by number."""

    id: uuid.UUID
    last_seq: int
    events: Mapping[int, Any]


def reconcile(
    database: Database,
    case_system: CaseSystem,
    *,
    clock: Clock,
    page_size: int = PAGE,
    progress: Callable[[int], None] = lambda _: None,
) -> Reconciliation:
    """Compare all streams and repair. `progress` hears how many streams are done after each page.

    Raises TryLater or Misconfigured when the case system cannot say; pages done until then stay repaired.
    """
    total = Reconciliation()
    for page in _pages(database, page_size):
        standings = {one.stream_id: one for one in case_system.standing([str(stream.id) for stream in page])}
        with database.write() as session:
            total += _repair(session, page, standings, now=clock.now())
        progress(total.streams)
    for one in total.discrepancies:
        log.error("journal.discrepancy", stream_id=str(one.stream_id), doubt=one.doubt, seq=one.seq)
    return total


def _pages(database: Database, size: int) -> Iterator[Sequence[_Stream]]:
    last = uuid.UUID(int=0)
    while True:
        with database.read() as session:
            page = _page_after(session, last, size)
        if not page:
            return
        yield page
        last = page[-1].id


def _page_after(session: Session, last: uuid.UUID, size: int) -> list[_Stream]:
    streams = session.execute(
        sa.select(JournalStream.id, JournalStream.last_seq)
        .where(JournalStream.id > last)
        .order_by(JournalStream.id)
        .limit(size)
    ).all()
    events: dict[uuid.UUID, dict[int, Any]] = {stream.id: {} for stream in streams}
    rows = session.execute(
        sa.select(
            JournalEvent.stream_id,
            JournalEvent.seq,
            JournalEvent.id,
            JournalEvent.state,
            JournalEvent.receipt_number,
        ).where(JournalEvent.stream_id.in_(events))
    )
    for row in rows:
        events[row.stream_id][row.seq] = row
    return [_Stream(id=stream.id, last_seq=stream.last_seq, events=events[stream.id]) for stream in streams]


def _repair(
    session: Session, page: Sequence[_Stream], standings: Mapping[str, StreamStanding], *, now: datetime
) -> Reconciliation:
    """Repair one page; streams the case system did not mention are left for the next time."""
    known = [(stream, standings[str(stream.id)]) for stream in page if str(stream.id) in standings]
    receipts = [one for stream, theirs in known for one in _receipts_we_lack(stream, theirs, now=now)]
    lost = [event_id for stream, theirs in known for event_id in _events_they_lack(stream, theirs)]
    settle(session, receipts)
    replayed = sum(
        reopen(session, among=sa.and_(JournalEvent.id.in_(some), JournalEvent.state.in_(BELIEVED_THERE)))
        for some in _chunks(lost)
    )
    return Reconciliation(
        streams=len(page),
        events=sum(len(stream.events) for stream in page),
        receipts_taken=len(receipts),
        replayed=replayed,
        discrepancies=tuple(_discrepancies(session, known)),
    )


def _chunks(event_ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    """Split a list that may hold everything there is into parts that fit into a statement."""
    for start in range(0, len(event_ids), MOST_IDS):
        yield event_ids[start : start + MOST_IDS]


def _receipts_we_lack(stream: _Stream, theirs: StreamStanding, *, now: datetime) -> Iterator[Settled]:
    for seq, number in theirs.receipts.items():
        event = stream.events.get(seq)
        if event is not None and event.state is not EventState.RECEIPTED:
            yield Settled(event_id=event.id, state=EventState.RECEIPTED, receipt_number=number, receipted_at=now)


def _events_they_lack(stream: _Stream, theirs: StreamStanding) -> Iterator[uuid.UUID]:
    missing = set(theirs.missing)
    for seq, event in stream.events.items():
        if event.state in BELIEVED_THERE and (seq > theirs.highest or seq in missing):
            yield event.id


def _discrepancies(session: Session, known: Sequence[tuple[_Stream, StreamStanding]]) -> Iterator[Discrepancy]:
    ahead = [stream.id for stream, theirs in known if theirs.highest > stream.last_seq]
    by_now = {
        row.id: row.last_seq
        for row in session.execute(
            sa.select(JournalStream.id, JournalStream.last_seq).where(JournalStream.id.in_(ahead))
        )
    }
    for stream, theirs in known:
        for seq in sorted(set(range(1, stream.last_seq + 1)) - stream.events.keys()):
            yield Discrepancy(stream_id=stream.id, doubt=Doubt.MISSING_HERE, seq=seq)
        if theirs.highest > by_now.get(stream.id, theirs.highest):
            yield Discrepancy(stream_id=stream.id, doubt=Doubt.UNKNOWN_HERE, seq=theirs.highest)
        if theirs.count != theirs.highest - len(theirs.missing):
            yield Discrepancy(stream_id=stream.id, doubt=Doubt.COUNT_DIFFERS)
        yield from _other_receipts(stream, theirs)


def _other_receipts(stream: _Stream, theirs: StreamStanding) -> Iterator[Discrepancy]:
    for seq, number in sorted(theirs.receipts.items()):
        event = stream.events.get(seq)
        if event is not None and event.receipt_number not in {None, number}:
            yield Discrepancy(stream_id=stream.id, doubt=Doubt.OTHER_RECEIPT, seq=seq)
