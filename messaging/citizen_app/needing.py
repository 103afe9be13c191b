"""What a citizen is to be told of that lies unshown in her app, and when the SMS about it may leave.

That SMS leaves in the hours of reminders; where nothing lies there but reminders of plans with hours of their own, in
those, unless they open too late for one of the meetings.
"""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_models import ReminderPlan
from messaging.appointments.plans import hours_of
from messaging.appointments.states import OPEN, AppointmentState
from messaging.conversations.app_thread import lies_unread
from messaging.conversations.models import Kind, Message
from messaging.conversations.open_hours import OpenHours


def is_anything_needed(session: Session, citizen_id: uuid.UUID, *, at: datetime) -> bool:
    """Whether something lies unshown that she is not past needing.

    A reminder of a meeting that she has confirmed another way, that is cancelled or moved, too near or over, is no
    reason to log in.
    """
    return bool(session.scalar(sa.select(sa.exists().where(_is_needed(citizen_id, at=at)))))


def needing_anything(*, at: datetime) -> sa.Select[uuid.UUID | None]:
    """Return the citizens of whom `is_anything_needed` is true, each as often as there are such messages."""
    return sa.select(Message.conversation_id).where(Message.conversation_id.is_not(None), _is_of_use(at=at))


def may_leave(
    session: Session, citizen_id: uuid.UUID, *, at: datetime, after: datetime, service: OpenHours
) -> datetime:
    """Return when an SMS that says to log in may leave, at `after` at the earliest.

    Of several plans' hours those hold that open first. Where a reminder would be of no use any more by then and still
    is when the service's open, those hold: an SMS at another hour is of more use than one after the meeting.
    """
    needed = _hours(session, _is_needed(citizen_id, at=at), service=service)
    in_service = service.next_open(after)
    opens = min((hours.next_open(after) for hours, _ in needed), default=in_service)
    is_late = any(until is not None and in_service < until <= opens for _, until in needed)
    return in_service if is_late else opens


def first_moment(
    session: Session, message: Message, *, at: datetime, patience: timedelta, service: OpenHours
) -> datetime:
    """Return when an SMS is to follow a message that has been placed, if that stays unshown for so long.

    Where that would be too late for a reminder, because the hours end before, it comes while they are still open; where
    a plan's have ended already, in the service's. A text about meetings of two plans has the hours of both.
    """
    own = {hours for hours, _ in _hours(session, Message.id == message.id, service=service)}
    wanted = at + patience
    due_at = min(hours.next_open(wanted) for hours in own)
    if message.kind is not Kind.REMINDER or message.expires_at is None:
        return due_at
    for hours in (own, {service}):
        ends = max(its.last_open(wanted) for its in hours)
        for moment in (wanted, max(at, ends)):
            opens = min(its.next_open(moment) for its in hours)
            if opens < message.expires_at:
                return opens
    return due_at


def _hours(
    session: Session, which: sa.ColumnElement[bool], *, service: OpenHours
) -> list[tuple[OpenHours, datetime | None]]:
    """Return the hours of each of these messages, and until when it is of use; twice if it reminds of two meetings."""
    chosen = (
        sa.select(ReminderPlan, Message.expires_at)
        .select_from(Message)
        .outerjoin(Reminder, Reminder.message_id == Message.id)
        .outerjoin(ReminderPlan, ReminderPlan.id == Reminder.plan_id)
        .where(which)
    )
    rows = [(hours_of(plan) if plan is not None else None, until) for plan, until in session.execute(chosen)]
    return [(own.within(service) if own is not None else service, until) for own, until in rows]


def _is_needed(citizen_id: uuid.UUID, *, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Message.conversation_id == citizen_id, _is_of_use(at=at))


def _is_of_use(*, at: datetime) -> sa.ColumnElement[bool]:
    unanswered = (
        sa.exists()
        .where(Reminder.message_id == Message.id, Appointment.id == Reminder.appointment_id)
        .where(Appointment.revision == Reminder.revision, Appointment.state.in_(OPEN - {AppointmentState.CONFIRMED}))
        .correlate(Message)
    )
    needless = sa.and_(Message.kind == Kind.REMINDER, sa.or_(Message.expires_at <= at, sa.not_(unanswered)))
    return sa.and_(lies_unread(), sa.not_(needless))
