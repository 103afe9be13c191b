"""One service and one worker to a data folder: a second one is refused, naming the first. R13, R16, F16."""

import subprocess

import pytest

from messaging.rehearsal import processes
from tests.faults.conftest import Service

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def refused(service: Service, *words: str) -> str:
    """Give a command beside the running service; return what it said in being refused."""
    done = subprocess.run(
        [*processes.COMMAND, *words], env=service.stage.environment(), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_f16_second_service_and_second_worker_are_refused_with_the_process_of_the_first(
    sqlite_service: Service,
) -> None:
    """F16."""
    worker = sqlite_service.process("worker")

    assert f"process {sqlite_service.supervisor} already runs the service" in refused(sqlite_service, "serve")
    assert f"process {worker} already runs the worker" in refused(sqlite_service, "worker")
    assert sqlite_service.phone_writes("hej") == 200
    assert sqlite_service.process("worker") == worker
