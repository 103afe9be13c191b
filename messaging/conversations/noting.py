"""Writing notes on a citizen. A note is never sent: there is no way from here to a channel."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.conversations.note_models import OF_CONTACT, OURS_TO_TRY, Note, NoteKind
from messaging.conversations.settling import settle
from messaging.conversations.threads import lock_thread
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.visibility import find_citizen, find_known

LONGEST = 4000
"""Characters."""

OLDEST = timedelta(days=60)
"""How long ago a contact may have been that is noted only now."""


@dataclass(frozen=True, kw_only=True)
class NewNote:
    """A note as it is written. `occurred_at` and `reached` belong to contacts; without a moment it was just now."""

    id: uuid.UUID
    kind: NoteKind
    text: str = field(repr=False)
    reached: bool | None = None
    occurred_at: datetime | None = None


def write_note(act: Act, new: NewNote, *, citizen_id: uuid.UUID, settles: bool = False) -> Note:
    """Note something on a citizen; of a contact in which we spoke, `settles` closes what waits.

    Raises NotFound, ReasonMissing, or InvalidInput naming the field that does not fit.
    """
    find_citizen(act.session, act.actor, citizen_id)
    if settles:
        lock_thread(act.session, citizen_id)  # before the note is journaled: the stream is taken last
    note = _write(act, new, citizen_id=citizen_id)
    if settles and note.reached:
        settle(act, citizen_id=citizen_id)
    return note


def note_bare_call(act: Act, *, citizen_id: uuid.UUID, reached: bool) -> Note:
    """Note that we rang and no more, by somebody who may know of the citizen and opens nothing. Raises NotFound."""
    find_known(act.session, act.actor, citizen_id)
    new = NewNote(id=new_id(), kind=NoteKind.CALL_OUT, text="", reached=reached)
    return _write(act, new, citizen_id=citizen_id)


def _write(act: Act, new: NewNote, *, citizen_id: uuid.UUID) -> Note:
    if act.actor.id is None:
        raise ValueError("only a person writes notes")
    note = Note(
        id=new.id,
        citizen_id=citizen_id,
        kind=new.kind,
        reached=_reached(new),
        author_id=act.actor.id,
        occurred_at=_occurred_at(new, now=act.now),
        written_at=act.now,
    )
    text = _text(new)
    note.text = act.seal(text, owner=citizen_id, table="notes", column="text", row=note.id)
    act.session.add(note)
    act.journal(
        EventType.NOTE_WRITTEN,
        stream=citizen_id,
        subject=note.id,
        facts={
            "kind": note.kind,
            "reached": note.reached,
            "text": text,
            "author_id": str(note.author_id),
            "occurred_at": note.occurred_at.isoformat(),
        },
    )
    act.audit("note.written", object_kind="citizen", object_id=citizen_id, facts={"kind": note.kind})
    act.announce("citizen.noted", object_id=citizen_id)
    return note


def _text(new: NewNote) -> str:
    text = new.text.strip()
    if len(text) > LONGEST:
        raise InvalidInput(f"a note has at most {LONGEST} characters", field="text")
    if not text and new.kind is NoteKind.INTERNAL:
        raise InvalidInput("a note needs a text", field="text")
    return text


def _reached(new: NewNote) -> bool | None:
    """Who came or rang was there; of a try of ours the writer says it."""
    if new.kind not in OF_CONTACT:
        return None
    if new.kind not in OURS_TO_TRY:
        return True
    if new.reached is None:
        raise InvalidInput("say whether the citizen was reached", field="reached")
    return new.reached


def _occurred_at(new: NewNote, *, now: datetime) -> datetime:
    at = new.occurred_at if new.kind in OF_CONTACT and new.occurred_at else now
    if not now - OLDEST <= at <= now:
        raise InvalidInput("this lies in the future or too long ago", field="occurred_at")
    return at
