"""Short ways to put events into a journal and to look at them."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.journal.models import JournalEvent
from messaging.journal.recording import NewEvent, record, record_many
from messaging.vault.vault import Vault

NOON = datetime(2027, 1, 4, 11, 0, tzinfo=UTC)


def received(stream_id: uuid.UUID, *, text: str = "Jeg kommer") -> NewEvent:
    """A message that came in."""
    return NewEvent(
        stream_id=stream_id,
        type="message.received",
        subject_id=new_id(),
        occurred_at=NOON,
        facts={"direction": "in", "channel": "sms", "author": "citizen", "text": text},
    )


def write(database: Database, vault: Vault, event: NewEvent) -> JournalEvent:
    """Record one event in a transaction of its own."""
    with database.write() as session:
        return record(
            session,
            vault,
            stream_id=event.stream_id,
            type_=event.type,
            subject_id=event.subject_id,
            occurred_at=event.occurred_at,
            facts=event.facts,
        )


def write_many(database: Database, vault: Vault, stream_id: uuid.UUID, *, count: int) -> None:
    """Record so many messages of one stream."""
    with database.write() as session:
        record_many(session, vault, events=[received(stream_id) for _ in range(count)])


def events_of(database: Database, stream_id: uuid.UUID) -> list[JournalEvent]:
    """The events of a stream in their order, as they stand now."""
    with database.read() as session:
        return list(session.scalars(sa.select(JournalEvent).filter_by(stream_id=stream_id).order_by(JournalEvent.seq)))


def only_event(database: Database, stream_id: uuid.UUID) -> JournalEvent:
    """The one event of a stream."""
    [event] = events_of(database, stream_id)
    return event


def set_back(database: Database, **columns: object) -> None:
    """Set columns of all events, as if time had passed."""
    with database.write() as session:
        session.execute(sa.update(JournalEvent).values(**columns))
