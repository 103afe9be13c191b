"""A circuit breaker for one endpoint of the outside world: after enough failures it is left alone for a while.

What waits meanwhile spends no tries: whoever asks and may not call gives its claim back.
"""

import enum
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from messaging.errors import DatabaseBusy
from messaging.waits import Waits

STRAIGHT_FAILURES = 5
CALLS_TO_JUDGE = 20
FAILED_SHARE = 0.5


class BreakerState(enum.StrEnum):
    """Whether the endpoint may be called.

    closed → open → probing → closed
               ↑        │
               └────────┘
    """

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, kw_only=True)
class BreakerReport:
    """What others are told of a breaker; `probe_in` is seconds from now, None while it is closed."""

    name: str
    state: BreakerState
    probe_in: float | None


def _tell_nobody(_report: BreakerReport) -> None:
    pass


class Breaker:
    """Opens at 5 failures in a row, or when half of at least 20 calls within the window failed.

    Open, it lets one probe through after 30 seconds, and after twice as long each time a probe fails, up to 10
    minutes. `tell` gets every change of state; if it raises DatabaseBusy, the next call tells again.
    """

    def __init__(
        self,
        name: str,
        *,
        waits: Waits,
        monotonic: Callable[[], float] = time.monotonic,
        tell: Callable[[BreakerReport], None] = _tell_nobody,
    ) -> None:
        self.name = name
        self._waits = waits
        self._monotonic = monotonic
        self._tell_others = tell
        self._told = BreakerState.CLOSED
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._state = BreakerState.CLOSED
        self._calls: deque[tuple[float, bool]] = deque()  # when, and whether it failed
        self._straight = 0
        self._pause = 0.0
        self._probe_at = 0.0

    @property
    def state(self) -> BreakerState:
        """The present state."""
        return self._state

    def is_open(self) -> bool:
        """Whether a call would be refused now; asking starts no probe."""
        with self._lock:
            return self._refuses()

    def allows(self) -> bool:
        """Ask whether a call may be made now. Every True is answered by `succeeded` or `failed`.

        A probe that is never answered is followed by another one after the same wait.
        """
        with self._lock:
            if self._refuses():
                return False
            if self._state is not BreakerState.CLOSED:
                self._state = BreakerState.PROBING
                self._probe_at = self._monotonic() + self._pause
        self._tell()
        return True

    def succeeded(self) -> None:
        """Say that the endpoint answered as it should, also where the answer was a refusal of this one request."""
        with self._lock:
            if self._state is BreakerState.PROBING:
                self._close()
            elif self._state is BreakerState.CLOSED:
                self._note(failed=False)
        self._tell()

    def failed(self) -> None:
        """Say that the endpoint could not be reached or did not do its work."""
        with self._lock:
            if self._state is BreakerState.PROBING:
                self._open(min(2 * self._pause, self._waits.breaker_longest))
            elif self._state is BreakerState.CLOSED:
                self._note(failed=True)
                if self._is_bad():
                    self._open(self._waits.breaker_first)
        self._tell()

    def _refuses(self) -> bool:
        return self._state is not BreakerState.CLOSED and self._monotonic() < self._probe_at

    def _close(self) -> None:
        self._state = BreakerState.CLOSED
        self._calls.clear()
        self._straight = 0

    def _open(self, pause: float) -> None:
        self._state = BreakerState.OPEN
        self._pause = pause
        self._probe_at = self._monotonic() + pause

    def _note(self, *, failed: bool) -> None:
        now = self._monotonic()
        self._calls.append((now, failed))
        while self._calls[0][0] <= now - self._waits.breaker_window:
            self._calls.popleft()
        self._straight = self._straight + 1 if failed else 0

    def _is_bad(self) -> bool:
        failures = sum(failed for _, failed in self._calls)
        many = len(self._calls) >= CALLS_TO_JUDGE and failures >= FAILED_SHARE * len(self._calls)
        return many or self._straight >= STRAIGHT_FAILURES

    def _tell(self) -> None:
        """Tell the state as it is now; in line, so that the last one told is the last one there was."""
        if self._told is self._state:
            return
        with self._telling:
            report = self._report()
            try:
                self._tell_others(report)
            except DatabaseBusy:
                return
            self._told = report.state

    def _report(self) -> BreakerReport:
        with self._lock:
            closed = self._state is BreakerState.CLOSED
            probe_in = None if closed else max(0.0, self._probe_at - self._monotonic())
            return BreakerReport(name=self.name, state=self._state, probe_in=probe_in)
