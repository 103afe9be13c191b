"""Which meeting an answer is about: the one of the latest reminder, and only where that is beyond doubt."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

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

LONGEST_UNDERWAY = timedelta(hours=24)
"""The poll finds what is at most this old; a provider's time that is farther from ours is no time to go by."""


def answered_together(session: Session, answer: Message) -> list[Appointment]:
    """Return the meetings that the latest reminder before this answer spoke of, if they are all that is still to come.

    Empty unless there are several, told of in one text, and none of them has been moved since. The rows are locked.
    """
    reminded = _reminded(session, answer)
    of_the_latest = [
        (meeting, revision) for meeting, revision, message_id in reminded if message_id == reminded[0].message_id
    ]
    to_come = {meeting.id for meeting, *_ in reminded if _is_to_come(meeting, answer)}
    told = {meeting.id for meeting, _ in of_the_latest}
    if len(told) < 2 or told != to_come or any(revision != meeting.revision for meeting, revision in of_the_latest):
        return []
    return sorted((meeting for meeting, _ in of_the_latest), key=lambda meeting: meeting.starts_at)


def told_together(session: Session, answer: Message) -> list[Appointment]:
    """Return the meetings that the latest reminder before this answer spoke of, as they are now; the rows are locked.

    One that has been moved since is left out: the answer was about another time of it.
    """
    reminded = _reminded(session, answer)
    return [
        meeting
        for meeting, revision, message_id in reminded
        if message_id == reminded[0].message_id and revision == meeting.revision
    ]


def answered_appointment(session: Session, answer: Message, *, lasting: bool = False) -> Appointment | None:
    """Return the meeting of the latest reminder before this answer, if it is the only one still to come.

    With `lasting` one that has begun is to come until it ends: who is late may write when she should be there.

    None where the citizen was reminded of several meetings that are open and have not begun, or of none, and where the
    meeting has been moved since the reminder: which one was meant is for a human to find out. The row is locked.

    A message found late may have been written before the latest reminder went out, and then it answers the one before.
    """
    reminded = _reminded(session, answer)
    if not reminded:
        return None
    latest, revision, _ = reminded[0]
    to_come = {meeting.id for meeting, *_ in reminded if _is_to_come(meeting, answer, lasting=lasting)}
    return latest if to_come == {latest.id} and revision == latest.revision else None


def _reminded(session: Session, answer: Message) -> Sequence[sa.Row[Appointment, int, uuid.UUID | None]]:
    """Return what the citizen was reminded of before she wrote, the latest first, and by which messages."""
    at = written_at(answer.provider_time, answer.created_at)
    return session.execute(
        sa.select(Appointment, Reminder.revision, Reminder.message_id)
        .join(Reminder, Reminder.appointment_id == Appointment.id)
        .join(Message, Message.id == Reminder.message_id)
        .where(
            Appointment.citizen_id == answer.conversation_id,
            Reminder.state == ReminderState.SENT,
            Reminder.decided_at <= at,
            Message.state.in_(MAY_HAVE_ARRIVED),
        )
        .order_by(Reminder.decided_at.desc(), Reminder.id.desc())
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    ).all()


def written_at(told: datetime | None, came_at: datetime) -> datetime:
    """When the citizen wrote, as the provider tells it; when we got it, where it does not or cannot be right."""
    if told is None or not came_at - LONGEST_UNDERWAY <= told <= came_at:
        return came_at
    return told


def _is_to_come(appointment: Appointment, answer: Message, *, lasting: bool = False) -> bool:
    until = appointment.starts_at + timedelta(minutes=appointment.minutes if lasting else 0)
    return appointment.state in OPEN and until > answer.created_at
