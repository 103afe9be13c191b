"""Fixtures of a whole runtime on either database: empty tables, a vault of its own, a clock that stands still."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from messaging.appointments import guidance_models, import_models, planned_models
from messaging.appointments import models as appointments_models
from messaging.attendance import models as attendance_models
from messaging.audit import models as audit_models
from messaging.clock import FixedClock
from messaging.config import Config
from messaging.conversations import attachment_models, batch_models, file_models, stop_models
from messaging.database import changes
from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.documents import models as documents_models
from messaging.evaluation import models as evaluation_models
from messaging.experience import interview_models
from messaging.experience import models as experience_models
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase, OwnerKeyRow
from messaging.vault.vault import Vault
from messaging.volumes import models as volumes_models
from messaging.web import models as web_models
from messaging.work import models as work_models
from tests.fakes import FakeCaseSystem, FakeChannel, RecordingWaker

if TYPE_CHECKING:
    from tests.conftest import NewDatabaseUrl

TABLES_OF = (
    appointments_models,
    attendance_models,
    attachment_models,
    audit_models,
    batch_models,
    changes,
    experience_models,
    guidance_models,
    import_models,
    interview_models,
    planned_models,
    documents_models,
    evaluation_models,
    file_models,
    stop_models,
    volumes_models,
    web_models,
    work_models,
)
"""Modules whose tables the others do not bring along by importing them."""

KEY_FILE = "keys.json"
KEYSTORE = "keystore.db"
A_TUESDAY = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
"""Ten o'clock in Copenhagen, on a working day."""


def create_tables(url: str) -> None:
    """Lay out the service's database."""
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.close()


@pytest.fixture
def service_url(new_database_url: "NewDatabaseUrl") -> str:
    """The address of the service's database with all its tables, empty, on SQLite and on PostgreSQL."""
    return new_database_url("borgerdialog", prepare=create_tables)


@pytest.fixture
def database(service_url: str) -> Iterator[Database]:
    """The service's database."""
    database = Database(service_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def vault_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key file and the keystore of a vault that nobody has used yet."""
    folder = tmp_path_factory.mktemp("vault")
    keystore = Database(f"sqlite:///{folder / KEYSTORE}")
    KeystoreBase.metadata.create_all(keystore.engine)
    Vault(Keyring.create(folder / KEY_FILE), keystore).close()
    return folder


@pytest.fixture
def vault(vault_template: Path, tmp_path: Path) -> Iterator[Vault]:
    """A vault with a key file and a keystore of its own."""
    for name in (KEY_FILE, KEYSTORE):
        shutil.copy(vault_template / name, tmp_path)
    with closing(Vault(Keyring.load(tmp_path / KEY_FILE), Database(f"sqlite:///{tmp_path / KEYSTORE}"))) as vault:
        yield vault


@pytest.fixture
def clock() -> FixedClock:
    """Stands at ten o'clock on a working day until a test moves it."""
    return FixedClock(moment=A_TUESDAY)


@pytest.fixture
def channel() -> FakeChannel:
    """The channel of the runtime."""
    return FakeChannel()


@pytest.fixture
def case_system() -> FakeCaseSystem:
    """The case system of the runtime."""
    return FakeCaseSystem()


@pytest.fixture
def waker() -> RecordingWaker:
    """The waker of the runtime."""
    return RecordingWaker()


@pytest.fixture
def config(service_url: str, tmp_path: Path) -> Config:
    """The configuration of the runtime: a rehearsal's."""
    return Config.from_environment(
        {
            "BORGERDIALOG_PRODUCTION": "no",
            "BORGERDIALOG_DATA_FOLDER": str(tmp_path),
            "BORGERDIALOG_DATABASE_URL": service_url,
            "BORGERDIALOG_KEYSTORE_URL": f"sqlite:///{tmp_path / KEYSTORE}",
            "BORGERDIALOG_KEY_FILE": str(tmp_path / KEY_FILE),
            "BORGERDIALOG_PUBLIC_URL": "http://localhost",
            "BORGERDIALOG_SMS_CHANNEL": "simulator",
            "BORGERDIALOG_UNIT_PHONE": "89 40 00 00",
            "BORGERDIALOG_MUNICIPALITY": "Øvelse Kommune",
            "BORGERDIALOG_MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
            "BORGERDIALOG_DPO_CONTACT": "dpo@oevelse.example",
            "BORGERDIALOG_WELCOME": "no",
        }
    )


@pytest.fixture
def runtime(
    config: Config,
    database: Database,
    vault: Vault,
    clock: FixedClock,
    channel: FakeChannel,
    case_system: FakeCaseSystem,
    waker: RecordingWaker,
) -> Runtime:
    """Everything a route, a verb or a worker needs; its parts are fixtures of their own."""
    return Runtime(
        config=config,
        database=database,
        vault=vault,
        clock=clock,
        channel=channel,
        case_system=case_system,
        waker=waker,
    )


def lose_key(runtime: Runtime, owner: uuid.UUID) -> None:
    """Delete somebody's key, which is what erases her."""
    with runtime.vault._keystore.write() as session:
        session.execute(sa.delete(OwnerKeyRow).filter_by(owner=owner))
    runtime.vault._cache._keys.clear()


@pytest.fixture
def act(runtime: Runtime) -> Iterator[Act]:
    """An act of the service itself, in a transaction that is committed when the test ends well."""
    with runtime.act(SYSTEM) as act:
        yield act
