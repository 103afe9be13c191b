"""Taking in what a citizen writes in her app: once for each id her telephone gave it, with all that follows from it.

A bare STOP or START is a text like any other here: it is said of SMS by SMS, and a human reads it.
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messaging.clock import COPENHAGEN
from messaging.conversations import threads
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.danger import find_danger
from messaging.conversations.keywords import clean_text
from messaging.conversations.models import Author, Direction, Kind, Message
from messaging.conversations.sending_in_app import check_text, for_the_app
from messaging.conversations.states import MessageState
from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.people.reaching import APP

TAKEN = "this id is taken"
"""Says nothing of whose message has it."""


def store_from_app(
    act: Act,
    *,
    citizen_id: uuid.UUID,
    message_id: uuid.UUID,
    text: str,
    content_class: ContentClass,
    document_id: uuid.UUID | None = None,
) -> bool:
    """Store a citizen's message, and journal which document it brings; False, with nothing changed, if it is there.

    Raises Conflict where something else has the id, InvalidInput for a text that is empty or too long.
    """
    text = clean_text(text).text
    check_text(text)
    threads.lock_thread_to_be(act.session, citizen_id)
    if _is_there(act, citizen_id, message_id):
        return False
    message = _write_down(act, citizen_id, message_id, text, for_the_app(content_class))
    facts = _facts(message, text) | ({"document": str(document_id)} if document_id else {})
    act.journal("message.received", stream=citizen_id, subject=message_id, facts=facts)
    act.audit("message.received", object_kind="message", object_id=message_id)
    act.announce("message.received", object_id=message_id)
    threads.citizen_waits(act, citizen_id, danger=message.danger is not None)
    return True


def _is_there(act: Act, citizen_id: uuid.UUID, message_id: uuid.UUID) -> bool:
    """Whether this message came before. Raises Conflict where something else has its id."""
    chosen = sa.select(Message.conversation_id, Message.direction, Message.medium).filter_by(id=message_id)
    row = act.session.execute(chosen).one_or_none()
    if row is not None and tuple(row) != (citizen_id, Direction.IN, APP):
        raise Conflict(TAKEN)
    return row is not None


def _write_down(
    act: Act, citizen_id: uuid.UUID, message_id: uuid.UUID, text: str, content_class: ContentClass
) -> Message:
    danger = find_danger(text, on=act.now.astimezone(COPENHAGEN).date())
    message = Message(
        id=message_id,
        conversation_id=citizen_id,
        seq=threads.take_seq(act.session, citizen_id, at=act.now),
        direction=Direction.IN,
        kind=Kind.TEXT,
        author=Author.CITIZEN,
        medium=APP,
        content_class=content_class,
        state=MessageState.RECEIVED,
        state_since=act.now,
        created_at=act.now,
        due_at=act.now,
        danger=danger.rule if danger else None,
    )
    message.body = act.seal(text, owner=citizen_id, table="messages", column="body", row=message_id)
    try:
        with act.session.begin_nested():
            act.session.add(message)
    except IntegrityError:  # somebody else's message took the id since we looked
        raise Conflict(TAKEN) from None
    return message


def _facts(message: Message, text: str) -> dict[str, str | int | bool | None]:
    return {
        "direction": message.direction,
        "channel": APP,
        "kind": message.kind,
        "author": message.author,
        "text": text,
        "content_class": message.content_class,
        "danger": message.danger,
    }
