"""The product as it is measured: the real web server with production settings on databases of its own.

Its worker does not run: what it does to the same rows later is measured by itself (`journal_claim.py`) and would share
the processors with the requests.
"""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.traffic import ACCOUNT, OUR_NUMBER, PUBLIC_URL, TOKEN
from messaging.composing import compose
from messaging.config import PREFIX, Config
from messaging.laying_out import lay_out
from messaging.people import api_keys, registering
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.work.waking import NoWaker

START_SECONDS = 60.0
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running product: where it answers, who lives in it, and a runtime to look at what it stored."""

    port: int
    pid: int
    runtime: Runtime
    log: Path
    numbers: tuple[str, ...]
    citizens: tuple[uuid.UUID, ...]
    api_key: str


@contextmanager
def running_service(
    folder: Path, *, database_url: str, keystore_url: str, workers: int, threads: int, citizens: int
) -> Iterator[Service]:
    """Lay out the databases, let citizens in and run the web server until the block ends."""
    folder.mkdir()
    port = free_port()
    environment = settings(
        folder, database_url=database_url, keystore_url=keystore_url, port=port, workers=workers, threads=threads
    )
    config = Config.from_environment(environment)
    Keyring.create(config.key_file)
    lay_out(config)
    runtime = compose(config, waker=NoWaker())
    people = _let_in(runtime, count=citizens)
    log = folder / "web.log"
    with running("messaging.web_server", environment=environment, log=log, port=port) as process:
        yield Service(
            port=port,
            pid=process.pid,
            runtime=runtime,
            log=log,
            numbers=tuple(people),
            citizens=tuple(people.values()),
            api_key=_api_key(runtime),
        )
    runtime.close()


def settings(
    folder: Path, *, database_url: str, keystore_url: str, port: int, workers: int, threads: int
) -> dict[str, str]:
    """Return the environment of a product that is as in production, with providers that nobody calls."""
    return {
        PREFIX + name: value
        for name, value in {
            "DATA_FOLDER": str(folder),
            "DATABASE_URL": database_url,
            "KEYSTORE_URL": keystore_url,
            "KEY_FILE": str(folder / "keys.json"),
            "PUBLIC_URL": PUBLIC_URL,
            "PORT": str(port),
            "WEB_WORKERS": str(workers),
            "WEB_THREADS": str(threads),
            "UNIT_PHONE": "89 40 00 00",
            "CLAMAV": "waived",
            "MUNICIPALITY": "Øvelse Kommune",
            "MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
            "DPO_CONTACT": "dpo@oevelse.example",
            "TWILIO_SMS_ACCOUNT_SID": ACCOUNT,
            "TWILIO_SMS_AUTH_TOKEN": TOKEN,
            "TWILIO_SMS_FROM_NUMBER": OUR_NUMBER,
            "TWILIO_SMS_KEYWORD_HANDLING": "off",
            "WEBHOOK_URL": "https://esdh.example/journal",
            "WEBHOOK_SECRETS": "whsec_" + base64.b64encode(bytes(range(32))).decode(),
        }.items()
    }


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str], log: Path, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of ours that dies with this process, from when it listens until the block ends."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    command = (sys.executable, "-m", "messaging.child", str(os.getpid()), sys.executable, "-m", module, *arguments)
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**inherited, **environment}, stdout=out, stderr=out)
    try:
        _wait_until_listening(process, port=port, log=log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_SECONDS)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.05)
        else:
            return


def _let_in(runtime: Runtime, *, count: int) -> dict[str, uuid.UUID]:
    """Register so many citizens, each with a number of their own."""
    people: dict[str, uuid.UUID] = {}
    for start in range(0, count, BATCH):
        with runtime.act(SYSTEM) as act:
            batch = [
                registering.Person(cpr=f"010190{number:04}", first_name="Sara", last_name="Nielsen")
                for number in range(start, min(start + BATCH, count))
            ]
            for cpr, citizen in registering.register_citizens(act, people=batch).items():
                number = f"+4520{cpr[4:]}"
                registering.name_number(act, citizen_id=citizen.id, e164=number, source="benchmark")
                people[number] = citizen.id
    return people


def _api_key(runtime: Runtime) -> str:
    with runtime.act(SYSTEM) as act:
        return api_keys.create_key(act, name="benchmark", scopes=["messages:write"]).secret
