"""What /proc says of a process and its descendants."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from messaging.rehearsal import processes

pytestmark = pytest.mark.processes

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "grandchild"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as process:
        yield process
        for pid in (*processes.family(process.pid), process.pid):
            processes.kill(pid)


def grandchild_of(parent: subprocess.Popen[str]) -> int:
    """Return its pid once it is what it was started as: between fork and exec it has no words of its own."""
    assert parent.stdout
    pid = int(parent.stdout.readline())
    patience = time.monotonic() + 10
    while "grandchild" not in processes.family(parent.pid).get(pid, "") and time.monotonic() < patience:
        time.sleep(0.01)
    return pid


def test_family_is_all_descendants_with_their_commands(parent: subprocess.Popen[str]) -> None:
    grandchild = grandchild_of(parent)
    family = processes.family(os.getpid())

    assert {parent.pid, grandchild} <= set(family)
    assert "grandchild" in family[grandchild].split()
    assert os.getpid() not in family
    assert set(processes.family(parent.pid)) == {grandchild}


def test_dead_process_is_not_alive_even_before_it_is_buried(parent: subprocess.Popen[str]) -> None:
    grandchild = grandchild_of(parent)
    processes.kill(grandchild)

    assert processes.outlives([grandchild], seconds=10) == []
    assert not processes.is_alive(grandchild)
    assert processes.family(parent.pid) == {}
    assert processes.is_alive(parent.pid)


def test_survivor_is_named(parent: subprocess.Popen[str]) -> None:
    grandchild = grandchild_of(parent)
    processes.kill(parent.pid)

    assert processes.outlives([grandchild, parent.pid], seconds=0.2) == [grandchild]
    processes.kill(grandchild)


def test_killing_who_is_gone_is_no_error(parent: subprocess.Popen[str]) -> None:
    grandchild_of(parent)
    parent.kill()
    parent.wait()

    processes.kill(parent.pid)
    assert not processes.is_alive(parent.pid)


def test_memory_of_a_family_is_more_than_of_its_part(parent: subprocess.Popen[str]) -> None:
    grandchild = grandchild_of(parent)

    assert 0 < processes.memory_megabytes(grandchild) < processes.memory_megabytes(parent.pid)
