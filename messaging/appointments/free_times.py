"""Free times: handed in by booking sources, offered to who asks for another time, wished for by a number.

A wish moves nothing. It stands before the caseworker and is told to the source, which moves the meeting or does not.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from messaging.appointments.free_time_models import FreeTime, HeldTime, OfferedTime
from messaging.appointments.models import Appointment, Form
from messaging.appointments.states import AppointmentState
from messaging.conversations.models import Message
from messaging.conversations.rendering import short_day, wall_clock
from messaging.database.base import new_id
from messaging.database.upserts import insert_into
from messaging.errors import InvalidInput
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.models import Caseworker

NUMBERS = (4, 5, 6)
"""What she answers with: never the 1 and 2 of reminders, so that an answer can only mean one thing."""
AHEAD = timedelta(days=1)
"""A time sooner than this is not offered: somebody must still say that she gets it."""
HELD_FOR = timedelta(days=2)
"""How long a time that one has wished for is offered to nobody else."""

_NUMBER = re.compile(r"\s*(?:svar|nr\.?|nummer|tid)?\s*([4-6])\s*[.!)]?\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class NewFreeTime:
    """A free time as its source hands it in: of a caseworker, or of a unit."""

    external_id: str
    caseworker_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    meeting_type: str
    form: Form
    starts_at: datetime
    minutes: int
    until: datetime


Named = FreeTime | HeldTime | OfferedTime
"""What names a free time, as its source does."""


def hand_in(act: Act, times: Sequence[NewFreeTime], *, source: str) -> None:
    """Take these for all the times of a source that are free; what it named before and does not now is free no more.

    Raises InvalidInput where two have one id.
    """
    if len({time.external_id for time in times}) < len(times):
        raise InvalidInput("two free times have the same id", field="external_id")
    act.session.execute(sa.delete(FreeTime).where(FreeTime.source == source))
    act.session.execute(sa.delete(HeldTime).where(HeldTime.source == source, HeldTime.until <= act.now))
    rows = [{"id": new_id(), "source": source, **asdict(time)} for time in times]
    if rows:
        act.session.execute(insert_into(act.session, FreeTime), rows)
    act.audit("free_times.handed_in", object_kind="free times", object_id=new_id(), facts={"count": len(rows)})


def offer(act: Act, appointment: Appointment) -> list[OfferedTime]:
    """Note the first free times that fit a meeting as offered, and return them; none if they were offered before."""
    before = sa.exists().where(
        OfferedTime.appointment_id == appointment.id, OfferedTime.revision == appointment.revision
    )
    if act.session.scalar(sa.select(before)):
        return []
    unit = sa.select(Caseworker.unit_id).where(Caseworker.id == appointment.caseworker_id).scalar_subquery()
    found = act.session.scalars(
        sa.select(FreeTime)
        .where(
            *_free(act.now, besides=appointment.id),
            FreeTime.meeting_type == appointment.meeting_type,
            FreeTime.form == appointment.form,
            FreeTime.starts_at > act.now + AHEAD,
            FreeTime.starts_at != appointment.starts_at,
            sa.or_(FreeTime.caseworker_id == appointment.caseworker_id, FreeTime.unit_id == unit),
        )
        .order_by(FreeTime.starts_at, FreeTime.id)
    )
    # Two colleagues free at one hour are one choice to her.
    first = {free.starts_at: free for free in reversed(found.all())}
    offered = [
        OfferedTime(
            appointment_id=appointment.id,
            revision=appointment.revision,
            number=number,
            source=free.source,
            external_id=free.external_id,
            starts_at=free.starts_at,
            minutes=free.minutes,
            offered_at=act.now,
        )
        for number, (_, free) in zip(NUMBERS, sorted(first.items()), strict=False)
    ]
    act.session.add_all(offered)
    act.session.flush()
    return offered


def chosen_time(session: Session, message: Message, text: str) -> OfferedTime | None:
    """Return which offered time a message names, if it is nothing but a number; of several offers the last counts."""
    number = _NUMBER.fullmatch(text)
    if number is None or message.conversation_id is None:
        return None
    return session.scalars(
        _standing()
        .where(
            Appointment.citizen_id == message.conversation_id,
            Appointment.starts_at > message.created_at,
            OfferedTime.number == int(number[1]),
        )
        .order_by(OfferedTime.offered_at.desc())
        .limit(1)
    ).first()


def wish(act: Act, chosen: OfferedTime, *, citizen_id: uuid.UUID, message_id: uuid.UUID) -> bool:
    """Note that she wishes for this time, in place of an earlier wish for the meeting; False if it is free no more."""
    free = sa.select(FreeTime.id).where(
        _names(FreeTime, chosen),
        FreeTime.starts_at == chosen.starts_at,
        *_free(act.now, besides=chosen.appointment_id),
    )
    if act.session.scalar(free) is None or not _hold(act, chosen):
        return False
    siblings = OfferedTime.appointment_id == chosen.appointment_id, OfferedTime.revision == chosen.revision
    act.session.execute(sa.update(OfferedTime).where(*siblings).values(wished_at=None, message_id=None))
    chosen.wished_at, chosen.message_id = act.now, message_id
    facts = {
        "message": str(message_id),
        "starts_at": chosen.starts_at.isoformat(),
        "source": chosen.source,
        "free_time": chosen.external_id,
    }
    act.journal(EventType.APPOINTMENT_TIME_WISHED, stream=citizen_id, subject=chosen.appointment_id, facts={**facts})
    act.audit(
        EventType.APPOINTMENT_TIME_WISHED,
        object_kind="appointment",
        object_id=chosen.appointment_id,
        facts={**facts},
    )
    act.announce("appointment.changed", object_id=chosen.appointment_id)
    return True


def choices(
    session: Session, appointment_ids: Collection[uuid.UUID], *, now: datetime
) -> dict[uuid.UUID, list[OfferedTime]]:
    """Return by meeting the times that were offered for it and that she can still choose, by number."""
    rows = session.scalars(
        _standing()
        .join(FreeTime, _names(FreeTime, OfferedTime))
        .where(
            OfferedTime.appointment_id.in_(appointment_ids),
            FreeTime.starts_at == OfferedTime.starts_at,
            *_free(now, besides=OfferedTime.appointment_id),
        )
        .order_by(OfferedTime.appointment_id, OfferedTime.number)
    )
    found: dict[uuid.UUID, list[OfferedTime]] = {}
    for row in rows:
        found.setdefault(row.appointment_id, []).append(row)
    return found


def let_go(act: Act, appointment: Appointment) -> None:
    """Hold no other time for a meeting to which she comes after all."""
    act.session.execute(sa.delete(HeldTime).where(HeldTime.appointment_id == appointment.id))


def wishes_of(session: Session, appointment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, OfferedTime]:
    """Return which time is wished for instead, by meeting."""
    rows = session.scalars(
        _standing().where(OfferedTime.appointment_id.in_(appointment_ids), OfferedTime.wished_at.is_not(None))
    )
    return {row.appointment_id: row for row in rows}


def wishes_for(session: Session, *, source: str, limit: int) -> list[tuple[OfferedTime, Appointment]]:
    """Return the wishes for times of a source whose meetings have not been moved yet, the oldest first."""
    rows = session.execute(
        _standing()
        .add_columns(Appointment)
        .where(OfferedTime.source == source, OfferedTime.wished_at.is_not(None))
        .order_by(OfferedTime.wished_at)
        .limit(limit)
    )
    return [(offered, appointment) for offered, appointment in rows]


def in_words(offered: Iterable[OfferedTime], *, numbered: bool, language: str) -> str:
    """Write times as a message has them: `4=to. 14/10 10.30, 5=…`, or without the numbers."""
    written = [
        (one.number, f"{short_day(one.starts_at, language=language)} {wall_clock(one.starts_at)}") for one in offered
    ]
    return ", ".join(f"{number}={when}" if numbered else when for number, when in written)


def _hold(act: Act, chosen: OfferedTime) -> bool:
    """Hold a time for this meeting, in place of what was held for it; False if it is held for another."""
    taking = insert_into(act.session, HeldTime).values(
        source=chosen.source,
        external_id=chosen.external_id,
        appointment_id=chosen.appointment_id,
        until=act.now + HELD_FOR,
    )
    taken = taking.on_conflict_do_update(
        index_elements=["source", "external_id"],
        set_={"appointment_id": taking.excluded.appointment_id, "until": taking.excluded.until},
        where=sa.or_(HeldTime.until <= act.now, HeldTime.appointment_id == chosen.appointment_id),
    )
    if act.session.scalar(taken.returning(HeldTime.appointment_id)) is None:
        return False
    others = HeldTime.appointment_id == chosen.appointment_id, ~_names(HeldTime, chosen)
    act.session.execute(sa.delete(HeldTime).where(*others))
    return True


def _free(
    now: datetime, *, besides: uuid.UUID | InstrumentedAttribute[uuid.UUID]
) -> tuple[sa.ColumnElement[bool], ...]:
    """What says of a free time that it still is, and is not held for another meeting than this."""
    held = sa.exists().where(_names(HeldTime, FreeTime), HeldTime.until > now, HeldTime.appointment_id != besides)
    return FreeTime.until > now, FreeTime.starts_at > now, ~held


def _names(one: type[Named], other: type[Named] | Named) -> sa.ColumnElement[bool]:
    """Whether both name the same free time."""
    return sa.and_(one.source == other.source, one.external_id == other.external_id)


def _standing() -> sa.Select[OfferedTime]:
    """Offers for meetings that still stand as they were, and for which another time is asked."""
    same = sa.and_(Appointment.id == OfferedTime.appointment_id, Appointment.revision == OfferedTime.revision)
    return sa.select(OfferedTime).join(Appointment, same).where(Appointment.state == AppointmentState.NEW_TIME_ASKED)
