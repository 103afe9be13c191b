"""Small writes of many threads in one transaction: on SQLite a commit costs more than what it commits.

The first thread to come leads: it runs its own write and those that waited meanwhile, commits once, and hands the lead
to the first that came since. Nobody waits for others to come.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from messaging.errors import DatabaseBusy

T = TypeVar("T")
Work = Callable[[Any], T]
MOST = 32
"""Writes in one transaction."""


class _Waiting(Generic[T]):
    """One thread's write. `signal` opens when the write is settled, or when the thread has to lead."""

    def __init__(self, work: Work[T]) -> None:
        self.work = work
        self.signal = threading.Lock()
        self.signal.acquire()
        self.settled = False
        self.result: Any = None
        self.error: BaseException | None = None

    def outcome(self) -> T:
        if self.error is not None:
            raise self.error
        result: T = self.result
        return result


class GroupCommit:
    """Runs writes in transactions that several threads share; `transaction` lends a cursor and commits at its end."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        self._transaction = transaction
        self._lock = threading.Lock()
        self._queue: list[_Waiting[Any]] = []
        self._is_led = False

    def run(self, work: Work[T]) -> T:
        """Return what `work` gives for a cursor, once it is committed. It may be run twice, but is committed once.

        A write that fails takes no other one with it: all of its group are run again, each by itself. Only a database
        that is busy is busy for all of them.
        """
        mine = _Waiting(work)
        with self._lock:
            self._queue.append(mine)
            follows, self._is_led = self._is_led, True
        if follows:
            mine.signal.acquire()
        if not mine.settled:
            self._lead()
        return mine.outcome()

    def _lead(self) -> None:
        """Settle a group, of which the leader's own write is the first, and hand the lead on."""
        with self._lock:
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
        try:
            self._settle(group)
        finally:
            with self._lock:
                heir = self._queue[0] if self._queue else None
                self._is_led = heir is not None
            for written in (*group[1:], heir):
                if written is not None:
                    written.signal.release()

    def _settle(self, group: list[_Waiting[Any]]) -> None:
        try:
            with self._transaction() as cursor:
                results = [written.work(cursor) for written in group]
        except BaseException as error:  # noqa: BLE001  raised again in the threads whose writes they are
            if len(group) > 1 and isinstance(error, Exception) and not isinstance(error, DatabaseBusy):
                for written in group:
                    self._settle([written])
            else:
                for written in group:
                    written.error, written.settled = error, True
        else:
            for written, result in zip(group, results, strict=True):
                written.result, written.settled = result, True
