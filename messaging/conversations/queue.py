"""Which outgoing message may be sent next: the rows themselves are the queue.

Among the messages of a conversation that are due and not held at most one is in flight, by lane and then by place in
the thread. A message in flight or unclear holds back the next ones, and so does a long SMS until it is on its way.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.conversations.models import Direction, Message
from messaging.conversations.states import MessageState
from messaging.database.moments import database_now
from messaging.waits import Waits
from messaging.work.lanes import MESSAGE_LANES, Lane
from messaging.work.leasing import Claim, claim


def claim_messages(session: Session, lane: Lane, *, at: datetime, limit: int, waits: Waits) -> Claim:
    """Lease up to `limit` messages of a lane that are due at `at` and that nothing in their conversation holds back."""
    return claim(
        session,
        Message,
        due=sa.and_(is_due(Message, at=at), Message.lane == lane, ~held_back(at=at)),
        order_by=[Message.due_at, Message.seq],
        limit=limit,
        seconds=waits.send_lease,
    )


def is_any_due(session: Session, lane: Lane, *, at: datetime) -> bool:
    """Whether a claim might find something; a look that takes no lock."""
    due = sa.exists().where(is_due(Message, at=at), Message.lane == lane)
    return bool(session.scalar(sa.select(due)))


def is_due(message: type[Message], *, at: datetime) -> sa.ColumnElement[bool]:
    """Queued, its time has come, and it is not in a back-off."""
    return sa.and_(
        message.state == MessageState.QUEUED,
        message.direction == Direction.OUT,
        message.due_at <= at,
        _not_waiting(message),
    )


def held_back(*, at: datetime) -> sa.ColumnElement[bool]:
    """Whether another message of the same conversation must go, or be cleared up, before `Message`."""
    other = aliased(Message)
    in_flight = sa.or_(
        other.state == MessageState.SENDING,
        sa.and_(other.state.in_((MessageState.UNCLEAR, MessageState.SENT)), other.next_try_at > database_now()),
    )
    waiting = sa.and_(other.state == MessageState.QUEUED, other.due_at <= at)
    comes_first = sa.or_(
        sa.and_(_rank(other) < _rank(Message), _not_waiting(other)),
        sa.and_(_rank(other) == _rank(Message), other.seq < Message.seq),
    )
    return sa.exists().where(
        other.conversation_id == Message.conversation_id,
        other.id != Message.id,
        sa.or_(in_flight, sa.and_(waiting, comes_first)),
    )


def _not_waiting(message: type[Message]) -> sa.ColumnElement[bool]:
    return sa.or_(message.next_try_at.is_(None), message.next_try_at <= database_now())


def _rank(message: type[Message]) -> sa.Case[int]:
    return sa.case({lane: rank for rank, lane in enumerate(MESSAGE_LANES)}, value=message.lane)
