"""The worker's process ends in order whenever it is told to."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.rehearsal import processes
from messaging.rehearsal.stage import Stage
from tests.runtime import A_TUESDAY

pytestmark = pytest.mark.processes

SECONDS = 30


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("borgerdialog", "keystore")]
    stage = Stage(folder=tmp_path, database_url=urls[0], keystore_url=urls[1], wait_factor=1)
    stage.set(A_TUESDAY)
    return stage


@pytest.fixture
def worker(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    with processes.start("worker", environment=stage.environment(), log=stage.folder / "worker.log") as worker:
        yield worker
        worker.kill()


def said(stage: Stage) -> str:
    return (stage.folder / "worker.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_that_comes_before_the_worker_waits_for_one_is_not_lost(
    stage: Stage, worker: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    while not (runs_itself(worker.pid) and holds_back(worker.pid, number)):
        assert worker.poll() is None, said(stage)
        time.sleep(0.001)
    assert "worker.started" not in said(stage), "it was too quick for this test"
    worker.send_signal(number)

    assert worker.wait(timeout=SECONDS) == 0
    assert "worker.stopped" in said(stage)


def test_no_thread_of_the_worker_takes_the_signal_from_the_one_that_waits(
    stage: Stage, worker: subprocess.Popen[bytes]
) -> None:
    while "worker.started" not in said(stage):
        assert worker.poll() is None, said(stage)
        time.sleep(0.01)
    threads = {int(entry.name) for entry in (processes.PROC / str(worker.pid) / "task").iterdir()} - {worker.pid}
    assert len(threads) > 10
    assert [thread for thread in threads if not holds_back(thread, signal.SIGTERM)] == []
    worker.terminate()

    assert worker.wait(timeout=SECONDS) == 0


def runs_itself(pid: int) -> bool:
    """Whether a process is the command already, and no longer what becomes it."""
    told = (processes.PROC / str(pid) / "cmdline").read_bytes()
    return told.endswith(b"\0messaging.cli\0worker\0") and b"\0messaging.child\0" not in told


def holds_back(thread: int, number: signal.Signals) -> bool:
    """Whether a thread, or the first one of a process, keeps a signal waiting instead of taking it."""
    told = (processes.PROC / str(thread) / "status").read_text()
    blocked = next(line.split()[1] for line in told.splitlines() if line.startswith("SigBlk:"))
    return bool(int(blocked, 16) >> (number - 1) & 1)
