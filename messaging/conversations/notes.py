"""The notes on a citizen, opened for reading."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.note_models import Note, NoteKind
from messaging.journal.queries import Journaled, journaled
from messaging.people.models import Caseworker
from messaging.vault.place import Place
from messaging.vault.vault import Vault

MOST = 200
"""Notes shown among one page of messages."""


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A note as staff read it. `at` is its place among the messages: when it was written."""

    id: uuid.UUID
    kind: NoteKind
    reached: bool | None
    text: str = field(repr=False)
    author: str
    occurred_at: datetime
    at: datetime
    journaled: Journaled | None


def notes_within(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, since: datetime | None, until: datetime | None
) -> list[NoteView]:
    """Return the newest notes on this citizen that were written within [since, until), oldest first."""
    chosen = (
        sa.select(Note, Caseworker.name)
        .join(Caseworker, Caseworker.id == Note.author_id)
        .where(Note.citizen_id == citizen_id)
        .order_by(Note.written_at.desc(), Note.id.desc())
        .limit(MOST)
    )
    if since is not None:
        chosen = chosen.where(Note.written_at >= since)
    if until is not None:
        chosen = chosen.where(Note.written_at < until)
    return open_notes(session, vault, citizen_id, session.execute(chosen).all()[::-1])


def open_notes(
    session: Session, vault: Vault, citizen_id: uuid.UUID, rows: Sequence[sa.Row[Note, str]]
) -> list[NoteView]:
    """Return these notes on one citizen, each given with its author's name, as staff read them."""
    places = journaled(session, stream_id=citizen_id, subject_ids=[note.id for note, _ in rows])
    return [
        NoteView(
            id=note.id,
            kind=note.kind,
            reached=note.reached,
            text=vault.open(note.text, owner=citizen_id, place=Place("notes", "text", note.id)),
            author=author,
            occurred_at=note.occurred_at,
            at=note.written_at,
            journaled=places.get(note.id),
        )
        for note, author in rows
    ]
