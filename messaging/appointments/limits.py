"""What a plan has against one more reminder: that she has confirmed, or that she has had enough of them."""

import uuid

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plans import Plan
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.clock import day_around
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.people.acting import Act

CONFIRMED = "confirmed"
ENOUGH_TODAY = "enough_today"
ENOUGH_FOR_MEETING = "enough_for_meeting"
NEVER_LEFT = (MessageState.CANCELLED, MessageState.EXPIRED)


def why_enough(act: Act, appointment: Appointment, *, plan: Plan) -> str | None:
    """Return why a citizen is not to be reminded of this meeting once more, if the plan has anything against it."""
    if plan.stops_when_confirmed and appointment.state is AppointmentState.CONFIRMED:
        return CONFIRMED
    if plan.most_per_meeting is not None and _sent_of(act, appointment) >= plan.most_per_meeting:
        return ENOUGH_FOR_MEETING
    if plan.most_per_day is not None and _sent_today(act, appointment.citizen_id) >= plan.most_per_day:
        return ENOUGH_TODAY
    return None


def _sent_of(act: Act, appointment: Appointment) -> int:
    """Count the reminders of a meeting at all its times."""
    return act.session.scalar(_sent().where(Appointment.id == appointment.id)) or 0


def _sent_today(act: Act, citizen_id: uuid.UUID) -> int:
    """Count the messages that reminded a citizen today; one about two meetings is one."""
    today, tomorrow = day_around(act.now)
    that_day = Reminder.decided_at >= today, Reminder.decided_at < tomorrow
    return act.session.scalar(_sent().where(Appointment.citizen_id == citizen_id, *that_day)) or 0


def _sent() -> sa.Select[int]:
    """Count messages that reminded; what was called back before it left reminded nobody."""
    return (
        sa.select(sa.func.count(sa.distinct(Reminder.message_id)))
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Message, Message.id == Reminder.message_id)
        .where(Reminder.state == ReminderState.SENT, Message.state.not_in(NEVER_LEFT))
    )
