"""How a message changes its state: always by the table of `states.py`, always journaled and announced."""

import sqlalchemy as sa

from adapters.contract import DeliveryStatus
from messaging.conversations import secret_texts
from messaging.conversations.models import Attempt, Direction, Kind, Message
from messaging.conversations.states import RECEIPT_RANK, TRANSITIONS, AttemptState, MessageState
from messaging.people.acting import Act, Facts
from messaging.people.reaching import APP

JOURNALED: dict[MessageState, str] = {
    MessageState.SENT: "message.sent_to_provider",
    MessageState.DELIVERED: "message.delivered",
    MessageState.READ: "message.read",
    MessageState.FAILED: "message.failed",
    MessageState.EXPIRED: "message.expired",
    MessageState.CANCELLED: "message.cancelled",
    MessageState.UNCLEAR: "message.unclear",
    MessageState.HELD: "message.held",
}
"""The event that tells the case system of a state. SENDING is ours alone, QUEUED is told by whoever queues."""

PLACED = "message.placed"
"""What stands for `sent` of a message in the app: no provider took it."""


def may_move(message: Message, state: MessageState) -> bool:
    """Whether the table lets this message go there."""
    return state in TRANSITIONS[message.state]


def move(
    act: Act, message: Message, state: MessageState, *, reason: str | None = None, facts: Facts | None = None
) -> None:
    """Change the state, journal it and announce it. Raises ValueError where the table does not allow the change."""
    if not may_move(message, state):
        raise ValueError(f"a message does not go from {message.state} to {state}")
    message.state, message.state_since, message.reason = state, act.now, reason
    if state in JOURNALED and message.conversation_id is not None:
        told: Facts = {"reason": reason} if state in _WITH_REASON else {}
        type_ = PLACED if state is MessageState.SENT and message.medium == APP else JOURNALED[state]
        act.journal(type_, stream=message.conversation_id, subject=message.id, facts={**told, **(facts or {})})
    if message.kind is Kind.LOGIN_CODE and state in secret_texts.OVER:
        secret_texts.forget(act.session, message.id)
    act.announce("message.changed", object_id=message.id)


_WITH_REASON = {
    MessageState.FAILED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
    MessageState.UNCLEAR,
    MessageState.HELD,
}


def projected(attempts: list[tuple[AttemptState, DeliveryStatus | None]]) -> MessageState:
    """Return the state that these attempts, oldest first, add up to: the same for every order of their receipts."""
    statuses = {status for _state, status in attempts}
    if DeliveryStatus.READ in statuses:
        return MessageState.READ
    if DeliveryStatus.DELIVERED in statuses:
        return MessageState.DELIVERED
    state, status = attempts[-1]
    if status in {DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED}:
        return MessageState.FAILED
    return _OF_ATTEMPT[state]


_OF_ATTEMPT = {
    AttemptState.INTENDED: MessageState.SENDING,
    AttemptState.ACCEPTED: MessageState.SENT,
    AttemptState.REFUSED: MessageState.FAILED,
    AttemptState.NOT_SENT: MessageState.QUEUED,
    AttemptState.UNCLEAR: MessageState.UNCLEAR,
}


def higher(known: DeliveryStatus | None, fresh: DeliveryStatus) -> DeliveryStatus:
    """Return which of two receipts of one attempt decides."""
    return fresh if known is None or RECEIPT_RANK[fresh] > RECEIPT_RANK[known] else known


def project(act: Act, message: Message, *, reason: str | None = None, facts: Facts | None = None) -> None:
    """Bring a message to the state its attempts add up to, where the table lets it go there.

    A message that we ended ourselves stays ended unless an attempt proves delivery.
    """
    attempts = act.session.execute(
        sa.select(Attempt.state, Attempt.status).filter_by(message_id=message.id).order_by(Attempt.number)
    )
    state = projected([(row.state, row.status) for row in attempts])
    if message.direction is Direction.OUT and state is not message.state and may_move(message, state):
        move(act, message, state, reason=reason, facts=facts)
