"""How the service is, read from the rows: channels, journal, background work. Ids, codes and ages; no content."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments import work as appointment_work
from messaging.conversations import indexing
from messaging.conversations.models import Attempt, Direction, InboundEvent, Message
from messaging.conversations.states import AttemptState, MessageState
from messaging.database.changes import Change, TailPosition
from messaging.database.moments import database_now
from messaging.journal.models import EventState, JournalEvent
from messaging.work.doctor import SILENT_SECONDS
from messaging.work.lanes import MESSAGE_LANES, Lane
from messaging.work.models import BreakerRow, Heartbeat

SHOWN = 50
"""Rows of a list; who has more than so many stuck first deals with these."""
FAILED_ATTEMPTS = frozenset({AttemptState.REFUSED, AttemptState.NOT_SENT, AttemptState.UNCLEAR})
HOUR = timedelta(hours=1)

TAILS: Mapping[str, frozenset[str]] = {
    indexing.READER: indexing.KINDS,
    appointment_work.READER: appointment_work.KINDS,
}
"""Who follows the changes, and which kinds of them."""


@dataclass(frozen=True, kw_only=True)
class ChannelHealth:
    """What went through a channel: when it last brought and took something, and how many attempts failed lately."""

    last_in: datetime | None
    last_out: datetime | None
    attempts: int
    failed: int
    waiting: int

    @property
    def failed_percent(self) -> int:
        """The share of the last hour's attempts that failed."""
        return round(100 * self.failed / self.attempts) if self.attempts else 0


@dataclass(frozen=True, kw_only=True)
class StuckEvent:
    """An event of the journal that is not in the case system; `waited` by the database's clock."""

    id: uuid.UUID
    type: str
    state: EventState
    waited: timedelta
    tries: int
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What one lane has to do: how much is due, since when the oldest, and how many were held by who died."""

    lane: Lane
    due: int
    oldest: datetime | None
    abandoned: int


@dataclass(frozen=True, kw_only=True)
class TailLag:
    """How long the oldest change has waited that a reader has not settled; None if it has seen all."""

    reader: str
    behind: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A message at which processes died again and again, and that was given up for that."""

    id: uuid.UUID
    lane: Lane
    since: datetime


def channel_health(session: Session, *, channel: str, at: datetime) -> ChannelHealth:
    """Look at what a channel carried; ids sort by time, so the last ones are found without looking at the others."""
    last_in = sa.select(InboundEvent.received_at).filter_by(channel=channel).order_by(InboundEvent.id.desc()).limit(1)
    last_out = (
        sa.select(Attempt.answered_at)
        .filter_by(channel=channel, state=AttemptState.ACCEPTED)
        .order_by(Attempt.id.desc())
        .limit(1)
    )
    lately = sa.select(sa.func.count(), sa.func.count().filter(Attempt.state.in_(FAILED_ATTEMPTS))).where(
        Attempt.channel == channel, Attempt.id > smallest_id(at - HOUR)
    )
    attempts, failed = session.execute(lately).one()
    return ChannelHealth(
        last_in=session.scalar(last_in),
        last_out=session.scalar(last_out),
        attempts=attempts,
        failed=failed,
        waiting=sum(queue.due for queue in queues(session, at=at) if queue.lane in MESSAGE_LANES),
    )


def count_stuck(session: Session) -> dict[EventState, int]:
    """Count the events that wait for a human."""
    counted = session.execute(
        sa.select(JournalEvent.state, sa.func.count())
        .where(JournalEvent.state.in_((EventState.PARKED, EventState.REJECTED)))
        .group_by(JournalEvent.state)
    )
    return {EventState.PARKED: 0, EventState.REJECTED: 0} | {row.state: row[1] for row in counted}


def stuck_events(session: Session, state: EventState) -> list[StuckEvent]:
    """Return the first events of a state, the oldest first."""
    rows = session.execute(
        sa.select(JournalEvent, database_now())
        .where(JournalEvent.state == sa.literal_column(f"'{state.value}'"))
        .order_by(JournalEvent.id)
        .limit(SHOWN)
    )
    return [
        StuckEvent(
            id=event.id,
            type=event.type,
            state=event.state,
            waited=now - event.pending_since,
            tries=event.tries,
            reason=event.reason,
        )
        for event, now in rows
    ]


def queues(session: Session, *, at: datetime) -> list[Queue]:
    """Return what each lane has to do."""
    is_due = sa.and_(Message.state == MessageState.QUEUED, Message.direction == Direction.OUT, Message.due_at <= at)
    abandoned = sa.func.count().filter(Message.lease_until < database_now())
    rows = session.execute(
        sa.select(Message.lane, sa.func.count(), sa.func.min(Message.due_at), abandoned)
        .where(is_due)
        .group_by(Message.lane)
    )
    found = {lane: Queue(lane=lane, due=due, oldest=oldest, abandoned=left) for lane, due, oldest, left in rows}
    nothing = [Queue(lane=lane, due=0, oldest=None, abandoned=0) for lane in MESSAGE_LANES]
    return [*(found.get(empty.lane, empty) for empty in nothing), _journal_queue(session)]


def tails(session: Session) -> list[TailLag]:
    """Say how far behind the changes each reader is."""
    return [TailLag(reader=reader, behind=_behind(session, reader, kinds)) for reader, kinds in TAILS.items()]


def parked_messages(session: Session) -> list[Parked]:
    """Return the messages that were given up last because processes died with them."""
    rows = session.execute(
        sa.select(Message.id, Message.lane, Message.state_since)
        .where(Message.state == MessageState.FAILED, Message.reason == "parked")
        .order_by(Message.id.desc())
        .limit(SHOWN)
    )
    return [Parked(id=id_, lane=lane, since=since) for id_, lane, since in rows]


def heartbeats(session: Session) -> Sequence[tuple[Heartbeat, bool]]:
    """Return the loops of the worker, each with whether it is silent."""
    silent = Heartbeat.beat_at < database_now(-SILENT_SECONDS)
    rows = session.execute(sa.select(Heartbeat, silent).order_by(Heartbeat.name))
    return [(beat, is_silent) for beat, is_silent in rows]


def breakers(session: Session) -> Sequence[BreakerRow]:
    """Return what is known of the endpoints of the outside world."""
    return session.scalars(sa.select(BreakerRow).order_by(BreakerRow.name)).all()


def smallest_id(at: datetime) -> uuid.UUID:
    """Return the smallest UUIDv7 of a moment: ids made before it are smaller, ids made later greater."""
    return uuid.UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def _journal_queue(session: Session) -> Queue:
    pending = JournalEvent.state == sa.literal_column(f"'{EventState.PENDING.value}'")
    abandoned = sa.func.count().filter(JournalEvent.lease_until < database_now())
    due, oldest, left = session.execute(
        sa.select(sa.func.count(), sa.func.min(JournalEvent.pending_since), abandoned).where(pending)
    ).one()
    return Queue(lane=Lane.JOURNAL, due=due, oldest=oldest, abandoned=left)


def _behind(session: Session, reader: str, kinds: frozenset[str]) -> timedelta | None:
    settled = session.scalar(sa.select(TailPosition.position).filter_by(reader=reader)) or 0
    row = session.execute(
        sa.select(Change.happened_at, database_now())
        .where(Change.position > settled, Change.kind.in_(kinds))
        .order_by(Change.position)
        .limit(1)
    ).first()
    return None if row is None else row[1] - row[0]
