"""What citizens last answered about each meeting, at the time that it had when they did, as staff corrected it.

An answer is understood for the meeting as it stands; where that has been moved since, it was about the earlier time.
Reads, never writes.
"""

import enum
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.attributing import written_at
from messaging.appointments.citizen_answers import RULE as BY_BUTTON
from messaging.appointments.correcting import latest_corrections
from messaging.appointments.models import Appointment, ReadingCorrection, Reminder, ReplyReading
from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import MOVED, ReminderState
from messaging.conversations.models import Message

AT_ONCE = 200


class Said(enum.StrEnum):
    """What an answer says of whether she comes. One that says nothing of it takes nothing back."""

    CONFIRMED = "confirmed"
    NEW_TIME = "new_time"
    """She asks for another time, or says that she cannot."""
    SICK = "sick"


SAID = {Label.CONFIRM: Said.CONFIRMED, Label.NEW_TIME: Said.NEW_TIME, Label.SICK: Said.SICK}

AtItsTime = tuple[uuid.UUID, datetime]
"""A meeting at one of the times it was planned for."""


class _Step(NamedTuple):
    """A reminder, without its words."""

    decided_at: datetime | None
    id: uuid.UUID
    message_id: uuid.UUID | None
    revision: int
    step: str
    due_at: datetime
    state: ReminderState
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    appointment_id: uuid.UUID | None
    """The meeting it was read as being about."""
    said: Said
    at: datetime
    is_of_one: bool
    """Whether it was given at that meeting and no other."""


@dataclass(kw_only=True)
class _Meeting:
    starts_at: datetime
    revision: int
    planned_for: list[datetime] = field(default_factory=list)
    """The times it was planned for, in the order in which that was decided."""
    reminders: list[_Step] = field(default_factory=list)


def last_answers(session: Session, appointment_ids: Collection[uuid.UUID]) -> dict[AtItsTime, Said]:
    """Return what was last said of these meetings before they began, where anything was."""
    asked = frozenset(appointment_ids)
    citizens = _citizens(session, sorted(asked))
    found: dict[AtItsTime, Said] = {}
    for start in range(0, len(citizens), AT_ONCE):
        theirs = citizens[start : start + AT_ONCE]
        meetings = _meetings(session, theirs)
        for citizen_id, answers in _answers(session, theirs).items():
            for answer in sorted(answers, key=lambda one: one.at):
                for id_ in _about(answer, meetings[citizen_id]) & asked:
                    planned_for = _time_of(meetings[citizen_id][id_], at=answer.at)
                    if planned_for is not None:
                        found[id_, planned_for] = answer.said
    return found


def _citizens(session: Session, ids: Sequence[uuid.UUID]) -> Sequence[uuid.UUID]:
    found: set[uuid.UUID] = set()
    for start in range(0, len(ids), AT_ONCE):
        some = Appointment.id.in_(ids[start : start + AT_ONCE])
        found.update(session.scalars(sa.select(Appointment.citizen_id).where(some)))
    return sorted(found)


def _meetings(session: Session, theirs: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[uuid.UUID, _Meeting]]:
    """Return all the meetings of these citizens, by citizen."""
    of_citizens: defaultdict[uuid.UUID, dict[uuid.UUID, _Meeting]] = defaultdict(dict)
    rows = session.execute(
        sa.select(Appointment.id, Appointment.citizen_id, Appointment.starts_at, Appointment.revision).where(
            Appointment.citizen_id.in_(theirs)
        )
    )
    for row in rows:
        of_citizens[row.citizen_id][row.id] = _Meeting(starts_at=row.starts_at, revision=row.revision)
    everything = {id_: meeting for meetings in of_citizens.values() for id_, meeting in meetings.items()}
    known = sa.select(Appointment.id).where(Appointment.citizen_id.in_(theirs))
    planned = sa.select(PlannedMeeting).where(PlannedMeeting.appointment_id.in_(known), PlannedMeeting.stood)
    for one in session.scalars(planned.order_by(PlannedMeeting.decided_at, PlannedMeeting.planned_for)):
        everything[one.appointment_id].planned_for.append(one.planned_for)
    for step in session.execute(
        sa.select(
            Reminder.appointment_id,
            Reminder.decided_at,
            Reminder.id,
            Reminder.message_id,
            Reminder.revision,
            Reminder.step,
            Reminder.due_at,
            Reminder.state,
            Reminder.reason,
        ).where(Reminder.appointment_id.in_(known))
    ):
        everything[step.appointment_id].reminders.append(
            _Step(
                decided_at=step.decided_at,
                id=step.id,
                message_id=step.message_id,
                revision=step.revision,
                step=step.step,
                due_at=step.due_at,
                state=step.state,
                reason=step.reason,
            )
        )
    return of_citizens


def _answers(session: Session, theirs: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[_Answer]]:
    """Return what these citizens said, by citizen, as it was read and then corrected."""
    is_corrected = sa.exists().where(ReadingCorrection.message_id == ReplyReading.message_id)
    rows = session.execute(
        sa.select(ReplyReading, Message.conversation_id, Message.provider_time, Message.created_at)
        .join(Message, Message.id == ReplyReading.message_id)
        .where(Message.conversation_id.in_(theirs), sa.or_(ReplyReading.label.in_(SAID), is_corrected))
    ).all()
    corrected: dict[uuid.UUID, ReadingCorrection] = {}
    for start in range(0, len(rows), AT_ONCE):
        corrected |= latest_corrections(session, [row[0].message_id for row in rows[start : start + AT_ONCE]])
    found: defaultdict[uuid.UUID, list[_Answer]] = defaultdict(list)
    for reading, citizen_id, provider_time, created_at in rows:
        label = corrected[reading.message_id].label if reading.message_id in corrected else reading.label
        if citizen_id is not None and label in SAID:
            answer = _Answer(
                appointment_id=reading.appointment_id,
                said=SAID[Label(label)],
                at=written_at(provider_time, created_at),
                is_of_one=reading.rule == BY_BUTTON,
            )
            found[citizen_id].append(answer)
    return found


def _about(answer: _Answer, meetings: Mapping[uuid.UUID, _Meeting]) -> set[uuid.UUID]:
    """Return which of her meetings an answer is about: more than one where a text spoke of several that she confirms.

    What no rule was sure of names no meeting. It is about the one of the latest reminder, if that is beyond doubt.
    """
    if answer.appointment_id is not None and (answer.is_of_one or answer.said is not Said.CONFIRMED):
        return {answer.appointment_id}
    reminded = {id_: sent for id_, meeting in meetings.items() if (sent := _sent(meeting.reminders, at=answer.at))}
    if not reminded:
        return {answer.appointment_id} if answer.appointment_id else set()
    latest = max((one for sent in reminded.values() for one in sent), key=lambda one: (one.decided_at, one.id))
    together = {id_ for id_, sent in reminded.items() if any(one.message_id == latest.message_id for one in sent)}
    if answer.appointment_id is not None:
        return together | {answer.appointment_id} if answer.appointment_id in together else {answer.appointment_id}
    others = {id_ for id_ in reminded if meetings[id_].starts_at > answer.at} - together
    is_certain = not others and (len(together) == 1 or answer.said is Said.CONFIRMED)
    return together if is_certain else set()


def _sent(reminders: Iterable[_Step], *, at: datetime) -> Sequence[_Step]:
    return [one for one in reminders if one.state is ReminderState.SENT and one.decided_at and one.decided_at <= at]


def _time_of(meeting: _Meeting, *, at: datetime) -> datetime | None:
    """Return the time that a meeting had when somebody answered; None if it had begun, or was not planned for it."""
    revision = _revision_at(meeting.reminders, at=at)
    if revision >= meeting.revision or _is_same_time(meeting.reminders, revision, meeting.revision):
        return meeting.starts_at if meeting.starts_at > at else None
    earlier = (time for time in meeting.planned_for if time > at and time != meeting.starts_at)
    return next(earlier, None)


def _revision_at(reminders: Sequence[_Step], *, at: datetime) -> int:
    """Return the revision that was told of last, or that followed when the reminders of one were withdrawn."""
    told = (one.revision for one in _sent(reminders, at=at))
    moved = (one.revision + 1 for one in reminders if one.reason == MOVED and one.decided_at and one.decided_at <= at)
    return max((1, *told, *moved))


def _is_same_time(reminders: Sequence[_Step], revision: int, other: int) -> bool:
    """Whether a revision has the time of another, and changed the place or form alone: a step is due when it was."""
    due = {(one.step, one.due_at) for one in reminders if one.revision == revision}
    return any((one.step, one.due_at) in due for one in reminders if one.revision == other)
