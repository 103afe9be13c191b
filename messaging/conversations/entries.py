"""A page of a thread as it is read: messages, with notes and markers in their places between them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Message
from messaging.conversations.notes import NoteView, notes_within
from messaging.conversations.queries import ThreadMessage, newest_messages
from messaging.people.markers import Marker, markers_within
from messaging.vault.vault import Vault

Entry = ThreadMessage | NoteView | Marker


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some messages of a thread in their order, and all entries of their time, theirs among them."""

    messages: Sequence[ThreadMessage]
    entries: Sequence[Entry]
    has_earlier: bool


def read_page(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, before: int | None, size: int, now: datetime
) -> Page:
    """Return the last messages of a thread, or the last before a place in it, with what else belongs there."""
    messages = newest_messages(session, vault, citizen_id, before=before, limit=size)
    has_earlier = len(messages) == size and _is_any_before(session, citizen_id, messages[0].seq)
    since = messages[0].created_at if has_earlier else None
    until = _begin_of(session, citizen_id, before)
    notes = notes_within(session, vault, citizen_id=citizen_id, since=since, until=until)
    markers = markers_within(session, vault, citizen_id=citizen_id, since=since, until=until, now=now)
    return Page(messages=messages, entries=_in_places(messages, [*notes, *markers]), has_earlier=has_earlier)


def _is_any_before(session: Session, citizen_id: uuid.UUID, seq: int | None) -> bool:
    """Whether there is more; asked without opening it."""
    earlier = sa.exists().where(Message.conversation_id == citizen_id, Message.seq < seq)
    return bool(session.scalar(sa.select(earlier)))


def _begin_of(session: Session, citizen_id: uuid.UUID, seq: int | None) -> datetime | None:
    """Where the page after this one begins."""
    if seq is None:
        return None
    chosen = sa.select(Message.created_at).where(Message.conversation_id == citizen_id, Message.seq >= seq)
    return session.scalar(chosen.order_by(Message.seq).limit(1))


def _in_places(messages: Sequence[ThreadMessage], others: Sequence[NoteView | Marker]) -> list[Entry]:
    """Messages keep their order, which is not always that of their times; each other entry follows what was before."""
    waiting = sorted(others, key=lambda other: other.at)
    placed: list[Entry] = []
    for message in messages:
        while waiting and waiting[0].at < message.created_at:
            placed.append(waiting.pop(0))
        placed.append(message)
    return [*placed, *waiting]
