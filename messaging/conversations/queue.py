"""Which outgoing message may be sent next: the rows themselves are the queue.

Among the messages of a conversation that are due and not held at most one is in flight, by lane and then by place in
the thread. A message in flight or unclear holds back the next ones, and so does a long SMS until it is on its way.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.conversations.models import Direction, Message
from messaging.conversations.states import MessageState
from messaging.database.base import Moment
from messaging.database.moments import database_now
from messaging.waits import Waits
from messaging.work.lanes import MESSAGE_LANES, Lane
from messaging.work.leasing import Claim, claim


def claim_messages(session: Session, lane: Lane, *, at: datetime, limit: int, waits: Waits) -> Claim:
    """Lease up to `limit` messages of a lane that are due at `at` and that nothing in their conversation holds back."""
    return claim(
        session,
        Message,
        due=CLAIMABLE,
        order_by=ORDER,
        limit=limit,
        seconds=waits.send_lease,
        parameters={"at": at, "of_lane": lane},
    )


def is_any_due(session: Session, lane: Lane, *, at: datetime) -> bool:
    """Whether a claim might find something; a look that takes no lock."""
    return session.scalar(ANY_DUE, {"at": at, "of_lane": lane}) is not None


def is_held_back(session: Session, message_id: uuid.UUID, *, at: datetime) -> bool:
    """Whether another message of its conversation must go, or be cleared up, before this one."""
    return bool(session.scalar(HELD_BACK, {"at": at, "message_id": message_id}))


def _not_waiting(message: type[Message]) -> sa.ColumnElement[bool]:
    return sa.or_(message.next_try_at.is_(None), message.next_try_at <= database_now())


def _rank(message: type[Message]) -> sa.Case[int]:
    return sa.case({lane: rank for rank, lane in enumerate(MESSAGE_LANES)}, value=message.lane)


def _held_back() -> sa.ColumnElement[bool]:
    other = aliased(Message)
    in_flight = sa.or_(
        other.state == MessageState.SENDING,
        sa.and_(other.state.in_((MessageState.UNCLEAR, MessageState.SENT)), other.next_try_at > database_now()),
    )
    waiting = sa.and_(other.state == MessageState.QUEUED, other.due_at <= AT)
    comes_first = sa.or_(
        sa.and_(_rank(other) < _rank(Message), _not_waiting(other)),
        sa.and_(_rank(other) == _rank(Message), other.seq < Message.seq),
    )
    return sa.exists().where(
        other.conversation_id == Message.conversation_id,
        other.id != Message.id,
        sa.or_(in_flight, sa.and_(waiting, comes_first)),
    )


# The conditions are built once, with parameters for what changes: building them cost more than running them.
AT = sa.bindparam("at", type_=Moment())
DUE = sa.and_(
    Message.state
    == sa.literal_column(f"'{MessageState.QUEUED}'"),  # in words, so that the partial index is seen to fit
    Message.direction == Direction.OUT,
    Message.due_at <= AT,
    _not_waiting(Message),
    Message.lane == sa.bindparam("of_lane", type_=Message.lane.type),
)
BEHIND = _held_back()
CLAIMABLE = sa.and_(DUE, ~BEHIND)
ORDER = (Message.due_at, Message.seq)
ANY_DUE = sa.select(Message.id).where(DUE).order_by(*ORDER).limit(1)
"""In the order of the index: EXISTS may read the whole table, if statistics say that most of it is due."""
HELD_BACK = sa.select(sa.literal(1)).where(Message.id == sa.bindparam("message_id", type_=sa.Uuid()), BEHIND)
