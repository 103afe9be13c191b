"""How long things take in each unit: until an SMS is delivered, a citizen replies, and she is answered.

Medians of five at least, and of ten at least within what nine in ten were: the longest is somebody's, and not told.
Behind each stand the citizens of three caseworkers at least: nobody reads out of it how fast one of them is.
"""

import enum
import math
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import DeliveryStatus
from messaging.conversations.models import Attempt, Author, Direction, Kind, Message, Receipt
from messaging.conversations.note_models import OF_CONTACT, Note
from messaging.conversations.states import PROOF, MessageState
from messaging.people.discretion import FEWEST_CASEWORKERS
from messaging.people.models import CaseloadEntry, Caseworker, Unit

FEWEST_SHOWN = 5
FEWEST_OF_TEN = 10
AT_ONCE = 500
LONGEST_REPLY = timedelta(days=7)
"""What a citizen writes later than this is no reply to what we wrote last."""
REPLIED_TO = frozenset({Kind.TEXT, Kind.REMINDER, Kind.NOTICE})
LEFT_OR_CAME = frozenset({MessageState.RECEIVED, MessageState.SENT, *PROOF})
PROVES_DELIVERY = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ})


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How long something took: `median` of five at least, `ninth` (within which nine in ten were) of ten; else None.
    Both are None where fewer than three caseworkers stand behind it.
    """

    number: int
    median: timedelta | None
    ninth: timedelta | None


@dataclass(frozen=True, kw_only=True)
class UnitTimes:
    """Of one unit: from handing an SMS to the provider until its receipt; from what we wrote to the citizen's reply;
    from the first thing she wrote to a caseworker's answer, in writing or by a talk that was noted.
    """

    unit: str
    delivery: Spread
    reply: Spread
    answer: Spread


class Turn(enum.Enum):
    """Whose turn something in a thread is."""

    CITIZEN = enum.auto()
    """She wrote."""
    STAFF = enum.auto()
    """A caseworker wrote."""
    SENT = enum.auto()
    """Something left by itself that she may reply to, such as a reminder."""
    TALK = enum.auto()
    """We spoke with her, as a note says."""


Moments = Sequence[tuple[datetime, Turn]]
"""A thread's turns in the order of time."""
Lasted = dict[uuid.UUID, list[timedelta]]
"""How long something took in a unit, by the caseworker whose citizens it was."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Who looks after a citizen now, and where."""

    unit: str
    caseworker_id: uuid.UUID


def times(session: Session, *, since: datetime, until: datetime) -> Sequence[UnitTimes]:
    """Return the times of each unit for what began in [since, until). A citizen is in her present caseworker's unit."""
    places = _places(session)
    deliveries: dict[str, Lasted] = {}
    replies: dict[str, Lasted] = {}
    answers: dict[str, Lasted] = {}
    for citizen_id, duration in _deliveries(session, since=since, until=until):
        if place := places.get(citizen_id):
            _add(deliveries, place, [duration])
    for citizen_id, moments in _threads(session, sorted(places), since=since, until=until):
        replied, answered = waits(moments)
        _add(replies, places[citizen_id], replied)
        _add(answers, places[citizen_id], answered)
    return [
        UnitTimes(
            unit=unit,
            delivery=_of_several(deliveries.get(unit, {})),
            reply=_of_several(replies.get(unit, {})),
            answer=_of_several(answers.get(unit, {})),
        )
        for unit in sorted(deliveries.keys() | replies.keys())
    ]


def waits(moments: Moments) -> tuple[list[timedelta], list[timedelta]]:
    """Return how long the citizen took to reply to us, and we to answer her, in one thread.

    Of several in a row the last of ours counts, which she replies to, and the first of hers, since when she waits.
    """
    replied: list[timedelta] = []
    answered: list[timedelta] = []
    ours: datetime | None = None
    hers: datetime | None = None
    for at, turn in moments:
        if turn is Turn.CITIZEN:
            if ours is not None and at - ours <= LONGEST_REPLY:
                replied.append(at - ours)
            ours, hers = None, hers or at
            continue
        if turn is not Turn.SENT and hers is not None:
            answered.append(at - hers)
            hers = None
        if turn is not Turn.TALK:
            ours = at
    return replied, answered


def spread(durations: Iterable[timedelta]) -> Spread:
    """Return the spread of some durations, by nearest rank."""
    ordered = sorted(durations)
    return Spread(
        number=len(ordered),
        median=_rank(ordered, 0.5) if len(ordered) >= FEWEST_SHOWN else None,
        ninth=_rank(ordered, 0.9) if len(ordered) >= FEWEST_OF_TEN else None,
    )


def _of_several(lasted: Lasted) -> Spread:
    told = spread(duration for durations in lasted.values() for duration in durations)
    behind = sum(1 for durations in lasted.values() if durations)
    return told if behind >= FEWEST_CASEWORKERS else replace(told, median=None, ninth=None)


def _add(lasted: dict[str, Lasted], place: _Place, durations: Iterable[timedelta]) -> None:
    lasted.setdefault(place.unit, {}).setdefault(place.caseworker_id, []).extend(durations)


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _places(session: Session) -> Mapping[uuid.UUID, _Place]:
    rows = session.execute(
        sa.select(CaseloadEntry.citizen_id, CaseloadEntry.caseworker_id, Unit.name)
        .join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        .join(Unit, Unit.id == Caseworker.unit_id)
        .where(CaseloadEntry.valid_to.is_(None))
    )
    return {row.citizen_id: _Place(unit=row.name, caseworker_id=row.caseworker_id) for row in rows}


def _deliveries(session: Session, *, since: datetime, until: datetime) -> Iterator[tuple[uuid.UUID, timedelta]]:
    first = sa.func.min(Receipt.received_at, type_=Receipt.received_at.type)
    rows = session.execute(
        sa.select(Message.conversation_id, Attempt.intended_at, first)
        .join(Attempt, Attempt.message_id == Message.id)
        .join(Receipt, Receipt.attempt_id == Attempt.id)
        .where(
            Message.conversation_id.is_not(None),
            Receipt.status.in_(PROVES_DELIVERY),
            Attempt.intended_at >= since,
            Attempt.intended_at < until,
        )
        .group_by(Message.conversation_id, Attempt.id, Attempt.intended_at)
    )
    for citizen_id, intended_at, delivered_at in rows:
        if citizen_id is not None:
            yield citizen_id, max(delivered_at - intended_at, timedelta())


def _threads(
    session: Session, citizens: Sequence[uuid.UUID], *, since: datetime, until: datetime
) -> Iterator[tuple[uuid.UUID, Moments]]:
    """Yield the threads of these citizens with a message in that time, some at a time."""
    talks: dict[uuid.UUID, list[tuple[datetime, Turn]]] = {}
    noted = sa.select(Note.citizen_id, Note.occurred_at).where(
        Note.kind.in_(OF_CONTACT), Note.reached.is_(True), Note.occurred_at >= since, Note.occurred_at < until
    )
    for citizen_id, at in session.execute(noted):
        talks.setdefault(citizen_id, []).append((at, Turn.TALK))
    for start in range(0, len(citizens), AT_ONCE):
        written = _written(session, citizens[start : start + AT_ONCE], since=since, until=until)
        for citizen_id, moments in written.items():
            yield citizen_id, sorted([*moments, *talks.get(citizen_id, ())], key=lambda moment: moment[0])


def _written(
    session: Session, citizens: Sequence[uuid.UUID], *, since: datetime, until: datetime
) -> Mapping[uuid.UUID, list[tuple[datetime, Turn]]]:
    rows = session.execute(
        sa.select(Message.conversation_id, Message.direction, Message.author, Message.created_at, Message.due_at).where(
            Message.conversation_id.in_(citizens),
            Message.created_at >= since,
            Message.created_at < until,
            Message.kind.in_(REPLIED_TO),
            Message.state.in_(LEFT_OR_CAME),
        )
    )
    written: dict[uuid.UUID, list[tuple[datetime, Turn]]] = {}
    for citizen_id, direction, author, created_at, due_at in rows:
        if citizen_id is not None:
            written.setdefault(citizen_id, []).append(_moment(direction, author, created_at, due_at))
    return written


def _moment(direction: Direction, author: Author, created_at: datetime, due_at: datetime) -> tuple[datetime, Turn]:
    if direction is Direction.IN:
        return created_at, Turn.CITIZEN
    return due_at, Turn.STAFF if author is Author.CASEWORKER else Turn.SENT
