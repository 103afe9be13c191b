"""Sending the reminders that are due: each looked at again, written in its approved words, and handed to the senders.

What has changed since the plan was made is asked again here. Nothing leaves in closed hours: what comes due then, or
still waits when the hours end, waits for the next open moment if that is still of use.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking import MOVED
from messaging.appointments.composing import Composer
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.outcomes import CANCELLED
from messaging.appointments.planning import ReminderRules, facts_of
from messaging.appointments.states import OPEN, ReminderState
from messaging.appointments.timing import why_not
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.rendering import EmptyVariable
from messaging.conversations.sending import send_message, why_unreachable
from messaging.conversations.states import MessageState
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.people.reaching import Reach, reach_many
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.work.lanes import Lane

BATCH = 100
EARLY, LAST = "M1", "M2"
"""The texts of the reminders: the last one before the meeting asks for a plan."""
UNWRITABLE = "unwritable"
"""Why a reminder is not sent whose words cannot be put together: the citizen's name is empty or does not open."""

log = logging.getLogger(__name__)


def is_any_due(session: Session, *, at: datetime) -> bool:
    """Whether a reminder is due, so that looking need not take the turn of a writer."""
    due = sa.exists().where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= at)
    return bool(session.scalar(sa.select(due)))


def send_due_reminders(act: Act, *, rules: ReminderRules, office: Office, limit: int = BATCH) -> int:
    """Decide on up to `limit` reminders that are due; return how many, 0 if none are left.

    In closed hours they wait for the next open moment, if that is still of use.
    """
    due = _claim(act, limit=limit)
    if not due:
        return 0
    open_at = rules.hours.next_open(act.now)
    people = reach_many(act.session, [appointment.citizen_id for _, appointment in due])
    composer = Composer(act, [appointment for _, appointment in due], office=office)
    for reminder, appointment in due:
        person = people[appointment.citizen_id]
        if reason := _why_not(reminder, appointment, person, at=open_at, rules=rules):
            _skip(act, reminder, appointment, reason)
        elif open_at > act.now:
            reminder.due_at = open_at
        else:
            _send(act, reminder, appointment, person, composer=composer, rules=rules)
    return len(due)


def are_any_waiting(session: Session, *, at: datetime) -> bool:
    """Whether a written reminder waits to leave."""
    return bool(session.scalar(sa.select(sa.exists().where(_waits(at)))))


def keep_back(act: Act, *, rules: ReminderRules) -> None:
    """Let reminders that are written and have not left wait until the hours open.

    They are still here because a provider or we were down; nobody is to be woken by them. They expire by themselves.
    """
    act.session.execute(
        sa.update(Message)
        .where(_waits(act.now))
        .values(due_at=rules.hours.next_open(act.now))
        .execution_options(synchronize_session=False)
    )


def _claim(act: Act, *, limit: int) -> Sequence[tuple[Reminder, Appointment]]:
    """Lock due reminders and return them with their meetings, by citizen: everybody locks threads in that order."""
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= act.now)
        .order_by(Reminder.due_at)
        .limit(limit)
        .with_for_update(of=Reminder, skip_locked=True)
    )
    return sorted(rows, key=lambda row: (row[1].citizen_id, row[0].due_at))


def _why_not(
    reminder: Reminder, appointment: Appointment, person: Reach, *, at: datetime, rules: ReminderRules
) -> str | None:
    """Return why this reminder is not to be sent at that moment, if anything speaks against it."""
    if appointment.state not in OPEN:
        return CANCELLED
    if reminder.revision != appointment.revision:
        return MOVED
    late = why_not(appointment.starts_at, at=at, useful_until=rules.useful_until)
    return late or why_unreachable(person, Kind.REMINDER)


def _send(
    act: Act,
    reminder: Reminder,
    appointment: Appointment,
    person: Reach,
    *,
    composer: Composer,
    rules: ReminderRules,
) -> None:
    try:
        with act.session.begin_nested():
            message = _write(act, reminder, appointment, person, composer=composer, rules=rules)
    except (EmptyVariable, CannotOpen, UnknownOwner) as error:
        # Only what this one citizen's row causes: a fault of the texts keeps all reminders waiting until it is mended.
        log.warning("reminder unwritable", extra={"reminder": str(reminder.id), "code": error.code})
        _skip(act, reminder, appointment, UNWRITABLE)
        return
    reminder.state, reminder.message_id, reminder.decided_at = ReminderState.SENT, message.id, act.now
    facts: Facts = {**_about(reminder), "message": str(message.id)}
    act.journal(EventType.REMINDER_SENT, stream=appointment.citizen_id, subject=reminder.id, facts=facts)
    act.audit(EventType.REMINDER_SENT, object_kind="reminder", object_id=reminder.id, facts=facts)


def _write(
    act: Act,
    reminder: Reminder,
    appointment: Appointment,
    person: Reach,
    *,
    composer: Composer,
    rules: ReminderRules,
) -> Message:
    last = min(rules.steps, key=lambda step: step.days)
    words = composer.compose(LAST if reminder.step == last.key else EARLY, appointment, shared=person.shared)
    return send_message(
        act,
        citizen_id=appointment.citizen_id,
        text=words.text,
        kind=Kind.REMINDER,
        lane=Lane.BULK,
        author=Author.SYSTEM,
        template=words.template,
        content_free=words.content_free,
        expires_at=appointment.starts_at - rules.useful_until,
        person=person,
    )


def _skip(act: Act, reminder: Reminder, appointment: Appointment, reason: str) -> None:
    reminder.state, reminder.reason, reminder.decided_at = ReminderState.SKIPPED, reason, act.now
    facts: Facts = {**_about(reminder), "reason": reason}
    act.journal(EventType.REMINDER_SKIPPED, stream=appointment.citizen_id, subject=reminder.id, facts=facts)
    act.audit(EventType.REMINDER_SKIPPED, object_kind="reminder", object_id=reminder.id, facts=facts)


def _about(reminder: Reminder) -> Facts:
    return facts_of(appointment_id=reminder.appointment_id, revision=reminder.revision, step=reminder.step)


def _waits(at: datetime) -> sa.ColumnElement[bool]:
    """Queued, due, and not in the hands of a sender."""
    return sa.and_(
        Message.lane == Lane.BULK,
        Message.kind == Kind.REMINDER,
        Message.state == MessageState.QUEUED,
        Message.due_at <= at,
        Message.lease_token.is_(None),
    )
