"""Changing a message that has not left: one that waits for its time, or that the content gate holds.

The lanes take such messages too, at the moment they fall due. Both take the thread first, so either the change comes
first and the new words leave, or the message has gone and its writer is told.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from messaging.conversations import sending, sending_in_app
from messaging.conversations.arms import refusal_now
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Direction, Kind, Message, SearchToken
from messaging.conversations.moving import move
from messaging.conversations.segments import make_gsm, measure
from messaging.conversations.states import MessageState
from messaging.conversations.threads import lock_thread
from messaging.conversations.writing import require_postcard
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act
from messaging.people.reaching import APP, Reach, reach

EDITABLE = (MessageState.SCHEDULED, MessageState.HELD)


class HasLeft(Conflict):
    """The message has left, is about to, or has ended."""

    code = "has_left"


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the message since it was opened."""

    code = "changed_meanwhile"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a message shall say, and when it shall leave; None: now. `seen` is the `state_since` its editor has seen."""

    message_id: uuid.UUID
    citizen_id: uuid.UUID
    text: str = field(repr=False)
    due_at: datetime | None
    seen: datetime


def edit_message(act: Act, edit: Edit) -> Message:
    """Change a message that has not left.

    Raises NotFound, HasLeft, ChangedMeanwhile, NotReachable, WouldBeHeld, or InvalidInput for a text that cannot be
    sent.
    """
    lock_thread(act.session, edit.citizen_id)
    message = find_editable(act, citizen_id=edit.citizen_id, message_id=edit.message_id)
    in_app = message.medium == APP
    text, due = edit.text if in_app else make_gsm(edit.text), edit.due_at or act.now
    before = act.vault.open(message.body, owner=edit.citizen_id, place=body_place(message.id))
    if (text, due) == (before, message.due_at):
        return message  # the same form came twice
    if message.state_since != edit.seen:
        raise ChangedMeanwhile("somebody has changed the message since it was opened")
    person = reach(act.session, edit.citizen_id)
    _require_way(message, text, person=person)
    if refusal := refusal_now(act.session, message, person):
        raise sending.Withheld(refusal)
    if text != before:
        message.template, message.content_free = None, False  # not a word of an approved text may be another
        _write_down(act, message, edit.citizen_id, text)
    if not in_app:
        require_postcard(text, person=person, content_free=message.content_free)
    message.due_at, message.expires_at = due, due + sending.LIFE
    _tell(act, message, edit.citizen_id, text)
    _go_on(act, message, at_once=due <= act.now)
    message.state_since = act.now
    return message


def _require_way(message: Message, text: str, *, person: Reach) -> None:
    """Refuse a text that cannot go the way its message goes. Raises NotReachable, InvalidInput."""
    if message.medium == APP:
        sending_in_app.check_text(text)
        if reason := sending_in_app.why_not_in_app(person, message.kind):
            raise sending.NotReachable(reason, way="in the app")
        return
    sending.check_text(text)
    if reason := sending.why_no_sms(person, message.kind):
        raise sending.NotReachable(reason)


def _go_on(act: Act, message: Message, *, at_once: bool) -> None:
    """Let the message wait for its time, or go now."""
    if at_once and message.medium == APP:
        sending_in_app.place(act, message)
        return
    state = MessageState.QUEUED if at_once else MessageState.SCHEDULED
    if state is not message.state:
        move(act, message, state)


def find_editable(act: Act, *, citizen_id: uuid.UUID, message_id: uuid.UUID) -> Message:
    """Return a message that may still be changed. Raises NotFound, HasLeft."""
    message = act.session.scalar(
        sa.select(Message)
        .filter_by(id=message_id, conversation_id=citizen_id, direction=Direction.OUT)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise NotFound("there is no such message")
    if message.state not in EDITABLE or message.kind is not Kind.TEXT:
        raise HasLeft("the message has left already, or has ended")
    return message


def _write_down(act: Act, message: Message, citizen_id: uuid.UUID, text: str) -> None:
    """Put other words in place of the old, which are no longer found by a search."""
    message.body = act.seal(text, owner=citizen_id, table="messages", column="body", row=message.id)
    message.segments = 1 if message.medium == APP else measure(text).count
    act.session.execute(sa.delete(SearchToken).where(SearchToken.message_id == message.id))
    act.announce("message.written", object_id=message.id)


def _tell(act: Act, message: Message, citizen_id: uuid.UUID, text: str) -> None:
    act.journal(
        "message.edited",
        stream=citizen_id,
        subject=message.id,
        facts={
            "text": text,
            "template": message.template,
            "due_at": message.due_at.isoformat(),
            "edited_by": str(act.actor.id) if act.actor.id else None,
        },
    )
    act.audit("message.edited", object_kind="message", object_id=message.id, facts={"state": message.state})
    act.announce("message.changed", object_id=message.id)
