"""Child processes of a rehearsal, found and killed by what /proc says of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PROC = Path("/proc")
COMMAND = (sys.executable, "-m", "messaging.cli")


def start(*arguments: str, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start `borgerdialog …` in a session of its own, writing to `log`; it dies with the thread that starts it."""
    command = [sys.executable, "-m", "messaging.child", str(os.getpid()), *COMMAND, *arguments]
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 (our own command)
            command, env=dict(environment), stdout=out, stderr=out, start_new_session=True
        )


def family(pid: int) -> dict[int, str]:
    """Return the living descendants of a process and their command lines."""
    parents = dict(_parents())
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: _command(child) for child in sorted(found - {pid})}


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    """Kill without warning."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def outlives(pids: list[int], *, seconds: float) -> list[int]:
    """Return which of the processes still live after so long; stops waiting when none does."""
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def memory_megabytes(pid: int) -> float:
    """Return the proportional memory of a process and its descendants."""
    return sum(_pss(each) for each in (pid, *family(pid))) / 1024


def _pss(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _parents() -> Iterator[tuple[int, int]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                yield int(entry.name), int(fields[1])


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
