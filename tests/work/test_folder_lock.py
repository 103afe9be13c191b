"""A data folder has one holder at a time."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from messaging.errors import ConfigurationError
from messaging.work.folder_lock import held

HOLDER = """
import sys, time
from pathlib import Path
from messaging.work.folder_lock import held
with held(Path(sys.argv[1]), what="service"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_second_holder_is_refused_with_the_process_that_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "service.lock"
    refused = pytest.raises(ConfigurationError, match=rf"^process {os.getpid()} already runs the service")

    with held(lock, what="service"), refused:
        held(lock, what="service").__enter__()


def test_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    lock = tmp_path / "service.lock"
    with held(lock, what="service"):
        pass

    with held(lock, what="service"):
        assert lock.read_text() == str(os.getpid())


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "service.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ConfigurationError, match=f"process {holder.pid} "):
            held(lock, what="service").__enter__()
        holder.kill()

    with held(lock, what="service"):
        assert lock.read_text() == str(os.getpid())


def test_patient_holder_waits_for_one_that_is_still_dying(tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        threading.Timer(0.2, holder.kill).start()

        with held(lock, what="worker", patience=5):
            assert lock.read_text() == str(os.getpid())
