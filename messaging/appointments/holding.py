"""Holding a planned reminder back, and letting it go again: for who would rather ring or write herself."""

import uuid

import sqlalchemy as sa

from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import ReminderState
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act


class NotWaiting(Conflict):
    """The reminder has been decided on already, or stands as it was asked to."""

    code = "not_waiting"


def hold_reminder(act: Act, *, reminder_id: uuid.UUID) -> None:
    """Keep a planned reminder from being sent until somebody lets it go. Raises NotFound or NotWaiting."""
    _move(act, reminder_id, before=ReminderState.PLANNED, after=ReminderState.ON_HOLD, action="reminder.held")


def let_go(act: Act, *, reminder_id: uuid.UUID) -> None:
    """Let a held reminder be sent when it is due, or at once if it is still of use. Raises NotFound or NotWaiting."""
    _move(act, reminder_id, before=ReminderState.ON_HOLD, after=ReminderState.PLANNED, action="reminder.let_go")


def lock_reminder(act: Act, reminder_id: uuid.UUID) -> tuple[Reminder, Appointment]:
    """Return a reminder and its meeting as they are now, with nobody else deciding on either. Raises NotFound."""
    appointment_id = act.session.scalar(sa.select(Reminder.appointment_id).filter_by(id=reminder_id))
    if appointment_id is None:
        raise NotFound("there is no such reminder")
    appointment = lock_appointment(act, appointment_id)
    return act.session.get_one(Reminder, reminder_id, with_for_update=True, populate_existing=True), appointment


def _move(act: Act, reminder_id: uuid.UUID, *, before: ReminderState, after: ReminderState, action: str) -> None:
    reminder, appointment = lock_reminder(act, reminder_id)
    if reminder.state is not before:
        raise NotWaiting("the reminder does not wait to be sent")
    reminder.state = after
    act.audit(action, object_kind="reminder", object_id=reminder.id)
    act.announce("appointment.changed", object_id=appointment.id)
