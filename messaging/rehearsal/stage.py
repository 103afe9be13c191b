"""The stage of a rehearsal: folders, keys, databases, clock, and the two process trees that play on it.

The service and everything it writes live in `service/`; the outside world, which holds clear text by right, in
`world/`.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import requests

from adapters.stubs.settings import StubSettings, kept_settings
from messaging.clock import RehearsalClock
from messaging.composing import compose
from messaging.config import PREFIX, Config
from messaging.errors import BorgerdialogError
from messaging.laying_out import lay_out
from messaging.rehearsal import processes
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring

PATIENCE = 60.0
UNIT_PHONE = "89 40 00 00"
MUNICIPALITY = "Øvelse Kommune"


class StageFailed(BorgerdialogError):
    """A process of the rehearsal did not come up, or did not come to rest."""

    code = "stage_failed"


@dataclass(kw_only=True)
class Stage:
    """Service and outside world of one rehearsal."""

    folder: Path
    database_url: str
    keystore_url: str
    wait_factor: float
    channel: str = "twilio_sms"
    port: int = 0
    stub_port: int = 0
    service: subprocess.Popen[bytes] | None = None
    stub: subprocess.Popen[bytes] | None = None
    settings: StubSettings = field(init=False)

    def __post_init__(self) -> None:
        self.port = self.port or _free_port()
        self.stub_port = self.stub_port or _free_port()
        self.service_folder.mkdir(parents=True, exist_ok=True)
        self.settings = kept_settings(
            self.world_folder, service_url=self.url, pace=self.pace, default_channel=self.channel
        )

    @property
    def pace(self) -> float:
        """The factor on the stub's pauses: longer than ours, for a process takes real time to come back."""
        return min(1.0, 5 * self.wait_factor)

    @property
    def service_folder(self) -> Path:
        """Everything the service writes, its logs too."""
        return self.folder / "service"

    @property
    def world_folder(self) -> Path:
        """The stub's ledgers."""
        return self.folder / "world"

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def stub_url(self) -> str:
        """Where the outside world answers."""
        return f"http://127.0.0.1:{self.stub_port}"

    @property
    def clock(self) -> RehearsalClock:
        """The clock of all processes of the service."""
        return RehearsalClock(path=self.service_folder / "clock.json")

    def environment(self) -> dict[str, str]:
        """Return the environment of the service's processes."""
        service = self.service_folder
        values = {
            "PRODUCTION": "no",
            "DATA_FOLDER": str(service),
            "DATABASE_URL": self.database_url,
            "KEYSTORE_URL": self.keystore_url,
            "KEY_FILE": str(service / "keys.json"),
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "SMS_CHANNEL": self.channel,
            "CASE_SYSTEM": "webhook",
            "STUB_ORIGINS": self.stub_url,
            "CLOCK_FILE": str(service / "clock.json"),
            "WAIT_FACTOR": str(self.wait_factor),
            "UNIT_PHONE": UNIT_PHONE,
            "MUNICIPALITY": MUNICIPALITY,
            "MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
            "DPO_CONTACT": "dpo@oevelse.example",
            "WELCOME": "no",
        }
        for adapter, settings in (
            (self.channel, getattr(self.settings, self.channel)(self.stub_url)),
            ("webhook", self.settings.webhook(self.stub_url)),
        ):
            values |= {f"{adapter.upper()}_{name.upper()}": value for name, value in settings.items() if value}
        if self.channel == "twilio_sms":
            values["TWILIO_SMS_KEYWORD_HANDLING"] = "off"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**inherited, "TMPDIR": str(service), **{PREFIX + name: value for name, value in values.items()}}

    def config(self) -> Config:
        """Return the configuration that the service's processes read."""
        return Config.from_environment(self.environment())

    def set(self, now: datetime) -> None:
        """Make the key file and both databases, and set the clock."""
        self.clock.set(now, factor=1)
        if not (self.service_folder / "keys.json").exists():
            Keyring.create(self.service_folder / "keys.json")
        lay_out(self.config())

    def runtime(self) -> Runtime:
        """Compose a runtime of our own, to import and to look; it shares databases, clock and wake-ups."""
        return compose(self.config())

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Let both trees run until the block ends."""
        try:
            self.start_stub()
            self.start_service()
            yield
        finally:
            self.stop()

    def start_stub(self) -> None:
        """Start the outside world and wait until it answers."""
        log = self.world_folder / "stub.log"
        self.stub = processes.start(
            "stub",
            str(self.world_folder),
            self.url,
            "--port",
            str(self.stub_port),
            "--pace",
            str(self.pace),
            "--channel",
            self.channel,
            environment=self.environment(),
            log=log,
        )
        self._wait_for(f"{self.stub_url}/health", self.stub, log)

    def start_service(self) -> None:
        """Start the service and wait until it is ready."""
        log = self.service_folder / "service.log"
        self.service = processes.start("serve", environment=self.environment(), log=log)
        self._wait_for(f"{self.url}/health/ready", self.service, log)

    def untold(self, *_: object) -> int:
        """Count what the provider still has to tell the service."""
        told = requests.get(f"{self.stub_url}/ledger/outstanding", timeout=5).json()
        return int(told["outstanding"])

    def stop(self) -> None:
        """Stop both trees, the service gracefully."""
        for process in (self.service, self.stub):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self.service, self.stub):
            if process is not None:
                _end(process)

    def _wait_for(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                if requests.get(url, timeout=5).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        tail = log.read_text(errors="replace")[-2000:]
        raise StageFailed(f"{url} did not answer; the end of its log:\n{tail}")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=45)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
