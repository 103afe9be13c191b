"""What became of a message: the provider's answer, its reports and its list all end here, in any order.

Results are written by attempt, so that a late truth is merged and never lost. An attempt that is proved accepted stays
accepted; what its receipts say is ranked, not overwritten.
"""

import uuid

import sqlalchemy as sa

from adapters.contract import DeliveryReport, DeliveryStatus
from messaging.conversations.models import Attempt, Message, Receipt
from messaging.conversations.moving import higher, project
from messaging.conversations.states import AttemptState, MessageState
from messaging.conversations.threads import lock_thread
from messaging.database.base import new_id
from messaging.database.moments import database_now
from messaging.database.upserts import insert_into
from messaging.people.acting import Act, Facts
from messaging.waits import Waits

CALLBACK = "callback"


def record_report(act: Act, report: DeliveryReport, *, channel: str, waits: Waits) -> bool:
    """Keep a provider's report and bring the message to what it says; False if it told nothing new.

    A report of a message we do not know is kept all the same and changes nothing.
    """
    attempt_id = _find_attempt(act, report, channel=channel)
    # Before the receipt, which holds the attempt fast: whoever has the thread may be waiting for the attempt.
    loaded = load(act, attempt_id) if attempt_id else None
    fresh = act.session.execute(
        insert_into(act.session, Receipt)
        .values(
            id=new_id(),
            attempt_id=attempt_id,
            channel=channel,
            provider_message_id=report.provider_message_id,
            provider_status=report.provider_status,
            error_code=report.error_code or "",
            status=report.status,
            received_at=act.now,
        )
        .on_conflict_do_nothing()
        .returning(Receipt.id)
    ).scalar()
    if loaded is None:
        if fresh is not None:
            act.audit("receipt.unknown", object_kind="receipt", object_id=fresh)
        return fresh is not None
    attempt, message = loaded
    facts: Facts = {"provider_status": report.provider_status}
    if report.error_code:
        facts["error_code"] = report.error_code
    accept(
        act,
        attempt,
        message,
        provider_message_id=report.provider_message_id,
        status=report.status,
        resolved_by=CALLBACK,
        waits=waits,
        reason=report.error_code,
        facts=facts,
    )
    return fresh is not None


def load(act: Act, attempt_id: uuid.UUID) -> tuple[Attempt, Message]:
    """Return an attempt and its message, locked; the thread is locked first, as everywhere."""
    thread = act.session.scalar(
        sa.select(Message.conversation_id)
        .join(Attempt, Attempt.message_id == Message.id)
        .where(Attempt.id == attempt_id)
    )
    if thread is None:
        raise ValueError("an attempt belongs to an outgoing message of a conversation")
    lock_thread(act.session, thread)
    attempt = act.session.get_one(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    message = act.session.get_one(Message, attempt.message_id, with_for_update=True, populate_existing=True)
    return attempt, message


def accept(
    act: Act,
    attempt: Attempt,
    message: Message,
    *,
    provider_message_id: str | None,
    resolved_by: str,
    waits: Waits,
    status: DeliveryStatus | None = None,
    reason: str | None = None,
    facts: Facts | None = None,
) -> None:
    """The provider has the message: by its answer, a report that carries our token, its list, or a human's word.

    Only a human does not know the provider's id.
    """
    if attempt.state is not AttemptState.ACCEPTED:
        attempt.state, attempt.resolved_by, attempt.next_lookup_at = AttemptState.ACCEPTED, resolved_by, None
    if attempt.provider_message_id is None and provider_message_id is not None:
        attempt.provider_message_id = provider_message_id
        _adopt_receipts(act, attempt)
    if status is not None:
        attempt.status = higher(attempt.status, status)
    act.session.flush()
    if message.state in {MessageState.SENDING, MessageState.UNCLEAR, MessageState.QUEUED}:
        message.lease_token = message.lease_until = None
        message.deaths = 0
    project(act, message, reason=reason, facts={**about(attempt), **(facts or {})})
    _hold_back_successors(act, attempt, message, waits)


def _find_attempt(act: Act, report: DeliveryReport, *, channel: str) -> uuid.UUID | None:
    """Find by our own token first: it binds even when the answer to the send was lost; else by the provider's id."""
    if report.callback_token:
        digest = token_digest(act, report.callback_token)
        found = act.session.scalar(sa.select(Attempt.id).filter_by(token_digest=digest))
        if found is not None:
            return found
    return act.session.scalar(
        sa.select(Attempt.id).filter_by(channel=channel, provider_message_id=report.provider_message_id)
    )


def token_digest(act: Act, token: str) -> bytes:
    """Return the keyed digest under which an attempt's callback token is kept."""
    return act.vault.fingerprint(token.encode(), purpose="callback")


def about(attempt: Attempt) -> Facts:
    """Return what the case system is told of the attempt behind a change of state."""
    return {
        "channel": attempt.channel,
        "attempt": attempt.number,
        "provider_message_id": attempt.provider_message_id,
        "resolved_by": attempt.resolved_by,
    }


def _adopt_receipts(act: Act, attempt: Attempt) -> None:
    """Take over reports that came before anyone knew which attempt they were about."""
    strays = act.session.scalars(
        sa.select(Receipt).filter_by(
            channel=attempt.channel, provider_message_id=attempt.provider_message_id, attempt_id=None
        )
    )
    for receipt in strays:
        receipt.attempt_id = attempt.id
        attempt.status = higher(attempt.status, receipt.status)


def _hold_back_successors(act: Act, attempt: Attempt, message: Message, waits: Waits) -> None:
    """Let the next message wait until a long SMS is on its way, so that the phone shows them in order."""
    on_its_way = attempt.status not in {None, DeliveryStatus.QUEUED, DeliveryStatus.UNKNOWN}
    if message.state is not MessageState.SENT or message.segments == 1 or on_its_way:
        message.next_try_at = None
    elif message.next_try_at is None:
        act.session.execute(
            sa.update(Message).where(Message.id == message.id).values(next_try_at=database_now(waits.part_pause))
        )
