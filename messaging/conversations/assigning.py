"""Finding out whose a message in triage is: a human says so, and it moves into the citizen's thread, sealed anew."""

import uuid

import orjson
import sqlalchemy as sa

from messaging.conversations import threads
from messaging.conversations.attaching import expect_files
from messaging.conversations.incoming import body_place, raw_place
from messaging.conversations.keyword_answers import act_on_keyword
from messaging.conversations.keywords import bare_keyword
from messaging.conversations.models import InboundEvent, Message
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act
from messaging.people.visibility import find_citizen
from messaging.vault.vault import TRIAGE


def assign_message(act: Act, *, message_id: uuid.UUID, citizen_id: uuid.UUID) -> Message:
    """Move a message from triage into a citizen's thread; it waits for us there, or if it is a keyword, has its effect.

    Raises NotFound for a citizen the actor may not see or a message that is not there, Conflict if somebody was first.
    """
    find_citizen(act.session, act.actor, citizen_id)
    message = act.session.scalar(sa.select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        raise NotFound("there is no such message")
    if message.conversation_id is not None:
        raise Conflict("the message has found its thread already")
    text, files = _seal_anew(act, message, citizen_id)
    message.seq = threads.take_seq(act.session, citizen_id, at=act.now)
    message.conversation_id = citizen_id
    act.session.flush()
    expect_files(act, message_id=message.id, count=files)
    _tell(act, message, citizen_id, text)
    keyword = bare_keyword(text)
    if keyword is None:
        threads.citizen_waits(act, citizen_id, danger=message.danger is not None)
    else:
        act_on_keyword(act, message, keyword=keyword, provider_opt_out=None)
    return message


def sender_of(act: Act, message_id: uuid.UUID) -> str:
    """Return the number a message in triage came from."""
    event = act.session.get_one(InboundEvent, message_id)
    raw = act.vault.open_bytes(event.raw, owner=TRIAGE, place=raw_place(message_id))
    return str(orjson.loads(raw)["sender"])


def _seal_anew(act: Act, message: Message, citizen_id: uuid.UUID) -> tuple[str, int]:
    """Put text and raw event under the citizen's key, so that erasing her erases them; return the text and its files.

    The files are only counted: from now on they may be fetched.
    """
    text = act.vault.open(message.body, owner=TRIAGE, place=body_place(message.id))
    message.body = act.vault.seal(text, owner=citizen_id, place=body_place(message.id))
    event = act.session.get_one(InboundEvent, message.id)
    raw = act.vault.open_bytes(event.raw, owner=TRIAGE, place=raw_place(message.id))
    event.raw = act.vault.seal_bytes(raw, owner=citizen_id, place=raw_place(message.id))
    return text, len(orjson.loads(raw)["media"])


def _tell(act: Act, message: Message, citizen_id: uuid.UUID, text: str) -> None:
    act.journal(
        "message.assigned",
        stream=citizen_id,
        subject=message.id,
        facts={
            "direction": message.direction,
            "channel": message.medium,
            "kind": message.kind,
            "author": message.author,
            "text": text,
            "provider_time": message.provider_time.isoformat() if message.provider_time else None,
            "received_at": message.created_at.isoformat(),
            "assigned_by": str(act.actor.id) if act.actor.id else None,
        },
    )
    act.audit("message.assigned", object_kind="message", object_id=message.id, facts={"citizen": str(citizen_id)})
    act.announce("message.received", object_id=message.id)
