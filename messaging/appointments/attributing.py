"""Which meeting an answer is about: the one of the latest reminder, and only where that is beyond doubt."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import OPEN, ReminderState
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState

MAY_HAVE_ARRIVED = frozenset(
    {MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.UNCLEAR}
)
"""States of a reminder's message in which the citizen may have it before her."""


def answered_appointment(session: Session, answer: Message) -> Appointment | None:
    """Return the meeting of the latest reminder before this answer, if it is the only one still to come.

    None where the citizen was reminded of several meetings that are open and have not begun, or of none, and where the
    meeting has been moved since the reminder: which one was meant is for a human to find out. The row is locked.
    """
    reminded = session.execute(
        sa.select(Appointment, Reminder.revision)
        .join(Reminder, Reminder.appointment_id == Appointment.id)
        .join(Message, Message.id == Reminder.message_id)
        .where(
            Appointment.citizen_id == answer.conversation_id,
            Reminder.state == ReminderState.SENT,
            Reminder.decided_at <= answer.created_at,
            Message.state.in_(MAY_HAVE_ARRIVED),
        )
        .order_by(Reminder.decided_at.desc(), Reminder.id.desc())
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    ).all()
    if not reminded:
        return None
    latest, revision = reminded[0]
    to_come = {appointment.id for appointment, _ in reminded if _is_to_come(appointment, answer)}
    return latest if to_come == {latest.id} and revision == latest.revision else None


def _is_to_come(appointment: Appointment, answer: Message) -> bool:
    return appointment.state in OPEN and appointment.starts_at > answer.created_at
