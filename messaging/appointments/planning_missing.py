"""Planning the reminders of coming meetings that have none: they were booked while no plan asked for any.

Who books a meeting plans its reminders in the same transaction, so that there is seldom anything to do here; to do it
again does no harm. Of very many meetings the words are composed by several processes beside each other, and outside the
turn of a writer, who would keep everybody else waiting.
"""

import gc
import multiprocessing
import os
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from typing import NamedTuple, cast

import sqlalchemy as sa
import structlog

from messaging.appointments.models import Appointment, Form, Reminder
from messaging.appointments.planning import planned_rows, put_down, reminder_rules
from messaging.appointments.states import OPEN
from messaging.conversations.opening_times import settings_now
from messaging.database.base import table_of
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime

log = structlog.get_logger()

FEW = 5000
"""So many meetings are planned before another process has started."""
LARGEST, SMALLEST = 4000, 500
"""Meetings planned in one transaction, at the most, and but for the last ones at the least."""
Batch = tuple[uuid.UUID, uuid.UUID]
"""The first and the last meeting of those that are planned in one go."""
Progress = Callable[[int, int], None]

_A, _R = table_of(Appointment).c, table_of(Reminder).c
_HAS_REMINDERS = sa.exists().where(_R.appointment_id == _A.id, _R.revision == _A.revision)
_IS_MISSING = sa.and_(_A.state.in_(OPEN), ~_HAS_REMINDERS)
_AMONG = sa.and_(_A.id.between(sa.bindparam("first"), sa.bindparam("last")), _A.starts_at > sa.bindparam("now"))
_WITHOUT = sa.select(_A.id).where(_IS_MISSING).order_by(_A.id)
_LOCKED = sa.select(sa.func.count()).select_from(_WITHOUT.where(_AMONG).with_for_update().subquery())
_STILL = sa.select(_A.id, _A.revision).where(_IS_MISSING, _AMONG)


class _Meeting(NamedTuple):
    """What a plan and its words ask of a meeting: of a hundred thousand the mapper would make whole objects."""

    id: uuid.UUID
    revision: int
    citizen_id: uuid.UUID
    caseworker_id: uuid.UUID
    starts_at: datetime
    minutes: int
    meeting_type: str
    form: Form
    place: str | None


_PLANNED_BY = sa.select(*(_A[name] for name in _Meeting._fields)).where(_IS_MISSING, _AMONG).order_by(_A.id)


def plan_missing(
    runtime: Runtime,
    *,
    reopen: Callable[[], Runtime] | None = None,
    processes: int = 1,
    progress: Progress = lambda _done, _total: None,
    stopping: threading.Event | None = None,
) -> int:
    """Plan what is missing, and return of how many meetings; `progress` hears how many of how many are done.

    Of several processes each but this one opens a runtime of its own by `reopen`, which must be picklable; what they
    cannot do, this one does. Once `stopping` is set no further batch is begun. Raises DatabaseBusy; what is done by
    then stays, and the next call goes on from there.
    """
    with runtime.database.read() as session:
        ids = session.scalars(_WITHOUT.where(_A.starts_at > runtime.clock.now())).all()
    if reopen is not None and processes > 1 and len(ids) > FEW:
        planned = _plan_beside(runtime, ids, reopen=reopen, processes=processes)
    else:
        planned = (_plan(runtime, batch) for batch in _batches(ids, processes=1))
    done = 0
    for number in planned:
        done += number
        progress(done, len(ids))
        if stopping is not None and stopping.is_set():
            break
    return done


def _batches(ids: Sequence[uuid.UUID], *, processes: int) -> list[Batch]:
    """Divide meetings: large batches first, for each has its costs, and small ones at the end, so that of several
    processes none waits long for another."""
    batches, start = list[Batch](), 0
    while left := len(ids) - start:
        size = min(max(left // (2 * processes), SMALLEST), LARGEST, left)
        batches.append((ids[start], ids[start + size - 1]))
        start += size
    return batches


@dataclass(frozen=True)
class _Table:
    """The batches that nobody has taken yet, and of how many meetings each that is done was; shared by threads."""

    left: deque[Batch]
    planned: list[int] = field(default_factory=list)

    def plan_by(self, plan: Callable[[Batch], int]) -> Iterator[None]:
        """Take one batch after the other and plan it, until none is left. One that fails is put back."""
        while self.left:
            try:
                batch = self.left.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                self.planned.append(plan(batch))
            except BaseException:
                self.left.append(batch)
                raise
            yield


def _plan_beside(
    runtime: Runtime, ids: Sequence[uuid.UUID], *, reopen: Callable[[], Runtime], processes: int
) -> Iterator[int]:
    """Plan together with other processes, and yield how many meetings have been planned since the last time."""
    table = _Table(deque(_batches(ids, processes=processes)))
    told = 0

    def news() -> int:
        nonlocal told
        before, told = told, sum(table.planned)
        return told - before

    with _uncollected(), ThreadPoolExecutor(processes - 1) as threads:
        others = [threads.submit(_plan_there, table, reopen) for _ in range(processes - 1)]
        try:
            for _ in table.plan_by(lambda batch: _plan(runtime, batch)):
                yield news()
            for other in as_completed(others):
                other.result()
                yield news()
            for _ in table.plan_by(lambda batch: _plan(runtime, batch)):  # what another process could not do
                yield news()
        finally:
            table.left.clear()  # who fails here does not let the others go on


def _plan_there(table: _Table, reopen: Callable[[], Runtime]) -> None:
    """Let another process take its share, one batch at a time, until none is left or it cannot go on."""
    spawned = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=spawned, initializer=_open, initargs=(reopen,)) as process:
            for _ in table.plan_by(lambda batch: process.submit(_plan_opened, batch).result()):
                pass
    except Exception as error:  # noqa: BLE001  # whatever is wrong with that process, this one goes on
        log.warning("planning.process_failed", error=type(error).__name__)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the collector's looks: what planning makes is let go of as soon as nobody holds it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_opened: list[Runtime] = []
"""The runtime of a process that was started here."""


def _open(reopen: Callable[[], Runtime]) -> None:
    gc.disable()  # as in `_uncollected`, for its short life
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _opened.append(reopen())
    Finalize(None, _opened[0].close, exitpriority=0)


def _end_with_parent() -> None:
    """End this process, with the keys it has opened, when the one is gone that started it: nobody else would."""
    if parent := multiprocessing.parent_process():
        wait([parent.sentinel])
        os._exit(1)


def _plan_opened(batch: Batch) -> int:
    return _plan(_opened[0], batch)


def _plan(runtime: Runtime, batch: Batch) -> int:
    rules, now = reminder_rules(settings_now(runtime)), runtime.clock.now()
    among = {"first": batch[0], "last": batch[1], "now": now}
    with runtime.database.read() as session:
        looking = Act(session=session, vault=runtime.vault, now=now, actor=SYSTEM)
        rows = session.execute(_PLANNED_BY, among).all()
        meetings = cast("list[Appointment]", [_Meeting._make(row) for row in rows])
        planned = [one for one in planned_rows(looking, appointments=meetings, rules=rules) if one[1]]
    if not planned:
        return 0
    with runtime.act(SYSTEM) as act:
        act.session.execute(_LOCKED, among)
        # In a statement of its own: the one that waited for the locks had looked for reminders before it did.
        still = set(act.session.execute(_STILL, among).all())
        planned = [(meeting, rows) for meeting, rows in planned if (meeting.id, meeting.revision) in still]
        put_down(act, planned)
    return len(planned)
