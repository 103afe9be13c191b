"""Conversations, messages and templates over HTTP."""

import uuid
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from messaging.conversations import accepting, inbox_lists, opening, queries, sending, settling
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Conversation, Direction, Kind
from messaging.conversations.states import MessageState, Waiting
from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.journal.models import EventState
from messaging.people.queries import EVERYBODY
from messaging.people.visibility import find_citizen
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.idempotency import fingerprint_of
from messaging.web.shapes import Moment, PageQuery, Shape, Text, page_of
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

conversations = ApiBlueprint("conversations", __name__, description="Threads; a conversation's id is the citizen's")
messages = ApiBlueprint("messages", __name__, description="Messages both ways")
texts = ApiBlueprint("templates", __name__, description="Approved texts")


class ConversationShape(Shape):
    """The one thread of a citizen, and who has the next move.

    `needs_action`: a message of ours is unclear or held, or has failed or expired lately.
    """

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    waiting = ma.fields.Enum(Waiting, by_value=True, required=True)
    waiting_since = Moment(required=True)
    unread = ma.fields.Integer(required=True)
    last_message_at = Moment(required=True)
    danger_since = Moment(required=True, allow_none=True)
    needs_action = ma.fields.Boolean(required=True)


class ConversationQuery(PageQuery):
    """Which conversations: those waiting for us unless something else is asked."""

    waiting = ma.fields.Enum(Waiting, by_value=True, load_default=Waiting.FOR_US)


class StandingShape(Shape):
    """Who has the next move in a conversation."""

    id = ma.fields.UUID(required=True)
    waiting = ma.fields.Enum(Waiting, by_value=True, required=True)
    waiting_since = Moment(required=True)


class JournalShape(Shape):
    """Where a message stands in the case system."""

    state = ma.fields.Enum(EventState, by_value=True, required=True)
    receipt_number = ma.fields.String(required=True, allow_none=True)
    receipted_at = Moment(required=True, allow_none=True)


class MessageShape(Shape):
    """A message. `medium` is `sms` or `app`; `content_class` says how a citizen must have signed in to read it there.

    `reason` says why it is held, failed, expired or cancelled, `media` how many files came with it."""

    id = ma.fields.UUID(required=True)
    seq = ma.fields.Integer(required=True)
    direction = ma.fields.Enum(Direction, by_value=True, required=True)
    kind = ma.fields.Enum(Kind, by_value=True, required=True)
    author = ma.fields.Enum(Author, by_value=True, required=True)
    medium = ma.fields.String(required=True)
    content_class = ma.fields.Enum(ContentClass, by_value=True, required=True)
    text = ma.fields.String(required=True)
    segments = ma.fields.Integer(required=True)
    state = ma.fields.Enum(MessageState, by_value=True, required=True)
    state_since = Moment(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    due_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    provider_time = Moment(required=True, allow_none=True)
    late = ma.fields.Boolean(required=True)
    danger = ma.fields.String(required=True, allow_none=True)
    media = ma.fields.Integer(required=True)
    template = ma.fields.String(required=True, allow_none=True)
    journaled = ma.fields.Nested(JournalShape, required=True, allow_none=True)


class NewMessageShape(Shape):
    """A message to send. `id` may be the caller's own UUID; with `due_at` it waits until then.

    Typographic quotation marks, dashes, spaces and dots are sent, shown and journaled as the plain ones SMS has.
    """

    id = ma.fields.UUID()
    text = Text(required=True, validate=ma.validate.Length(min=1, max=sending.LONGEST))
    due_at = Moment(allow_none=True)
    expires_at = Moment(allow_none=True)


class AcceptedShape(Shape):
    """What was accepted; the same for the same key, however far the message has come. Ask for the message's state."""

    id = ma.fields.UUID(required=True)
    conversation_id = ma.fields.UUID(required=True)


class TemplateShape(Shape):
    """One version of an approved text."""

    key = ma.fields.String(required=True)
    variant = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    content_class = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    valid_from = Moment(required=True)
    valid_to = Moment(required=True, allow_none=True)
    approved_by = ma.fields.String(required=True)


class TemplatesShape(Shape):
    """The texts that are valid now."""

    items = ma.fields.List(ma.fields.Nested(TemplateShape), required=True)


@conversations.get("/conversations")
@conversations.needs("conversations:read")
@conversations.takes(ConversationQuery, where="query")
@conversations.gives(200, page_of(ConversationShape))
def list_conversations(query: dict[str, Any]) -> dict[str, Any]:
    """List conversations of one standing: signs of danger first, then the longest waiting."""
    runtime, actor, limit, waiting = current_runtime(), calling_actor(), query["limit"], query["waiting"]
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing=waiting, kinds=inbox_lists.LISTING_KINDS)
    with runtime.database.read() as session:
        rows = inbox_lists.list_conversations(
            session,
            runtime.vault,
            actor,
            shown=waiting,
            now=runtime.clock.now(),
            after=after,
            limit=limit + 1,
        )
    with runtime.act(actor) as act:
        count = min(len(rows), limit)
        act.audit("conversations.listed", object_kind="citizens", object_id=EVERYBODY, facts={"count": count})
    more = write_cursor(runtime.vault, listing=waiting, key=rows[limit - 1].key) if len(rows) > limit else None
    return {"items": rows[:limit], "next": more}


@conversations.post("/conversations/<uuid:citizen_id>/settle")
@conversations.needs("conversations:write", errors=(404,))
@conversations.gives(200, StandingShape)
def settle(citizen_id: uuid.UUID) -> Conversation:
    """Close what waits for us without an answer."""
    with current_runtime().act(calling_actor()) as act:
        find_citizen(act.session, act.actor, citizen_id)
        settling.settle(act, citizen_id=citizen_id)
        thread = act.session.scalar(
            sa.select(Conversation).filter_by(id=citizen_id).execution_options(populate_existing=True)
        )
        if thread is None:
            raise NotFound("there is no conversation yet")
        return thread


@messages.get("/conversations/<uuid:citizen_id>/messages")
@messages.needs("messages:read", errors=(404,))
@messages.takes(PageQuery, where="query")
@messages.gives(200, page_of(MessageShape))
def list_messages(query: dict[str, Any], citizen_id: uuid.UUID) -> dict[str, Any]:
    """List the messages of a thread, oldest first."""
    runtime, limit, listing = current_runtime(), query["limit"], f"messages of {citizen_id}"
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing=listing, kinds=(int,))
    with runtime.act(calling_actor()) as act:
        opening.open_thread(act, citizen_id=citizen_id)
    with runtime.database.read() as session:
        rows = queries.next_messages(
            session, runtime.vault, citizen_id, after=after[0] if after else 0, limit=limit + 1
        )
    full = len(rows) > limit
    more = write_cursor(runtime.vault, listing=listing, key=(rows[limit - 1].seq or 0,)) if full else None
    return {"items": rows[:limit], "next": more}


@messages.post("/conversations/<uuid:citizen_id>/messages")
@messages.needs("messages:write", errors=(404, 409))
@messages.keyed
@messages.takes(NewMessageShape)
@messages.gives(201, AcceptedShape)
def send(asked: dict[str, Any], citizen_id: uuid.UUID, *, key: str) -> dict[str, Any]:
    """Send a message, or let it wait until it is due. It goes by SMS, or in the app to whom the trial writes there."""
    runtime, actor = current_runtime(), calling_actor()
    order = accepting.Order(
        message_id=asked.get("id") or new_id(),
        citizen_id=citizen_id,
        text=asked["text"],
        scope=f"messages:{actor.system}",
        key=key,
        fingerprint=fingerprint_of(runtime.vault, citizen_id, asked),
        due_at=asked.get("due_at"),
        expires_at=asked.get("expires_at"),
    )
    return {"id": accepting.accept(runtime, actor, order), "conversation_id": citizen_id}


@messages.get("/messages/<uuid:message_id>")
@messages.needs("messages:read", errors=(404,))
@messages.gives(200, MessageShape)
def show(message_id: uuid.UUID) -> queries.ThreadMessage:
    """Show one message."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        message = queries.one_message(act.session, runtime.vault, act.actor, message_id=message_id)
        act.audit("message.opened", object_kind="message", object_id=message_id)
        return message


@messages.post("/messages/<uuid:message_id>/cancel")
@messages.needs("messages:write", errors=(404, 409))
@messages.gives(200, MessageShape)
def cancel(message_id: uuid.UUID) -> queries.ThreadMessage:
    """Call back a message that has not left yet."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        queries.one_message(act.session, runtime.vault, act.actor, message_id=message_id)
        sending.cancel_message(act, message_id=message_id)
        act.session.flush()
        message = queries.one_message(act.session, runtime.vault, act.actor, message_id=message_id)
    runtime.waker.wake(Lane.JOURNAL)
    return message


@texts.get("/templates")
@texts.needs("templates:read")
@texts.gives(200, TemplatesShape)
def list_templates() -> dict[str, Any]:
    """List the approved texts that are valid now."""
    runtime = current_runtime()
    with runtime.database.read() as session:
        return {"items": queries.valid_templates(session, at=runtime.clock.now())}
