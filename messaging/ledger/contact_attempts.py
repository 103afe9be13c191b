"""Every attempt to reach a citizen, newest first: messages of ours, calls and visits, and reminders that were not sent.

A message is an attempt once its time has come; what was withdrawn before is none.
"""

import uuid
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import ReminderState
from messaging.conversations.models import Direction, Message
from messaging.conversations.note_models import OF_CONTACT, Note
from messaging.conversations.notes import NoteView, open_notes
from messaging.conversations.queries import ThreadMessage, open_messages
from messaging.conversations.states import MessageState
from messaging.ledger.periods import Period
from messaging.people.models import Caseworker, Citizen
from messaging.people.numbers import last_digits
from messaging.people.queries import describe
from messaging.vault.vault import Vault
from messaging.web.cursors import is_before

LISTING_KINDS = (datetime, uuid.UUID)
"""The types of `ContactAttempt.key`."""

NOT_TRIED = (MessageState.DRAFT, MessageState.SCHEDULED, MessageState.CANCELLED)
MAY_HAVE_ARRIVED = frozenset({MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.UNCLEAR})
NOT_SENT = (ReminderState.WITHHELD, ReminderState.SKIPPED, ReminderState.ON_HOLD)


@dataclass(frozen=True, kw_only=True)
class UnsentReminder:
    """A reminder of a meeting that nobody got, and the code of why."""

    step: str
    state: ReminderState
    reason: str | None
    meeting_type: str
    meeting_at: datetime


@dataclass(frozen=True, kw_only=True)
class ContactAttempt:
    """One attempt. `digits` are the last of the number it went to.

    `answered_at`: when the citizen first wrote after it.
    """

    id: uuid.UUID
    at: datetime
    what: ThreadMessage | NoteView | UnsentReminder
    digits: str | None = field(default=None, repr=False)
    answered_at: datetime | None = None

    @property
    def key(self) -> tuple[datetime, uuid.UUID]:
        """The place in the list."""
        return (self.at, self.id)


def list_attempts(
    session: Session,
    vault: Vault,
    citizen: Citizen,
    *,
    period: Period,
    now: datetime,
    before: tuple[datetime, uuid.UUID] | None,
    limit: int,
) -> list[ContactAttempt]:
    """Return the next attempts within a period, newest first, in a constant number of statements."""
    bounds = _Bounds(period=period, now=now, before=before, limit=limit)
    messages = session.scalars(bounds.apply(_messages(citizen.id), at=Message.due_at, id_=Message.id)).all()
    reminders = session.execute(bounds.apply(_reminders(citizen.id), at=_decided(), id_=Reminder.id)).all()
    notes = session.execute(bounds.apply(_notes(citizen.id), at=Note.occurred_at, id_=Note.id)).all()
    contacts = [
        ContactAttempt(id=note.id, at=note.occurred_at, what=note)
        for note in open_notes(session, vault, citizen.id, notes)
    ]
    attempts = [*_of_messages(session, vault, citizen, messages), *contacts, *map(_of_reminder, reminders)]
    return sorted(attempts, key=lambda attempt: attempt.key, reverse=True)[:limit]


_Chosen = TypeVar("_Chosen", bound=sa.Select[Any, *tuple[Any, ...]])


@dataclass(frozen=True, kw_only=True)
class _Bounds:
    period: Period
    now: datetime
    before: tuple[datetime, uuid.UUID] | None
    limit: int

    def apply(self, chosen: _Chosen, *, at: Any, id_: Any) -> _Chosen:
        """Bound one kind of attempts: as many as could stand on the page if there were no others."""
        chosen = chosen.where(at <= self.now)
        if self.period.since is not None:
            chosen = chosen.where(at >= self.period.since)
        if self.period.until is not None:
            chosen = chosen.where(at < self.period.until)
        if self.before is not None:
            chosen = chosen.where(is_before((at, id_), self.before))
        return chosen.order_by(at.desc(), id_.desc()).limit(self.limit)


def _messages(citizen_id: uuid.UUID) -> sa.Select[Message]:
    return sa.select(Message).where(
        Message.conversation_id == citizen_id, Message.direction == Direction.OUT, Message.state.not_in(NOT_TRIED)
    )


def _reminders(citizen_id: uuid.UUID) -> sa.Select[Reminder, Appointment]:
    return (
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Appointment.citizen_id == citizen_id, Reminder.state.in_(NOT_SENT))
    )


def _notes(citizen_id: uuid.UUID) -> sa.Select[Note, str]:
    return (
        sa.select(Note, Caseworker.name)
        .join(Caseworker, Caseworker.id == Note.author_id)
        .where(Note.citizen_id == citizen_id, Note.kind.in_(OF_CONTACT))
    )


def _decided() -> sa.ColumnElement[datetime]:
    return sa.func.coalesce(Reminder.decided_at, Reminder.due_at, type_=Reminder.due_at.type)


def _of_messages(session: Session, vault: Vault, citizen: Citizen, messages: Sequence[Message]) -> list[ContactAttempt]:
    digits = {number.id: last_digits(number.number) for number in describe(session, vault, [citizen])[0].numbers}
    answers = _times_written(session, citizen.id, since=min((message.due_at for message in messages), default=None))
    return [
        ContactAttempt(
            id=message.id,
            at=message.due_at,
            what=opened,
            digits=digits.get(message.contact_point_id) if message.contact_point_id else None,
            answered_at=_first_after(answers, message.due_at) if message.state in MAY_HAVE_ARRIVED else None,
        )
        for message, opened in zip(messages, open_messages(session, vault, citizen.id, messages), strict=True)
    ]


def _of_reminder(row: sa.Row[Reminder, Appointment]) -> ContactAttempt:
    reminder, meeting = row
    return ContactAttempt(
        id=reminder.id,
        at=reminder.decided_at or reminder.due_at,
        what=UnsentReminder(
            step=reminder.step,
            state=reminder.state,
            reason=reminder.reason,
            meeting_type=meeting.meeting_type,
            meeting_at=meeting.starts_at,
        ),
    )


def _times_written(session: Session, citizen_id: uuid.UUID, *, since: datetime | None) -> Sequence[datetime]:
    """Return when the citizen wrote to us since then, in order; messages get their place when they are written, which
    for those sent later says nothing about what came first."""
    if since is None:
        return ()
    return session.scalars(
        sa.select(Message.created_at)
        .where(Message.conversation_id == citizen_id, Message.direction == Direction.IN, Message.created_at > since)
        .order_by(Message.created_at)
    ).all()


def _first_after(moments: Sequence[datetime], at: datetime) -> datetime | None:
    place = bisect_right(moments, at)
    return moments[place] if place < len(moments) else None
