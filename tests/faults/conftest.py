"""A service of real processes, with real databases and a stub of the outside world, for tests that break it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from twilio.request_validator import RequestValidator

from messaging.rehearsal import processes
from messaging.rehearsal.stage import Stage
from messaging.runtime import Runtime
from tests.conftest import NewDatabaseUrl
from tests.conversations.conftest import SARA, Town
from tests.postgresql import PostgresqlServer, running_postgresql
from tests.runtime import A_TUESDAY

Fact = TypeVar("Fact")

WAIT_FACTOR = 0.02
SECONDS = 60


def eventually(fact: Callable[[], Fact], *, seconds: float = SECONDS) -> Fact:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
    return found


@dataclass(kw_only=True)
class Postmaster:
    """A PostgreSQL server of the test's own that can be killed and started again."""

    server: PostgresqlServer
    _again: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process of the server."""
        return int((self.server.data_folder / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill it without warning, bury it (a new one asks whether it lives), and wait until its processes are gone."""
        pid = self.pid
        family = [pid, *processes.family(pid)]
        processes.kill(pid)
        os.waitpid(pid, 0)
        assert processes.outlives(family, seconds=SECONDS) == []

    def start(self) -> None:
        """Start it again on what it left on disk."""
        folder = self.server.data_folder
        owner = folder.owner()
        (programs,) = folder.parent.glob("*/pginstall*/bin")
        with (folder.parent / "server.log").open("ab") as log:
            self._again = subprocess.Popen(
                [programs / "postgres", "-D", folder, "-k", folder, "-h", "", "-c", "max_connections=200"],
                cwd=folder.parent, user=owner if owner == "nobody" else None, stdout=log, stderr=log,
            )  # fmt: skip
        eventually(self.server.accepts_connections)

    def stop(self) -> None:
        """Stop what was started again."""
        if self._again is not None:
            self._again.kill()
            self._again.wait()


@pytest.fixture
def postmaster() -> Iterator[Postmaster]:
    """A server that keeps what it has promised: fsync is on."""
    with running_postgresql() as server:
        postmaster = Postmaster(server=server)
        yield postmaster
        postmaster.stop()


@dataclass(kw_only=True)
class Service:
    """The processes, and what a test does to them."""

    stage: Stage
    postmaster: Postmaster | None

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        """A look at the service's databases."""
        runtime = self.stage.runtime()
        yield runtime
        runtime.close()

    @contextmanager
    def town(self) -> Iterator[Town]:
        """The people in the service's databases."""
        with self.runtime() as runtime:
            yield Town(runtime=runtime)

    @property
    def supervisor(self) -> int:
        """The process at the top."""
        assert self.stage.service is not None
        return self.stage.service.pid

    def process(self, word: str) -> int:
        """The process of the tree whose command line has this word."""
        return eventually(
            lambda: next((pid for pid, told in processes.family(self.supervisor).items() if word in told.split()), 0)
        )

    def kill_everything(self) -> None:
        """Kill the whole tree, and the database's server where there is one, at once."""
        family = [self.supervisor, *processes.family(self.supervisor)]
        for pid in family:
            processes.kill(pid)
        if self.postmaster:
            self.postmaster.kill()
        assert self.stage.service is not None
        self.stage.service.wait()
        assert processes.outlives(family, seconds=SECONDS) == []

    def phone_writes(self, text: str, *, sender: str = SARA) -> int:
        """Let a phone write; return the last status with which the service answered the provider (0: none)."""
        order = {"from": sender, "to": self.stage.settings.numbers[0], "text": text, "wait": True}
        (status,) = requests.post(f"{self.stage.stub_url}/handset", json=order, timeout=SECONDS).json()["answers"]
        return int(status)

    def unheard(self, text: str) -> Callable[[], requests.Response]:
        """Let a phone write without the provider telling us; return what posts the signed webhook."""
        order = {"from": SARA, "to": self.stage.settings.numbers[0], "text": text, "deliver": False}
        form = requests.post(f"{self.stage.stub_url}/handset", json=order, timeout=SECONDS).json()["form"]
        url = f"{self.stage.url}/hooks/twilio_sms"
        signature = RequestValidator(self.stage.settings.auth_token).compute_signature(url, form)
        return lambda: requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=SECONDS)

    def fault(self, **fault: Any) -> None:
        """Let the outside world misbehave."""
        requests.post(f"{self.stage.stub_url}/faults", json=fault, timeout=SECONDS).raise_for_status()

    def accepted(self) -> list[str]:
        """The texts the provider took, in order."""
        ledger = requests.get(f"{self.stage.stub_url}/ledger/accepted", timeout=SECONDS).json()
        return [row["text"] for row in ledger["messages"]]

    def get(self, path: str) -> int:
        """The status of a page."""
        return requests.get(self.stage.url + path, timeout=SECONDS).status_code


@pytest.fixture
def service(new_database_url: NewDatabaseUrl, tmp_path: Path) -> Iterator[Service]:
    """The service, running, on SQLite and on PostgreSQL; SARA is known."""
    urls = [new_database_url(name) for name in ("borgerdialog", "keystore")]
    with running_service(tmp_path, urls) as service:
        yield service


@pytest.fixture
def sqlite_service(tmp_path: Path) -> Iterator[Service]:
    """The same on SQLite alone."""
    urls = [f"sqlite:///{tmp_path / 'service' / name}.db" for name in ("borgerdialog", "keystore")]
    with running_service(tmp_path, urls) as service:
        yield service


@pytest.fixture
def postgresql_service(tmp_path: Path, postmaster: Postmaster) -> Iterator[Service]:
    """The same on a PostgreSQL server that may be killed."""
    urls = [postmaster.server.url(database=postmaster.server.create_database()) for _ in range(2)]
    with running_service(tmp_path, urls, postmaster=postmaster) as service:
        yield service


@contextmanager
def running_service(folder: Path, urls: Sequence[str], *, postmaster: Postmaster | None = None) -> Iterator[Service]:
    """Lay out the databases and let the processes run until the block ends."""
    stage = Stage(folder=folder, database_url=urls[0], keystore_url=urls[1], wait_factor=WAIT_FACTOR)
    stage.set(A_TUESDAY)
    service = Service(stage=stage, postmaster=postmaster)
    with service.town() as town:
        town.citizen()
    with stage.playing():
        yield service
