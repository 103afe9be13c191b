"""A citizen's thread from a day to a day, to be taken out as one document. It is read in pages and bounded."""

import uuid

import sqlalchemy as sa

from messaging.conversations.models import Message
from messaging.conversations.note_models import Note
from messaging.conversations.notes import NoteView, open_notes
from messaging.conversations.queries import ThreadMessage, open_messages
from messaging.database.engine import Database
from messaging.errors import InvalidInput
from messaging.ledger.periods import Period
from messaging.people.models import Caseworker
from messaging.vault.vault import Vault

PAGE = 200
"""Messages opened at once."""


class TooLong(InvalidInput):
    """The period holds more than the document takes."""

    def __init__(self, *, most: int) -> None:
        super().__init__(f"the document takes at most {most} lines")
        self.most = most


def read_transcript(
    database: Database, vault: Vault, citizen_id: uuid.UUID, *, period: Period, most: int
) -> list[ThreadMessage]:
    """Return the messages of a period in the order of the thread. Raises TooLong."""
    messages: list[ThreadMessage] = []
    while page := _page(database, vault, citizen_id, period=period, after=_last(messages)):
        messages += page
        if len(messages) > most:
            raise TooLong(most=most)
    return messages


def read_notes(database: Database, vault: Vault, citizen_id: uuid.UUID, *, period: Period, most: int) -> list[NoteView]:
    """Return the notes of a period as they were written down, oldest first. Raises TooLong."""
    chosen = (
        sa.select(Note, Caseworker.name)
        .join(Caseworker, Caseworker.id == Note.author_id)
        .where(Note.citizen_id == citizen_id)
        .order_by(Note.written_at, Note.id)
        .limit(most + 1)
    )
    if period.since is not None:
        chosen = chosen.where(Note.written_at >= period.since)
    if period.until is not None:
        chosen = chosen.where(Note.written_at < period.until)
    with database.read() as session:
        rows = session.execute(chosen).all()
        if len(rows) > most:
            raise TooLong(most=most)
        return open_notes(session, vault, citizen_id, rows)


def _page(
    database: Database, vault: Vault, citizen_id: uuid.UUID, *, period: Period, after: int
) -> list[ThreadMessage]:
    chosen = sa.select(Message).where(Message.conversation_id == citizen_id, Message.seq > after)
    if period.since is not None:
        chosen = chosen.where(Message.created_at >= period.since)
    if period.until is not None:
        chosen = chosen.where(Message.created_at < period.until)
    with database.read() as session:
        rows = session.scalars(chosen.order_by(Message.seq).limit(PAGE)).all()
        return open_messages(session, vault, citizen_id, rows)


def _last(messages: list[ThreadMessage]) -> int:
    return (messages[-1].seq or 0) if messages else 0
