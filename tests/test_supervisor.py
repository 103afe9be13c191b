"""The tree of processes: who dies with whom, who is started again, and how it all stops. D1."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.processes
IMPATIENT = """
import signal, sys
from messaging.supervisor import SIGNALS, Child, Supervisor
from messaging.waits import Waits
signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
sys.exit(Supervisor([Child("deaf", sys.argv[1:], waits=Waits())], grace=1).run())
"""

Fact = TypeVar("Fact")

SECONDS = 60
SERVE = """
import json, sys
from messaging.config import Config
from messaging.errors import ConfigurationError
from messaging.supervisor import serve
commands = {name: [sys.executable, *command] for name, command in json.loads(sys.argv[1]).items()}
try:
    sys.exit(serve(Config.from_environment(), **commands))
except ConfigurationError as error:
    sys.exit(str(error))
"""


def eventually(fact: Callable[[], Fact]) -> Fact:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + SECONDS
    while not (found := fact()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


@dataclass(kw_only=True)
class Service:
    """A supervised dummy service."""

    process: subprocess.Popen[str]
    port: int
    mark: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def worker(self) -> int:
        return int(eventually(lambda: self.mark.exists() and self.mark.read_text()))

    @property
    def web(self) -> int:
        """The web server's main process."""
        return next(child for child in children_of(self.pid) if child != self.worker)

    @property
    def web_worker(self) -> int:
        return int(self.get("/").split()[0])

    def get(self, path: str, *, body: bytes | None = None) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data=body, timeout=SECONDS) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        try:
            return bool(self.get("/"))
        except OSError:
            return False

    def family(self) -> list[int]:
        return [self.pid, self.worker, self.web, self.web_worker]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        **os.environ,
        "BORGERDIALOG_PRODUCTION": "no",
        "BORGERDIALOG_DATA_FOLDER": str(tmp_path),
        "BORGERDIALOG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BORGERDIALOG_PORT": str(port),
        "BORGERDIALOG_UNIT_PHONE": "70101010",
        "BORGERDIALOG_MUNICIPALITY": "Øvelse Kommune",
        "BORGERDIALOG_MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
        "BORGERDIALOG_DPO_CONTACT": "dpo@oevelse.example",
        "BORGERDIALOG_WEB_THREADS": "50",
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Service]]:
    started: list[subprocess.Popen[str]] = []

    def start_service(**worker: list[str]) -> Service:
        mark = tmp_path / "worker"
        commands = {
            "web": ["-m", "messaging.web_server", "tests.dummies:create_wsgi"],
            "worker": ["-m", "tests.dummies", str(mark)],
            **worker,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, json.dumps(commands)],
            env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return Service(process=process, port=int(environment["BORGERDIALOG_PORT"]), mark=mark)

    yield start_service
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    service = start()
    eventually(lambda: service.answers() and service.mark.exists())
    return service


def test_nothing_survives_a_killed_supervisor(service: Service) -> None:
    family = service.family()
    service.process.kill()

    eventually(lambda: not any(lives(pid) for pid in family))


def test_web_worker_dies_with_its_main_process_and_both_come_again(service: Service) -> None:
    web, web_worker = service.web, service.web_worker
    os.kill(web, signal.SIGKILL)

    eventually(lambda: not lives(web_worker))
    eventually(service.answers)
    assert service.web != web


def test_killed_web_worker_comes_again(service: Service) -> None:
    web, web_worker = service.web, service.web_worker
    os.kill(web_worker, signal.SIGKILL)

    eventually(service.answers)
    assert service.web_worker != web_worker
    assert service.web == web


def test_killed_worker_comes_again_and_the_log_says_what_became_of_it(service: Service) -> None:
    worker = service.worker
    os.kill(worker, signal.SIGKILL)

    eventually(lambda: service.worker != worker)
    service.process.terminate()
    assert "worker was killed by SIGKILL" in service.process.communicate(timeout=SECONDS)[1]


def test_child_that_keeps_dying_is_started_with_growing_pauses(start: Callable[..., Service], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    note = f"import time; open({str(starts)!r}, 'a').write(f'{{time.monotonic()}}\\n'); raise SystemExit(3)"
    module = tmp_path / "dying.py"
    module.write_text(note)
    start(worker=[str(module)])
    times = [float(line) for line in eventually(lambda: _lines(starts, at_least=4))]

    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[0] < pauses[1] < pauses[2]


def _lines(file: Path, *, at_least: int) -> list[str]:
    lines = file.read_text().splitlines() if file.exists() else []
    return lines if len(lines) >= at_least else []


def test_sigterm_stops_everything_and_exits_0(service: Service) -> None:
    family = service.family()
    service.process.terminate()

    assert service.process.wait(timeout=SECONDS) == 0
    assert not any(lives(pid) for pid in family)
    assert not service.mark.exists(), "the worker was not asked to stop"


def test_request_under_way_is_answered_before_the_stop(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        service.process.terminate()

        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_live_stream_does_not_hold_up_the_stop(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(100)
        service.process.terminate()

        assert service.process.wait(timeout=SECONDS) == 0


def test_child_that_does_not_stop_in_time_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    deaf = tmp_path / "deaf.py"
    deaf.write_text(
        "import signal, os, pathlib, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", IMPATIENT, sys.executable, deaf], cwd=ROOT) as supervisor:
        child = int(eventually(lambda: mark.exists() and mark.read_text()))
        supervisor.terminate()

        assert supervisor.wait(timeout=SECONDS) == 0
        assert not lives(child)


def test_second_service_in_the_folder_is_refused_with_the_first_ones_process(
    service: Service, start: Callable[..., Service]
) -> None:
    second = start()

    said = second.process.communicate(timeout=SECONDS)[1]
    assert f"process {service.pid} already runs the service" in said
    assert second.process.returncode == 1
    assert service.answers()


def test_taken_port_is_named(start: Callable[..., Service], environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", int(environment["BORGERDIALOG_PORT"])))
        other.listen()
        said = start().process.communicate(timeout=SECONDS)[1]

    assert f"cannot listen on 127.0.0.1 port {environment['BORGERDIALOG_PORT']}" in said


def test_service_can_be_started_again_right_after_it_was_killed(
    service: Service, start: Callable[..., Service]
) -> None:
    service.process.kill()
    again = start()

    eventually(again.answers)
    assert again.process.poll() is None


def test_child_that_refuses_its_settings_at_the_start_stops_the_service(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    refusing = tmp_path / "refusing.py"
    refusing.write_text("raise SystemExit(2)")

    assert start(worker=[str(refusing)]).process.wait(timeout=SECONDS) == 2


def test_settings_do_not_travel_with_every_request(service: Service) -> None:
    assert service.get("/settings") == ""


def test_many_live_streams_leave_room_for_requests(service: Service) -> None:
    streams = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(40)]
    for stream in streams:
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")

    assert service.get("/", body=b"abc").endswith(" 3")
    for stream in streams:
        stream.close()
