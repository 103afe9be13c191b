"""The loops of the worker process: when they look, what errors do to them, and how they stop."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.errors import Conflict
from messaging.waits import Waits
from messaging.work.breaker import BreakerState
from messaging.work.lanes import Lane
from messaging.work.models import BreakerRow, Heartbeat
from messaging.work.runner import LaneWorker, Periodic, Runner

SECONDS = 5
QUICK = replace(Waits(), look=0.01, sweep=0.15, heartbeat=0.15, shutdown=SECONDS)
NEVER_LOOKS = replace(QUICK, look=3600)
LONG_AGO = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    Base.metadata.create_all(
        database.engine, tables=[Base.metadata.tables[name] for name in ("heartbeats", "breakers")]
    )
    yield database
    database.close()


@dataclass
class Work:
    """So many items that are due; notes which thread did each."""

    due: int = 0
    done_by: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    each: Callable[[], object] = lambda: None

    def drain(self) -> int:
        with self.lock:
            if not self.due:
                return 0
            self.due -= 1
        self.each()
        with self.lock:
            self.done_by.append(threading.current_thread().name)
        return 1


def eventually(fact: Callable[[], object]) -> bool:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def running(database: Database, *workers: LaneWorker, waits: Waits = QUICK, **how: object) -> Runner:
    runner = Runner(database, waits=waits, workers=workers, **how)  # type: ignore[arg-type]
    runner.start()
    return runner


def beats(database: Database) -> dict[str, Heartbeat]:
    with database.read() as session:
        return {beat.name: beat for beat in session.scalars(sa.select(Heartbeat))}


def test_lane_is_drained_until_nothing_is_due(database: Database) -> None:
    work = Work(due=50)
    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=work.drain), waits=NEVER_LOOKS)

    assert eventually(lambda: len(work.done_by) == 50)
    runner.stop()


def test_lane_looks_by_itself_when_nobody_wakes_it(database: Database) -> None:
    work = Work()
    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=work.drain))
    time.sleep(0.05)
    work.due = 1

    assert eventually(lambda: work.done_by)
    runner.stop()


def test_woken_lane_looks_at_once_and_others_sleep_on(database: Database) -> None:
    bulk, urgent = Work(), Work()
    runner = running(
        database,
        LaneWorker(name="bulk", lane=Lane.BULK, drain=bulk.drain),
        LaneWorker(name="urgent", lane=Lane.URGENT, drain=urgent.drain),
        waits=NEVER_LOOKS,
    )
    time.sleep(0.1)
    bulk.due = urgent.due = 1
    runner.wake(Lane.URGENT)

    assert eventually(lambda: urgent.done_by)
    assert not bulk.done_by
    runner.stop()


def test_all_threads_of_a_lane_join_in_when_there_is_much_to_do(database: Database) -> None:
    together = threading.Barrier(3)
    work = Work(each=lambda: together.wait(SECONDS))
    runner = running(
        database, LaneWorker(name="bulk", lane=Lane.BULK, threads=3, drain=work.drain), waits=replace(QUICK, look=0.2)
    )
    work.due = 3

    assert eventually(lambda: len(work.done_by) == 3)
    assert sorted(work.done_by) == ["bulk-1", "bulk-2", "bulk-3"]
    runner.stop()


def test_wake_up_while_a_lane_is_busy_is_not_lost(database: Database) -> None:
    looked = threading.Semaphore(0)
    go_on = threading.Semaphore(0)

    def drain() -> int:
        looked.release()
        go_on.acquire()
        return 0

    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=drain), waits=NEVER_LOOKS)
    looked.acquire()
    runner.wake(Lane.BULK)
    go_on.release()

    assert looked.acquire(timeout=SECONDS)
    go_on.release()
    runner.stop()


def test_failing_turn_does_not_end_its_loop(database: Database) -> None:
    failures = iter([ValueError("a"), ValueError("b")])

    def fail_twice() -> None:
        if error := next(failures, None):
            raise error

    work = Work(due=3, each=fail_twice)
    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=work.drain))

    assert eventually(lambda: work.done_by)
    runner.stop()


def test_error_is_logged_without_its_words(database: Database) -> None:
    """S15: an exception's message may hold what a citizen wrote."""

    def fail() -> int:
        raise Conflict("canary 1405891")

    with capture_logs() as logs:
        runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=fail))
        assert eventually(lambda: logs)
        runner.stop()

    assert logs[0]["loop"] == "bulk"
    assert logs[0]["error"] == "Conflict"
    assert logs[0]["code"] == "conflict"
    assert "test_runner.py" in logs[0]["where"]
    assert "canary" not in repr(logs)


def test_failing_lane_is_slowed_down_more_and_more(database: Database) -> None:
    times: list[float] = []

    def fail() -> int:
        times.append(time.monotonic())
        raise Conflict("no")

    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=fail))
    assert eventually(lambda: len(times) == 5)
    runner.stop()

    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= 0.01 * 2**number for number, gap in enumerate(gaps, 1))


def test_upkeep_runs_again_and_again(database: Database) -> None:
    runs = Work(due=3)
    runner = running(database, upkeep=[Periodic(name="sweep", every=0.01, run=runs.drain)])

    assert eventually(lambda: len(runs.done_by) == 3)
    runner.stop()


def test_stop_waits_for_what_is_under_way_and_begins_nothing_more(database: Database) -> None:
    """D1."""
    begun = threading.Event()

    def one_item() -> None:
        begun.set()
        time.sleep(0.2)

    work = Work(due=10, each=one_item)
    runner = running(database, LaneWorker(name="bulk", lane=Lane.BULK, drain=work.drain), waits=Waits())
    begun.wait(SECONDS)

    assert runner.stop() == []
    assert len(work.done_by) == 1
    assert work.due == 9


def test_stop_gives_up_on_what_takes_too_long_and_names_it(database: Database) -> None:
    """D1."""
    begun, release = threading.Event(), threading.Event()

    def stuck() -> int:
        begun.set()
        release.wait()
        return 0

    runner = running(
        database,
        LaneWorker(name="bulk", lane=Lane.BULK, drain=stuck),
        waits=replace(QUICK, shutdown=0.2),
    )
    begun.wait(SECONDS)

    assert runner.stop() == ["bulk"]
    release.set()


def test_every_loop_beats_with_its_last_error(database: Database) -> None:
    def fail() -> int:
        raise Conflict("no")

    runner = running(
        database,
        LaneWorker(name="bulk", lane=Lane.BULK, drain=fail),
        LaneWorker(name="urgent", lane=Lane.URGENT, drain=lambda: 0),
    )

    assert eventually(lambda: "bulk" in beats(database) and beats(database)["bulk"].errors > 1)
    runner.stop()
    assert beats(database)["bulk"].error_code == "conflict"
    assert beats(database)["urgent"].error_code is None
    assert set(beats(database)) == {"bulk", "urgent", "heartbeat"}


def test_loop_stuck_in_a_turn_stops_beating(database: Database) -> None:
    release = threading.Event()
    runner = running(
        database,
        LaneWorker(name="bulk", lane=Lane.BULK, drain=lambda: int(release.wait())),
        LaneWorker(name="urgent", lane=Lane.URGENT, drain=lambda: 0),
        waits=replace(QUICK, sweep=0.02, heartbeat=0.02),
    )

    assert eventually(lambda: len(found := beats(database)) == 3 and found["urgent"].beat_at > found["bulk"].beat_at)
    release.set()
    runner.stop()


def test_new_worker_wipes_out_the_signs_of_the_last(database: Database) -> None:
    with database.write() as session:
        session.add(Heartbeat(name="gone", pid=1, beat_at=LONG_AGO, errors=0))
        session.add(BreakerRow(name="gone", state=BreakerState.OPEN, since=LONG_AGO))
    runner = running(database)
    assert eventually(lambda: beats(database))
    runner.stop()

    assert "gone" not in beats(database)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(BreakerRow.name))) == 0
