"""The days of a rehearsal: the clock jumps to the end of each day on which something is due, and waits for rest."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.clock import COPENHAGEN
from messaging.rehearsal.rest import due_reminders, unsent, wait_for_rest
from messaging.rehearsal.stage import Stage
from messaging.runtime import Runtime
from messaging.work.lanes import Lane

MORNING = time(10, 0)
EVENING, WEEKEND_EVENING = time(19, 50), time(17, 50)
"""After the last reminder of a day is due, and before the hours close."""
DAY_SECONDS = 120.0


def first_morning(starts: Sequence[datetime]) -> datetime:
    """Return a working morning two weeks before the meetings begin in earnest; a stray old one does not count."""
    ordered = sorted(starts)
    enough = max(1, len(ordered) // 20)
    begin = next(
        (start for index, start in enumerate(ordered) if _within(ordered, index, days=30) >= enough), ordered[0]
    )
    day = begin.astimezone(COPENHAGEN).date() - timedelta(days=14)
    while day.weekday() > 2:
        day -= timedelta(days=1)
    return datetime.combine(day, MORNING, COPENHAGEN).astimezone(UTC)


def evenings(runtime: Runtime) -> Iterator[datetime]:
    """Yield the end of each day on which reminders are due, until none is planned any more."""
    last: date | None = None
    while True:
        with runtime.database.read() as session:
            due = session.scalar(sa.select(sa.func.min(Reminder.due_at)).filter_by(state=ReminderState.PLANNED))
        if due is None:
            return
        day = due.astimezone(COPENHAGEN).date()
        if last is not None and day <= last:
            day = last + timedelta(days=1)
        last = day
        evening = WEEKEND_EVENING if day.weekday() >= 5 else EVENING
        yield datetime.combine(day, evening, COPENHAGEN).astimezone(UTC)


def pass_days(
    stage: Stage,
    runtime: Runtime,
    *,
    on_evening: Callable[[datetime], None],
    progress: Callable[[int, int], None],
) -> int:
    """Let day after day pass, each until everything due on it has left; return how many."""
    days = 0
    with runtime.database.read() as session:
        total = session.execute(
            sa.select(sa.func.count()).select_from(Reminder).filter_by(state=ReminderState.PLANNED)
        ).scalar_one()
    for evening in evenings(runtime):
        stage.clock.set(evening, factor=1)
        runtime.waker.wake(Lane.BULK)  # nobody else knows that the time has jumped
        wait_for_rest(runtime, due_reminders, unsent, seconds=DAY_SECONDS, what=f"{evening:%Y-%m-%d}")
        on_evening(evening)
        days += 1
        with runtime.database.read() as session:
            left = session.execute(
                sa.select(sa.func.count()).select_from(Reminder).filter_by(state=ReminderState.PLANNED)
            ).scalar_one()
        progress(total - left, total)
    return days


def _within(ordered: Sequence[datetime], index: int, *, days: int) -> int:
    limit = ordered[index] + timedelta(days=days)
    return sum(1 for start in ordered[index:] if start <= limit)
