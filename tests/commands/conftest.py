"""A deployment as an operator has it: settings in the environment, databases laid out, keys made."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.stubs.settings import new_settings
from adapters.stubs.world import RunningStub, running_stub
from messaging.cli import cli
from messaging.composing import compose
from messaging.config import PREFIX, Config
from messaging.database import migrating
from messaging.database.engine import Database
from messaging.runtime import Runtime
from messaging.vault import keystore
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase
from messaging.work.waking import NoWaker
from tests.conftest import NewDatabaseUrl
from tests.conversations.conftest import Town


def migrate_service(url: str) -> None:
    """Lay out the service's database."""
    database = Database(url)
    migrating.migrate(database)
    database.close()


def migrate_keystore(url: str) -> None:
    """Lay out the keystore."""
    database = Database(url)
    migrating.migrate(database, versions=keystore.VERSIONS, metadata=KeystoreBase.metadata)
    database.close()


@dataclass(kw_only=True)
class Deployment:
    """Settings of a service and the commands given to it."""

    settings: dict[str, str]
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the service, and none of another one's."""
        return {PREFIX + name: value for name, value in self.settings.items()}

    def run(self, *words: str, code: int = 0, typed: str | None = None) -> Result:
        """Give a command in this process and hold it to its exit code."""
        others = {name: None for name in os.environ if name.startswith(PREFIX)}
        result = CliRunner().invoke(cli, words, env={**others, **self.environment}, input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str) -> Any:
        """Give a command that prints JSON."""
        return json.loads(self.run(*words, "--json").stdout)

    def runtime(self) -> Runtime:
        """Compose a runtime of the test's own."""
        return compose(Config.from_environment(self.environment), waker=NoWaker())

    @contextmanager
    def keystore(self) -> Iterator[Database]:
        """The database of the keys."""
        database = Database(self.settings["KEYSTORE_URL"])
        yield database
        database.close()


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[RunningStub]:
    """The outside world."""
    settings = new_settings(service_url="https://borgerdialog.example.dk", pace=0.01)
    with running_stub(tmp_path / "world", settings=settings) as stub:
        yield stub


@pytest.fixture
def settings(stub: RunningStub, tmp_path: Path) -> dict[str, str]:
    """The settings of a rehearsal whose keys and databases are still to be made."""
    adapters = {"twilio_sms": stub.settings.twilio_sms(stub.url), "webhook": stub.settings.webhook(stub.url)}
    return {
        "PRODUCTION": "no",
        "DATA_FOLDER": str(tmp_path / "data"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'borgerdialog.db'}",
        "KEYSTORE_URL": f"sqlite:///{tmp_path / 'data' / 'keystore.db'}",
        "KEY_FILE": str(tmp_path / "data" / "keys.json"),
        "PUBLIC_URL": "https://borgerdialog.example.dk",
        "UNIT_PHONE": "89 40 00 00",
        "MUNICIPALITY": "Øvelse Kommune",
        "MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
        "DPO_CONTACT": "dpo@oevelse.example",
        "STUB_ORIGINS": stub.url,
        **{
            f"{adapter}_{name}".upper(): value
            for adapter, values in adapters.items()
            for name, value in values.items()
            if value
        },
    }


@pytest.fixture
def bare(settings: dict[str, str], tmp_path: Path) -> Deployment:
    """A deployment with nothing but its settings and an empty folder."""
    (tmp_path / "data").mkdir(mode=0o700)
    return Deployment(settings=settings, folder=tmp_path / "data")


@pytest.fixture
def deployment(bare: Deployment, new_sqlite_url: NewDatabaseUrl) -> Deployment:
    """A deployment that is ready to start."""
    bare.settings["DATABASE_URL"] = new_sqlite_url("borgerdialog", prepare=migrate_service)
    bare.settings["KEYSTORE_URL"] = new_sqlite_url("keystore", prepare=migrate_keystore)
    Keyring.create(bare.folder / "keys.json")
    return bare


@pytest.fixture
def town(deployment: Deployment) -> Iterator[Town]:
    """People and messages in the deployment, for the commands to find."""
    runtime = deployment.runtime()
    yield Town(runtime=runtime)
    runtime.close()


Refused = Callable[..., str]


@pytest.fixture
def refused(deployment: Deployment) -> Refused:
    """Gives a command that must be refused with exit code 2 and one sentence; returns the sentence."""

    def run(*words: str) -> str:
        said = deployment.run(*words, code=2)
        assert said.stdout == ""
        assert len(said.stderr.splitlines()) == 1, said.stderr
        return said.stderr

    return run
