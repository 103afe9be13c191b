"""Reminders that are written and have not left in time are called back, to be written anew when they may leave.

Words are true on the day they are written: "i morgen" is another day on the next, and a text may have expired at
midnight. What may have left is never called back; should it prove not to have, it is found again here.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Reminder
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import shut_plans
from messaging.appointments.states import ReminderState
from messaging.clock import day_around
from messaging.conversations.models import Kind, Message
from messaging.conversations.sending import cancel_waiting
from messaging.conversations.states import MessageState
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act
from messaging.work.lanes import Lane

KEPT_BACK = "kept_back"
"""Why a message was called back whose reminder is written anew."""
BATCH = 100


def are_any_waiting(session: Session, *, rules: ReminderRules, at: datetime) -> bool:
    """Whether a written reminder waits that may not leave as it is."""
    shut = shut_plans(session, hours=rules.hours, at=at)
    is_open = rules.hours.is_open(at)
    unclear = _is_unclear(at) if not is_open else sa.and_(_is_unclear(at), _is_of(shut)) if shut else sa.false()
    stale = _is_to_be_written_anew(at, is_open=is_open, shut=shut)
    return bool(session.scalar(sa.select(sa.exists().where(sa.or_(stale, unclear)))))


def keep_back(act: Act, *, rules: ReminderRules, limit: int = BATCH) -> int:
    """Call back up to `limit` reminders that were written on an earlier day, or have not left when the hours ended.

    They are still here because a provider or we were down; nobody is to be woken by them. Each is decided on anew,
    which in closed hours means that it waits, or is skipped where it would be of no use. The hours are those of the
    plan, if it has any of its own. Returns how many those were.
    """
    shut = shut_plans(act.session, hours=rules.hours, at=act.now)
    is_open = rules.hours.is_open(act.now)
    # What is unclear may be queued again at any hour, and is not to leave then.
    for plan_id, opens in shut.items():
        _wait(act, sa.and_(_is_unclear(act.now), _is_of([plan_id])), until=opens)
    if not is_open:
        _wait(act, _is_unclear(act.now), until=rules.hours.next_open(act.now))
    stale = _is_to_be_written_anew(act.now, is_open=is_open, shut=shut)
    found = act.session.execute(sa.select(Message.id, Message.conversation_id).where(stale).limit(limit)).all()
    lock_threads(act.session, [row.conversation_id for row in found])
    # Looked at again: a sender may have taken one up meanwhile.
    still = sa.select(Message.id).where(Message.id.in_([row.id for row in found]), stale)
    called_back = act.session.scalars(still.order_by(Message.id).with_for_update()).all()
    if called_back:
        cancel_waiting(act, message_ids=called_back, reason=KEPT_BACK)
        _plan_again(act, called_back)
    return len(called_back)


def _wait(act: Act, which: sa.ColumnElement[bool], *, until: datetime) -> None:
    waiting = sa.update(Message).where(which).values(due_at=until)
    act.session.execute(waiting.execution_options(synchronize_session=False))


def _plan_again(act: Act, called_back: Sequence[object]) -> None:
    """Let these reminders be due as they were: what has come so near since that they are one too many is seen by it."""
    meetings = act.session.scalars(
        sa.update(Reminder)
        .where(Reminder.message_id.in_(called_back), Reminder.state == ReminderState.SENT)
        .values(state=ReminderState.PLANNED, reason=None, message_id=None, decided_at=None)
        .returning(Reminder.appointment_id)
        .execution_options(synchronize_session=False)
    )
    for appointment_id in sorted(set(meetings)):
        act.announce("appointment.changed", object_id=appointment_id)


def _is_to_be_written_anew(at: datetime, *, is_open: bool, shut: Collection[uuid.UUID]) -> sa.ColumnElement[bool]:
    """Queued, so that it certainly has not left, and not in the hands of a sender. `shut` are plans that are closed."""
    today, _ = day_around(at)
    queued = sa.and_(_is_due_reminder(at), Message.state == MessageState.QUEUED)
    if not is_open:
        return queued
    is_stale = Message.created_at < today
    return sa.and_(queued, sa.or_(is_stale, _is_of(shut)) if shut else is_stale)


def _is_of(plan_ids: Collection[uuid.UUID]) -> sa.ColumnElement[bool]:
    """Whether it speaks a reminder of one of these plans."""
    return sa.exists().where(Reminder.message_id == Message.id, Reminder.plan_id.in_(plan_ids))


def _is_unclear(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(_is_due_reminder(at), Message.state == MessageState.UNCLEAR)


def _is_due_reminder(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Message.lane == Lane.BULK,
        Message.kind == Kind.REMINDER,
        Message.due_at <= at,
        Message.lease_token.is_(None),
    )
