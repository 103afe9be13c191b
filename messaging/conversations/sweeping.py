"""What time does to messages: the scheduled come due, the late expire, what a dead process held is freed or parked.

Each look comes first and takes no lock; a transaction is opened only when there is something to do.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations import resolving
from messaging.conversations.models import Direction, Message
from messaging.conversations.moving import move
from messaging.conversations.sending_in_app import place
from messaging.conversations.states import MessageState
from messaging.conversations.threads import lock_thread
from messaging.people.acting import Act
from messaging.people.reaching import APP
from messaging.waits import Waits
from messaging.work.leasing import poisoned

BATCH = 500
IN_QUEUE = sa.and_(Message.state == MessageState.QUEUED, Message.direction == Direction.OUT)


def is_sweep_due(session: Session, *, at: datetime, waits: Waits) -> bool:
    """Whether a sweep would find something to do."""
    looks = sa.or_(sa.exists().where(_late(at)), *(sa.exists().where(one) for one in resolving.overdue(waits)))
    return bool(session.scalar(sa.select(looks))) or bool(poisoned(session, Message, among=IN_QUEUE))


def sweep(act: Act, *, waits: Waits) -> None:
    """Find what nobody announced: dead leases, poison, what has expired, what stayed unclear too long."""
    resolving.give_up_leases(act, waits=waits)
    resolving.hand_to_humans(act, waits=waits)
    expire(act)
    park(act)


def is_any_scheduled_due(session: Session, *, at: datetime) -> bool:
    """Whether the time of a scheduled message has come."""
    return bool(session.scalar(sa.select(sa.exists().where(_due(at)))))


def release_due(act: Act) -> int:
    """Queue the scheduled messages whose time has come, and place those for the app; return how many."""
    for_the_app = Message.medium == APP
    queued = _move_all(act, sa.and_(_due(act.now), ~for_the_app), MessageState.QUEUED, reason=None)
    due_now = sa.and_(_due(act.now), for_the_app, Message.expires_at > act.now)
    return queued + _each(act, due_now, lambda message: place(act, message))


def expire(act: Act) -> int:
    """End the messages that are of no use any more; return how many."""
    return _move_all(act, _late(act.now), MessageState.EXPIRED, reason="too_late")


def park(act: Act) -> int:
    """Fail the messages at which processes died again and again; return how many."""
    dead = poisoned(act.session, Message, among=IN_QUEUE)
    return _move_all(act, sa.and_(IN_QUEUE, Message.id.in_(dead)), MessageState.FAILED, reason="parked")


def _due(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Message.state == MessageState.SCHEDULED, Message.due_at <= at)


def _late(at: datetime) -> sa.ColumnElement[bool]:
    waiting = Message.state.in_((MessageState.QUEUED, MessageState.SCHEDULED, MessageState.HELD))
    return sa.and_(waiting, Message.direction == Direction.OUT, Message.expires_at <= at)


def _move_all(act: Act, condition: sa.ColumnElement[bool], state: MessageState, *, reason: str | None) -> int:
    return _each(act, condition, lambda message: move(act, message, state, reason=reason))


def _each(act: Act, condition: sa.ColumnElement[bool], change: Callable[[Message], None]) -> int:
    """Change the messages that still fit the condition once their thread is locked."""
    found = act.session.execute(
        sa.select(Message.id, Message.conversation_id).where(condition).order_by(Message.conversation_id).limit(BATCH)
    ).all()
    changed = 0
    for row in found:
        lock_thread(act.session, row.conversation_id)
        message = act.session.scalar(sa.select(Message).where(Message.id == row.id, condition).with_for_update())
        if message is not None:
            change(message)
            changed += 1
    return changed
