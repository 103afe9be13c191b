"""The last look before a message leaves, and the record that it is about to: committed before the provider is called.

What may have changed since the message was written is asked again here, seconds before sending: expiry, STOP, the
number, the arm of the trial, what else is in flight. A process that dies after this commit leaves one unclear attempt,
never a second SMS.
"""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from adapters.contract import OutboundMessage
from messaging.clock import day_around
from messaging.conversations import secret_texts
from messaging.conversations.answers import set_by_database_clock
from messaging.conversations.arms import refusal_now
from messaging.conversations.delivery import token_digest
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Attempt, Kind, Message
from messaging.conversations.moving import move, project
from messaging.conversations.office import Office
from messaging.conversations.queue import is_held_back
from messaging.conversations.sending import why_no_sms
from messaging.conversations.states import AttemptState, MessageState
from messaging.conversations.threads import lock_thread
from messaging.conversations.welcoming import welcome_first
from messaging.database.base import new_id
from messaging.database.moments import database_now
from messaging.people.acting import Act
from messaging.people.models import ContactPoint
from messaging.people.reaching import reach
from messaging.trial.capabilities import REASONS
from messaging.trial.withholding import note_withheld
from messaging.vault.place import Place
from messaging.waits import Waits
from messaging.work.leasing import FREED

BODY_DIGEST = "message-body"


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A committed attempt and what is to be handed to the provider."""

    attempt_id: uuid.UUID
    message: OutboundMessage = field(repr=False)


def intend(
    act: Act, *, message_id: uuid.UUID, lease: uuid.UUID, channel: str, waits: Waits, welcome: Office | None = None
) -> Intent | None:
    """Write the attempt for a leased message and return what to send; None if it is not to be sent (any more) now.

    `welcome`: who writes, if the first message to a citizen waits for her welcome.
    """
    thread = act.session.scalar(sa.select(Message.conversation_id).filter_by(id=message_id))
    if thread is None:
        return None
    lock_thread(act.session, thread)
    message = act.session.scalar(
        sa.select(Message)
        .where(
            Message.id == message_id,
            Message.lease_token == lease,
            Message.lease_until > database_now(),
            Message.state == MessageState.QUEUED,
        )
        .with_for_update()
    )
    if message is None:
        return None
    if (
        _end_instead(act, message)
        or _is_of_another_day(act, message, waits=waits)
        or is_held_back(act.session, message.id, at=act.now)
        or (welcome is not None and welcome_first(act, message, office=welcome))
    ):
        for column, value in FREED.items():
            setattr(message, column, value)
        return None
    return _write_attempt(act, message, channel=channel, waits=waits)


def _end_instead(act: Act, message: Message) -> bool:
    """End or hold a message that may not go any more."""
    if message.conversation_id is None:
        return False
    if _is_accepted(act, message):
        project(act, message)
        return True
    if message.expires_at is not None and message.expires_at <= act.now:
        move(act, message, MessageState.EXPIRED, reason="too_late")
        return True
    person = reach(act.session, message.conversation_id)
    reason = why_no_sms(person, message.kind)
    if reason is None and person.contact_point_id != message.contact_point_id:
        reason = "number_ended"
    if reason is None and (refusal := refusal_now(act.session, message, person)):
        note_withheld(act, refusal, message_id=message.id)
        reason = REASONS[refusal.arm]
    if reason is not None:
        move(act, message, MessageState.CANCELLED, reason=reason, facts={"cancelled_by": act.actor.kind})
        return True
    if person.shared and not message.content_free:
        move(act, message, MessageState.HELD, reason="shared_number")
        return True
    return False


def _is_of_another_day(act: Act, message: Message, *, waits: Waits) -> bool:
    """Whether a reminder was written on an earlier day, when its words were true; then it waits to be written anew."""
    today, _ = day_around(act.now)
    if message.kind is not Kind.REMINDER or message.created_at >= today:
        return False
    set_by_database_clock(act, message, next_try_at=waits.sweep)
    return True


def _is_accepted(act: Act, message: Message) -> bool:
    """Whether the provider has it after all: proof that came when it was thought not to have left."""
    accepted = sa.exists().where(Attempt.message_id == message.id, Attempt.state == AttemptState.ACCEPTED)
    return bool(act.session.scalar(sa.select(accepted)))


def _write_attempt(act: Act, message: Message, *, channel: str, waits: Waits) -> Intent | None:
    token = secrets.token_urlsafe(24)
    body = _words(act, message)
    number = 1 + (act.session.scalar(sa.select(sa.func.max(Attempt.number)).filter_by(message_id=message.id)) or 0)
    attempt = Attempt(
        id=new_id(),
        message_id=message.id,
        number=number,
        channel=channel,
        token_digest=token_digest(act, token),
        body_digest=act.vault.fingerprint(body.encode(), purpose=BODY_DIGEST),
        state=AttemptState.INTENDED,
        lookups=0,
        empty_lookups=0,
    )
    attempt.intended_at = database_now()
    attempt.lease_until = database_now(waits.send_lease)
    try:
        with act.session.begin_nested():
            message.state, message.state_since = MessageState.SENDING, act.now
            message.tries += 1
            act.session.add(attempt)
    except IntegrityError:
        # Another message of the conversation is in flight: the unique index says so where the look above could not.
        act.session.refresh(message)
        return None
    return Intent(
        attempt_id=attempt.id,
        message=OutboundMessage(
            attempt_id=str(attempt.id),
            recipient=_recipient(act, message),
            text=body,
            callback_token=token,
            valid_for=_seconds_left(message, act.now),
        ),
    )


def _words(act: Act, message: Message) -> str:
    secret = secret_texts.words_of(act, message) if message.kind is Kind.LOGIN_CODE else None
    return secret or act.vault.open(message.body, owner=_owner(message), place=body_place(message.id))


def _owner(message: Message) -> uuid.UUID:
    if message.conversation_id is None:
        raise ValueError("an outgoing message belongs to a conversation")
    return message.conversation_id


def _recipient(act: Act, message: Message) -> str:
    point = act.session.get_one(ContactPoint, message.contact_point_id)
    return act.vault.open(point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id))


def _seconds_left(message: Message, now: datetime) -> int | None:
    return None if message.expires_at is None else max(1, int((message.expires_at - now).total_seconds()))
