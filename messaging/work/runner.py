"""The embedded runner: threads of one worker process that drain the lanes and do the upkeep.

Every loop takes turns: it does what is due, then waits until it is woken or its time has come. A turn that fails is
counted and logged without the error's own words, and slows its loop down; it never ends it.
"""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from messaging.database.engine import Database
from messaging.waits import Waits
from messaging.work.lanes import Lane
from messaging.work.vital_signs import Beat, forget_last_worker, record_beats

SLOWEST_LOOKS = 60
"""A loop that keeps failing waits twice as long each time, up to this many looks."""

STUCK_BEATS = 8
"""A turn that takes longer than this many heartbeats is stuck: its loop stops beating."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class LaneWorker:
    """Does the work of a lane, in `threads` threads; `name` is its own among the workers and the upkeep.

    `drain` does what is due now and returns how much it was; after anything but 0 it is called again at once.
    """

    name: str
    lane: Lane
    drain: Callable[[], int]
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """Upkeep that is done again `every` so many seconds; it has its own thread."""

    name: str
    every: float
    run: Callable[[], object]


class Runner:
    """Runs lane workers and upkeep until it is told to stop.

    `stopping` is set as soon as it is: workers that claim many rows at once look at it between two of them, and give
    back those they have not begun.
    """

    def __init__(
        self,
        database: Database,
        *,
        waits: Waits,
        workers: Sequence[LaneWorker],
        upkeep: Sequence[Periodic] = (),
        stopping: threading.Event | None = None,
    ) -> None:
        self._database = database
        self._waits = waits
        self._stopping = stopping or threading.Event()
        self._bells: list[tuple[Lane, _Bell]] = []
        self._loops: list[_Loop] = []
        for worker in workers:
            self._add_worker(worker)
        heartbeat = Periodic(name="heartbeat", every=waits.heartbeat, run=self._beat)
        for periodic in (*upkeep, heartbeat):
            self._add_loop(periodic.name, turn=_without_more(periodic.run), bell=_Bell(), pause=periodic.every)

    def start(self) -> None:
        """Begin; the signs of the last worker are wiped out first."""
        with self._database.write() as session:
            forget_last_worker(session)
        for loop in self._loops:
            loop.thread.start()

    def wake(self, *lanes: Lane) -> None:
        """Let the workers of these lanes look now."""
        for of_lane, bell in self._bells:
            if of_lane in lanes:
                bell.ring()

    def stop(self) -> list[str]:
        """Begin nothing more and wait for what is under way; return the loops that were not done in time."""
        self._stopping.set()
        for loop in self._loops:
            loop.bell.end()
        deadline = time.monotonic() + self._waits.shutdown
        for loop in self._loops:
            loop.thread.join(max(0.0, deadline - time.monotonic()))
        return [loop.name for loop in self._loops if loop.thread.is_alive()]

    def _add_worker(self, worker: LaneWorker) -> None:
        bell = _Bell()
        self._bells.append((worker.lane, bell))
        for number in range(1, worker.threads + 1):
            name = worker.name if worker.threads == 1 else f"{worker.name}-{number}"
            self._add_loop(name, turn=worker.drain, bell=bell, pause=self._waits.look)

    def _add_loop(self, name: str, *, turn: Callable[[], int], bell: "_Bell", pause: float) -> None:
        loop = _Loop(name, turn=turn, bell=bell, pause=pause, look=self._waits.look, stopping=self._stopping)
        self._loops.append(loop)

    def _beat(self) -> None:
        stuck_after = STUCK_BEATS * self._waits.heartbeat
        beats = [loop.beat() for loop in self._loops if loop.is_well(stuck_after=stuck_after)]
        with self._database.write() as session:
            record_beats(session, beats)


class _Bell:
    """Wakes one of the threads that wait at it. Rung while none waits, it wakes the next one that would."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = False
        self._ended = False

    def ring(self) -> None:
        with self._condition:
            self._rung = True
            self._condition.notify()

    def end(self) -> None:
        """Let nobody wait any more."""
        with self._condition:
            self._ended = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, or so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung or self._ended, timeout=seconds)
            self._rung = False


class _Loop:
    """One thread that takes turns until `stopping`, and waits `pause` seconds or for the bell when nothing is due."""

    def __init__(
        self,
        name: str,
        *,
        turn: Callable[[], int],
        bell: _Bell,
        pause: float,
        look: float,
        stopping: threading.Event,
    ) -> None:
        self.name = name
        self.bell = bell
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._turn = turn
        self._pause = pause
        self._look = look
        self._stopping = stopping
        self._errors = 0
        self._error_code: str | None = None
        self._busy_since: float | None = None

    def beat(self) -> Beat:
        return Beat(name=self.name, errors=self._errors, error_code=self._error_code)

    def is_well(self, *, stuck_after: float) -> bool:
        """Whether it lives, and its turn, if it is in one, began less than `stuck_after` seconds ago."""
        since = self._busy_since
        return self.thread.is_alive() and (since is None or time.monotonic() - since < stuck_after)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._busy_since = time.monotonic()
            done = self._take_turn()
            self._busy_since = None
            if self._errors:
                slowed = self._look * min(2.0 ** min(self._errors, 10), SLOWEST_LOOKS)
                self._stopping.wait(max(self._pause, slowed))
            elif done:
                self.bell.ring()  # where there was work there may be more, for a colleague too
            else:
                self.bell.wait(self._pause)

    def _take_turn(self) -> int:
        try:
            done = self._turn()
        except Exception as error:  # noqa: BLE001  # whatever a room does wrong must not end its loop
            self._errors += 1
            self._error_code = str(getattr(error, "code", type(error).__name__))
            log.error(  # noqa: TRY400  # the error's message may hold what a citizen wrote
                "work.turn_failed",
                loop=self.name,
                in_a_row=self._errors,
                error=type(error).__name__,
                code=self._error_code,
                where=_where(error),
            )
            return 0
        self._errors = 0
        return done


def _where(error: Exception) -> str:
    """Name the lines an error came through, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def _without_more(run: Callable[[], object]) -> Callable[[], int]:
    def turn() -> int:
        run()
        return 0

    return turn
