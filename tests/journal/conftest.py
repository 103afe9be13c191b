"""An empty database with the journal's tables, a vault, and a citizen with a key."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from messaging.database.base import Base, new_id
from messaging.database.engine import Database
from messaging.journal.models import JournalEvent
from messaging.journal.recording import NewEvent, record
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase
from messaging.vault.vault import Vault

NOON = datetime(2027, 1, 4, 11, 0, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=25)
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def vault(new_database_url: Callable[[str], str], tmp_path: Path) -> Iterator[Vault]:
    keystore = Database(new_database_url("keystore"))
    KeystoreBase.metadata.create_all(keystore.engine)
    yield Vault(Keyring.create(tmp_path / "keys.json"), keystore)
    keystore.close()


@pytest.fixture
def citizen(vault: Vault) -> uuid.UUID:
    citizen = new_id()
    vault.create_owner(citizen)
    return citizen


def received(stream_id: uuid.UUID, *, text: str = "Jeg kommer", subject_id: uuid.UUID | None = None) -> NewEvent:
    """A message that came in."""
    return NewEvent(
        stream_id=stream_id,
        type="message.received",
        subject_id=subject_id or new_id(),
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
