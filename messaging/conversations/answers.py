"""What follows from one call to a provider: the answer, or the way in which it failed."""

import uuid
from random import Random

import sqlalchemy as sa

from adapters.contract import Accepted
from adapters.errors import AdapterError, OutcomeUnknown, RecipientRefused, TryLater
from messaging.conversations.delivery import about, accept, load
from messaging.conversations.models import Attempt, Message
from messaging.conversations.moving import move, project
from messaging.conversations.states import AttemptState, MessageState
from messaging.database.moments import database_now
from messaging.people.acting import Act
from messaging.people.wishes import block_number
from messaging.waits import Waits
from messaging.work.retries import delay

ANSWER = "answer"


def record_accepted(act: Act, *, attempt_id: uuid.UUID, answer: Accepted, waits: Waits) -> None:
    """The provider took the message. Merged even if the attempt had been given up as unclear meanwhile."""
    attempt, message = load(act, attempt_id)
    attempt.answered_at = act.now
    if answer.segments:
        message.segments = answer.segments
    accept(
        act,
        attempt,
        message,
        provider_message_id=answer.provider_message_id,
        resolved_by=ANSWER,
        waits=waits,
    )


def record_failure(act: Act, *, attempt_id: uuid.UUID, error: AdapterError, waits: Waits, chance: Random) -> None:
    """The call failed: refused for good, certainly not sent, or unclear."""
    attempt, message = load(act, attempt_id)
    if attempt.state not in {AttemptState.INTENDED, AttemptState.UNCLEAR}:
        return  # a callback or the list has told the truth already
    attempt.answered_at, attempt.error_code = act.now, error.code
    if isinstance(error, RecipientRefused):
        attempt.state, attempt.resolved_by, attempt.next_lookup_at = AttemptState.REFUSED, ANSWER, None
        if error.blocked and message.number_id is not None:
            block_number(act, number_id=message.number_id)
        act.session.flush()
        project(act, message, reason=error.code, facts={**about(attempt), "error_code": error.code})
        _free(message)
    elif isinstance(error, OutcomeUnknown):
        mark_unclear(act, attempt, message, reason=error.code, waits=waits)
    else:
        spent = not isinstance(error, TryLater) or error.counts
        wish = error.retry_after if isinstance(error, TryLater) else None
        mark_not_sent(act, attempt, message, reason=error.code, waits=waits, chance=chance, spent=spent, wish=wish)


def mark_unclear(act: Act, attempt: Attempt, message: Message, *, reason: str, waits: Waits) -> None:
    """Nobody knows whether it left: look for it, hold back what comes after it, and never send it again blindly."""
    attempt.state = AttemptState.UNCLEAR
    set_by_database_clock(act, attempt, next_lookup_at=waits.lookups[0])
    if message.state is MessageState.SENDING:
        move(act, message, MessageState.UNCLEAR, reason=reason, facts=about(attempt))
        _free(message)
        act.session.flush()
        set_by_database_clock(act, message, next_try_at=waits.unclear_blocks)


def mark_not_sent(
    act: Act,
    attempt: Attempt,
    message: Message,
    *,
    reason: str,
    waits: Waits,
    chance: Random,
    spent: bool = True,
    wish: float | None = None,
    resolved_by: str = ANSWER,
) -> None:
    """It certainly did not leave: queue it again after a pause. `wish` is the provider's own wish in seconds."""
    attempt.state, attempt.resolved_by, attempt.next_lookup_at = AttemptState.NOT_SENT, resolved_by, None
    if message.state not in {MessageState.SENDING, MessageState.UNCLEAR} or message.conversation_id is None:
        return
    act.journal(
        "attempt.failed",
        stream=message.conversation_id,
        subject=message.id,
        facts={**about(attempt), "reason": reason},
    )
    if message.called_back is not None:
        move(act, message, MessageState.CANCELLED, reason=message.called_back, facts={"cancelled_by": act.actor.kind})
        _free(message)
        return
    if not spent:
        message.tries -= 1
    pause = max(wish or 0, delay(waits.outbound_retries, max(message.tries, 1), random=chance))
    move(act, message, MessageState.QUEUED)
    _free(message)
    act.session.flush()
    set_by_database_clock(act, message, next_try_at=pause)


def _free(message: Message) -> None:
    message.lease_token = message.lease_until = None
    message.deaths = 0


def set_by_database_clock(act: Act, row: Attempt | Message, **seconds: float) -> None:
    """Set moments of a row by the database's clock, so many seconds from now."""
    act.session.flush()
    table = type(row)
    act.session.execute(
        sa.update(table)
        .where(table.id == row.id)
        .values({name: database_now(wait) for name, wait in seconds.items()})
        .execution_options(synchronize_session=False)
    )
    act.session.expire(row, list(seconds))
