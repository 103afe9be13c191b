"""The caseworker's day: meetings that still lack an outcome, those to come, and the reminders about to be sent."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.composing import Composer
from messaging.appointments.models import Appointment, Form, Reminder, ReplyReading
from messaging.appointments.planning import ReminderRules
from messaging.appointments.reminding import text_key
from messaging.appointments.states import OPEN, AppointmentState, OutcomeWord, ReminderState
from messaging.appointments.tapping import taps_of
from messaging.conversations.models import Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.rendering import EmptyVariable
from messaging.conversations.sending import why_unreachable
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.queries import name_citizens
from messaging.people.reaching import reach_many
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault

MOST = 100
"""Rows of one part of the page: more than anybody has in a day."""

WAITING = (ReminderState.PLANNED, ReminderState.ON_HOLD)


@dataclass(frozen=True, kw_only=True)
class DayMeeting:
    """A meeting in the day."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    starts_at: datetime
    meeting_type: str
    form: Form
    state: AppointmentState
    tapped: OutcomeWord | None = None
    """What is said of it and can still be undone."""
    answer: str | None = None
    """How her last word on this meeting, written `answered_at`, was understood: a code of `wording.LABELS`."""
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ComingReminder:
    """A reminder about to be sent: in these words, or not, for this reason (of `wording.REASONS`)."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    due_at: datetime
    starts_at: datetime
    is_held: bool
    text: str | None = field(repr=False)
    obstacle: str | None


def lacking_outcome(session: Session, vault: Vault, actor: Actor, *, now: datetime) -> list[DayMeeting]:
    """Return the meetings that have begun and of which nobody has said what became of them, oldest first."""
    chosen = _meetings(actor).where(Appointment.state.in_(OPEN), Appointment.starts_at < now)
    return _opened(session, vault, chosen)


def coming(session: Session, vault: Vault, actor: Actor, *, since: datetime, until: datetime) -> list[DayMeeting]:
    """Return the meetings that begin within [since, until), whatever became of them."""
    return _opened(
        session, vault, _meetings(actor).where(Appointment.starts_at >= since, Appointment.starts_at < until)
    )


def coming_reminders(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    now: datetime,
    until: datetime,
    rules: ReminderRules,
    office: Office,
) -> list[ComingReminder]:
    """Return the reminders due before `until` that are still to be decided on, with the words they would have now."""
    rows = session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(
            visible_to(actor),
            Reminder.state.in_(WAITING),
            Reminder.due_at < until,
            Reminder.revision == Appointment.revision,
            Appointment.state.in_(OPEN),
            Appointment.starts_at > now,
        )
        .order_by(Reminder.due_at, Reminder.id)
        .limit(MOST)
    ).all()
    citizens = list({appointment.citizen_id for _, appointment in rows})
    names = name_citizens(session, vault, citizens)
    people = reach_many(session, citizens)
    composer = Composer(session, vault, [appointment for _, appointment in rows], now=now, office=office)
    return [
        ComingReminder(
            id=reminder.id,
            citizen_id=appointment.citizen_id,
            name=names[appointment.citizen_id],
            due_at=reminder.due_at,
            starts_at=appointment.starts_at,
            is_held=reminder.state is ReminderState.ON_HOLD,
            text=_text(composer, reminder, appointment, rules=rules, shared=people[appointment.citizen_id].shared),
            obstacle=why_unreachable(people[appointment.citizen_id], Kind.REMINDER),
        )
        for reminder, appointment in rows
    ]


def _text(
    composer: Composer, reminder: Reminder, appointment: Appointment, *, rules: ReminderRules, shared: bool
) -> str | None:
    try:
        return composer.compose(text_key(rules, reminder.step), appointment, shared=shared).text
    except EmptyVariable:
        return None


def _meetings(actor: Actor) -> sa.Select[*tuple[Appointment]]:
    return (
        sa.select(Appointment)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(visible_to(actor))
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST)
    )


def _opened(session: Session, vault: Vault, chosen: sa.Select[*tuple[Appointment]]) -> list[DayMeeting]:
    rows: Sequence[Appointment] = session.scalars(chosen).all()
    names = name_citizens(session, vault, [row.citizen_id for row in rows])
    ids = [row.id for row in rows]
    taps, answers = taps_of(session, ids), _last_answers(session, ids)
    return [
        DayMeeting(
            id=row.id,
            citizen_id=row.citizen_id,
            name=names[row.citizen_id],
            starts_at=row.starts_at,
            meeting_type=row.meeting_type,
            form=row.form,
            state=row.state,
            tapped=taps.get(row.id),
            answer=answers[row.id][0] if row.id in answers else None,
            answered_at=answers[row.id][1] if row.id in answers else None,
        )
        for row in rows
    ]


def _last_answers(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, datetime]]:
    """Return how the last message about each meeting was understood, and when it was written."""
    rows = session.execute(
        sa.select(ReplyReading.appointment_id, ReplyReading.label, Message.created_at)
        .join(Message, Message.id == ReplyReading.message_id)
        .where(ReplyReading.appointment_id.in_(ids))
        .order_by(Message.created_at)
    )
    return {appointment_id: (label, written) for appointment_id, label, written in rows if appointment_id}
