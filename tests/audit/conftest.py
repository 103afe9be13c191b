"""An empty trail on either kind of database, a vault, and a chainer that signs after every five links."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from messaging.audit import trail
from messaging.audit.chaining import Chainer
from messaging.audit.heads import Heads
from messaging.audit.models import AuditEntry, AuditHead
from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.database.leadership import Leadership
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase
from messaging.vault.vault import Vault
from tests.conftest import NewDatabaseUrl

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

METTE = uuid.UUID("01890000-0000-7000-8000-000000000001")

WriteEntries = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Caseworker:
    """Someone who acts."""

    kind: str = "staff"
    id: uuid.UUID | None = METTE


def create_trail(url: str) -> None:
    database = Database(url)
    tables = [Base.metadata.tables[model.__tablename__] for model in (AuditEntry, AuditHead, Leadership)]
    Base.metadata.create_all(database.engine, tables=tables)
    database.close()


@pytest.fixture
def database(new_database_url: NewDatabaseUrl) -> Iterator[Database]:
    database = Database(new_database_url("messaging", prepare=create_trail), pool_size=10)
    yield database
    database.close()


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    keystore = Database(f"sqlite:///{tmp_path / 'keystore.db'}")
    KeystoreBase.metadata.create_all(keystore.engine)
    yield Vault(Keyring.create(tmp_path / "borgerdialog.key"), keystore)
    keystore.close()


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    return Heads(tmp_path / "heads.jsonl")


@pytest.fixture
def chainer(database: Database, vault: Vault, heads: Heads) -> Chainer:
    return Chainer(database=database, vault=vault, heads=heads, holder="worker 1", batch=4, head_entries=5)


@pytest.fixture
def write_entries(database: Database, vault: Vault) -> WriteEntries:
    """Writes so many entries, each in a transaction of its own."""

    def write(count: int) -> None:
        for number in range(count):
            with database.write() as session:
                trail.record(
                    session,
                    vault,
                    at=NOON,
                    actor=Caseworker(),
                    action="message.read",
                    object_kind="message",
                    object_id=uuid.uuid4(),
                    facts={"number": number},
                )

    return write
