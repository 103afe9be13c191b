"""Writes of many threads share a commit: each learns its own outcome, and a bad one takes no other with it."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from messaging.database.group_commit import MOST, GroupCommit
from messaging.errors import DatabaseBusy

SECONDS = 10


class Ledger:
    """A table of numbers, and how many transactions were begun on it. `open` lets the first one go on."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        self.begun = 0
        self.entered = threading.Event()
        self.open = threading.Event()
        self.busy = False

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self.begun += 1
        self.entered.set()
        assert self.open.wait(SECONDS)
        if self.busy:
            raise DatabaseBusy("another process kept the database for too long")
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            self.connection.rollback()
            raise

    def numbers(self) -> list[int]:
        return [number for (number,) in self.connection.execute("SELECT number FROM numbers ORDER BY number")]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "numbers.db")
    yield ledger
    ledger.connection.close()


def write(group: GroupCommit, number: int) -> int:
    def work(cursor: Any) -> int:
        cursor.execute("INSERT INTO numbers VALUES (?)", (number,))
        return number

    return group.run(work)


def written_together(ledger: Ledger, numbers: list[int]) -> list[int | Exception]:
    """Write the first number; the others come while its transaction is under way."""
    group = GroupCommit(ledger.transaction)
    with ThreadPoolExecutor(len(numbers)) as threads:
        first = threads.submit(write, group, numbers[0])
        assert ledger.entered.wait(SECONDS)
        others = []
        for count, number in enumerate(numbers[1:], 1):
            others.append(threads.submit(write, group, number))
            wait_until_waiting(group, count)
        ledger.open.set()
        return [written.exception(SECONDS) or written.result() for written in (first, *others)]


def wait_until_waiting(group: GroupCommit, count: int) -> None:
    pause = threading.Event()
    for _ in range(SECONDS * 1000):
        if len(group._queue) == count:
            return
        pause.wait(0.001)
    pytest.fail("a thread did not come to wait")


def test_a_write_alone_is_committed_at_once(ledger: Ledger) -> None:
    ledger.open.set()

    assert write(GroupCommit(ledger.transaction), 1) == 1
    assert ledger.numbers() == [1]


def test_those_who_come_during_a_commit_share_the_next_one(ledger: Ledger) -> None:
    assert written_together(ledger, [1, 2, 3, 4]) == [1, 2, 3, 4]
    assert (ledger.numbers(), ledger.begun) == ([1, 2, 3, 4], 2)


def test_no_transaction_grows_without_end(ledger: Ledger) -> None:
    numbers = list(range(MOST + 2))

    assert written_together(ledger, numbers) == numbers
    assert (ledger.numbers(), ledger.begun) == (numbers, 3)


def test_write_that_fails_fails_alone(ledger: Ledger) -> None:
    first, second, twice, last = written_together(ledger, [1, 2, 1, 3])

    assert (first, second, last) == (1, 2, 3)
    assert isinstance(twice, sqlite3.IntegrityError)
    assert ledger.numbers() == [1, 2, 3]


def test_database_that_is_busy_is_busy_for_all_of_a_group_at_once(ledger: Ledger) -> None:
    ledger.busy = True

    outcomes = written_together(ledger, [1, 2, 3, 4])

    assert [type(outcome) for outcome in outcomes] == [DatabaseBusy] * 4
    assert ledger.begun == 2


def test_nothing_is_lost_or_doubled_by_many_threads(ledger: Ledger) -> None:
    ledger.open.set()
    group = GroupCommit(ledger.transaction)
    with ThreadPoolExecutor(16) as threads:
        results = list(threads.map(lambda number: write(group, number), range(500)))

    assert results == ledger.numbers() == list(range(500))
