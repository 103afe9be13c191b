"""Kills the service's processes at random moments of a rehearsal, and watches that nothing survives its parent."""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from random import Random

from messaging.rehearsal import processes
from messaging.rehearsal.stage import Stage, StageFailed

TARGETS = {"web": "messaging.web_server", "worker": "worker", "supervisor": "serve"}
"""What is killed, and the word of its command line by which it is known."""
SURVIVAL_SECONDS = 5.0
RECOVERY_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill: what, when (seconds from the start), and which of its descendants outlived it."""

    target: str
    at_seconds: float
    survivors: int
    recovered_after: float


@dataclass(kw_only=True)
class Nemesis:
    """Kills `kills` times, with pauses by chance, and restarts a killed supervisor."""

    stage: Stage
    kills: int
    chance: Random
    done: list[Kill] = field(default_factory=list)
    failure: Exception | None = None
    _finished: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin, beside the story."""
        threading.Thread(target=self._run, name="nemesis", daemon=True).start()

    def finish(self) -> None:
        """Wait for the last kill. Raises what went wrong with a restart."""
        self._finished.wait()
        if self.failure is not None:
            raise self.failure

    def summary(self) -> dict[str, object]:
        """Return what was done, for the ledger."""
        return {
            "asked": self.kills,
            "done": len(self.done),
            "targets": dict(Counter(kill.target for kill in self.done)),
            "survivors": sum(kill.survivors for kill in self.done),
            "slowest_recovery_seconds": round(max((kill.recovered_after for kill in self.done), default=0), 2),
            "each": [asdict(kill) for kill in self.done],
        }

    def _run(self) -> None:
        began = time.monotonic()
        try:
            for _ in range(self.kills):
                time.sleep(self.chance.uniform(0.2, 2.5))
                self._kill(self.chance.choice(list(TARGETS)), began=began)
        except Exception as error:  # noqa: BLE001  # handed to whoever waits for the end
            self.failure = error
        self._finished.set()
        threading.Event().wait()  # a child that dies with its parent dies with the very thread that started it

    def _kill(self, target: str, *, began: float) -> None:
        victim = self._find(target)
        descendants = list(processes.family(victim))
        at = time.monotonic()
        processes.kill(victim)
        survivors = processes.outlives(descendants, seconds=SURVIVAL_SECONDS)
        if target == "supervisor":
            if self.stage.service is not None:
                self.stage.service.wait()
            for survivor in survivors:
                processes.kill(survivor)
            self.stage.start_service()
        self._wait_until_whole()
        self.done.append(
            Kill(
                target=target,
                at_seconds=round(at - began, 2),
                survivors=len(survivors),
                recovered_after=round(time.monotonic() - at, 2),
            )
        )

    def _find(self, target: str) -> int:
        """Return the process to kill; waits until it is there."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            service = self.stage.service
            if service is not None:
                if target == "supervisor":
                    return service.pid
                found = [pid for pid, command in processes.family(service.pid).items() if _plays(target, command)]
                if found:
                    return self.chance.choice(found)
            time.sleep(0.05)
        raise StageFailed(f"there is no {target} process to kill")

    def _wait_until_whole(self) -> None:
        """Wait until web server and worker are there again."""
        for target in ("web", "worker"):
            self._find(target)


def _plays(target: str, command: str) -> bool:
    return TARGETS[target] in command.split()
