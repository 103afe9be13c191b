"""What a load costs the processors, by component: processor seconds of process trees, as /proc tells them."""

import os
from collections.abc import Mapping
from pathlib import Path

from messaging.rehearsal.processes import family

TICKS = os.sysconf("SC_CLK_TCK")
CPU_TIME = slice(11, 13)
"""Where user and system time stand in /proc/PID/stat, behind the name."""
IDLE = slice(3, 5)
"""Where idle and waiting time stand in the first line of /proc/stat."""


class CpuMeter:
    """Counts the processor seconds of some process trees, and of the whole machine, from its making on."""

    def __init__(self, trees: Mapping[str, int]) -> None:
        self._members = {name: [pid, *family(pid)] for name, pid in trees.items()}
        self._began = self._now()
        self._busy_began = _busy_seconds()

    def seconds(self) -> dict[str, float]:
        """Processor seconds of each tree since the beginning."""
        return {name: now - self._began[name] for name, now in self._now().items()}

    def busy_seconds(self) -> float:
        """Processor seconds of everything on this machine since the beginning."""
        return _busy_seconds() - self._busy_began

    def _now(self) -> dict[str, float]:
        return {name: sum(map(_cpu_seconds, pids)) for name, pids in self._members.items()}


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[CPU_TIME])) / TICKS


def _busy_seconds() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return (sum(fields) - sum(fields[IDLE])) / TICKS
