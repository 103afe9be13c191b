"""Reading content: whoever opens a thread, or what waits in triage, leaves an entry in the audit trail.

What was shown also bounds what may be answered: an answer clears all that waits, so it must not clear what its writer
has not seen.
"""

import uuid
from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.incoming import body_place, raw_place
from messaging.conversations.models import Author, Conversation, Direction, InboundEvent, Kind, Message
from messaging.conversations.note_models import Note
from messaging.conversations.states import Waiting
from messaging.conversations.threads import lock_thread_to_be
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act
from messaging.people.covering import note_opening
from messaging.people.models import Citizen, Role
from messaging.people.reaching import APP
from messaging.people.visibility import find_citizen
from messaging.vault.vault import TRIAGE, Vault


class NotAllSeen(Conflict):
    """The citizen has written, or a colleague has answered, since the page was drawn."""

    code = "not_all_seen"


def open_thread(act: Act, *, citizen_id: uuid.UUID) -> Citizen:
    """Note that somebody reads this citizen's messages; what its caseworker has opened is read.

    Raises NotFound, ReasonMissing.
    """
    citizen = find_citizen(act.session, act.actor, citizen_id)
    if act.actor.role is Role.CASEWORKER:
        act.session.execute(
            sa.update(Conversation).where(Conversation.id == citizen_id, Conversation.unread > 0).values(unread=0)
        )
    act.audit("conversation.opened", object_kind="conversation", object_id=citizen_id)
    note_opening(act, citizen_id=citizen_id)
    return citizen


def show_number(act: Act, *, citizen_id: uuid.UUID, message_id: uuid.UUID) -> None:
    """Note that somebody reads the personal number in what a citizen wrote, or what was written in her app.

    Raises NotFound, ReasonMissing.
    """
    find_citizen(act.session, act.actor, citizen_id)
    hidden = sa.or_(Message.direction == Direction.IN, Message.medium == APP)
    chosen = sa.select(Message.id).filter_by(id=message_id, conversation_id=citizen_id).where(hidden)
    if act.session.scalar(chosen) is None:
        raise NotFound("there is no such message")
    act.audit("message.number_shown", object_kind="message", object_id=message_id)


def show_number_in_note(act: Act, *, citizen_id: uuid.UUID, note_id: uuid.UUID) -> None:
    """Note that somebody reads the personal number in a note on a citizen. Raises NotFound, ReasonMissing."""
    find_citizen(act.session, act.actor, citizen_id)
    if act.session.scalar(sa.select(Note.id).filter_by(id=note_id, citizen_id=citizen_id)) is None:
        raise NotFound("there is no such note")
    act.audit("note.number_shown", object_kind="note", object_id=note_id)


def mark_unread(act: Act, *, citizen_id: uuid.UUID) -> None:
    """Put a thread back among those that wait for us, with something unread; how long it has waited is not reset.

    Raises NotFound, ReasonMissing.
    """
    find_citizen(act.session, act.actor, citizen_id)
    thread = act.session.get(Conversation, citizen_id, with_for_update=True, populate_existing=True)
    if thread is None:
        raise NotFound("there is nothing to read yet")
    thread.unread = max(thread.unread, 1)
    if thread.waiting is not Waiting.FOR_US:
        thread.waiting, thread.waiting_since = Waiting.FOR_US, act.now
    act.audit("conversation.marked_unread", object_kind="conversation", object_id=citizen_id)
    act.announce("conversation.marked_unread", object_id=citizen_id)


def is_any_unread(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether something in the thread has not been read by its caseworker."""
    return bool(session.scalar(sa.select(Conversation.unread).filter_by(id=citizen_id)))


def require_seen(act: Act, *, citizen_id: uuid.UUID, up_to: int) -> None:
    """Refuse to act on a thread in which the citizen, or a colleague, has written after this place. Takes the thread.

    Raises NotAllSeen.
    """
    lock_thread_to_be(act.session, citizen_id)
    a_colleagues = sa.and_(
        Message.author == Author.CASEWORKER, Message.kind == Kind.TEXT, Message.author_id != act.actor.id
    )
    newer = sa.exists().where(
        Message.conversation_id == citizen_id,
        Message.seq > up_to,
        sa.or_(Message.direction == Direction.IN, a_colleagues),
    )
    if act.session.scalar(sa.select(newer)):
        raise NotAllSeen("somebody has written since the page was opened")


def open_triage(act: Act) -> None:
    """Note that somebody reads the messages whose senders are unclear."""
    act.audit("triage.opened", object_kind="conversation", object_id=TRIAGE)


def count_media(
    session: Session, vault: Vault, messages: Sequence[Message], *, owner: uuid.UUID
) -> dict[uuid.UUID, int]:
    """Return how many files came with each message; only what the provider delivered tells, and that is sealed."""
    received = [message.id for message in messages if message.direction is Direction.IN]
    events = session.scalars(sa.select(InboundEvent).where(InboundEvent.id.in_(received)))
    raws = {event.id: vault.open_bytes(event.raw, owner=owner, place=raw_place(event.id)) for event in events}
    return {event_id: len(orjson.loads(raw)["media"]) for event_id, raw in raws.items()}


def open_text(vault: Vault, message: Message, *, owner: uuid.UUID) -> str:
    """Return what a message says."""
    return vault.open(message.body, owner=owner, place=body_place(message.id))
