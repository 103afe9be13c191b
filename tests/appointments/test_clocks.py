"""F17: clocks that jump, differ or are set by law. Each step of each meeting is decided once, and none leaves early."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.clock import COPENHAGEN, FixedClock
from messaging.conversations.models import Message
from tests.appointments.conftest import Desk, wall

THREE_DAYS, ONE_DAY, STARTS = "2027-10-11 10:30", "2027-10-13 10:30", "2027-10-14 10:30"
SKEW = timedelta(minutes=5)


def sent(desk: Desk) -> list[str]:
    """The steps that became messages, in their order."""
    rows = [row for row in desk.every(Reminder) if row.state is ReminderState.SENT]
    return [row.step for row in sorted(rows, key=lambda row: row.due_at)]


def ticks(first: str, last: str, *, every: timedelta) -> Iterator[datetime]:
    """Moments that really pass, whatever the clock on the wall shows."""
    moment = wall(first).astimezone(UTC)
    while moment <= wall(last):
        yield moment
        moment += every


@pytest.mark.parametrize("at", [THREE_DAYS, ONE_DAY])
def test_clock_that_is_set_back_an_hour_reminds_of_nothing_twice(desk: Desk, at: str) -> None:
    desk.books()
    desk.reminds(at=at)
    before = len(desk.channel.sent)
    for minutes in range(0, 120, 20):
        desk.clock.moment = wall(at) - timedelta(hours=1) + timedelta(minutes=minutes)
        desk.reminds(at=f"{desk.clock.moment.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}")

    assert len(desk.channel.sent) == before == 1


@pytest.mark.parametrize("before", ["2027-10-11 09:45", "2027-10-12 09:45", "2027-10-13 09:45"])
def test_clock_that_leaps_ahead_a_day_and_an_hour_skips_what_has_passed_and_doubles_nothing(
    desk: Desk, before: str
) -> None:
    """Once it is set right, what was decided in the leap stays decided, and what was not is decided at its time."""
    desk.books()
    for moment in (wall(before), wall(before) + timedelta(hours=25), *ticks(before, STARTS, every=timedelta(hours=1))):
        desk.reminds(at=f"{moment.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}")

    states = {row.step: row.state for row in desk.every(Reminder)}
    assert set(states.values()) <= {ReminderState.SENT, ReminderState.SKIPPED}
    has_begun = wall(before) + timedelta(hours=25) >= wall(STARTS)
    assert states["1_day"] is (ReminderState.SKIPPED if has_begun else ReminderState.SENT)
    assert len(desk.channel.sent) == len(sent(desk)) == len(desk.every(Message))


def test_workers_whose_clocks_differ_remind_once_and_no_earlier_than_the_one_that_is_fast(desk: Desk) -> None:
    desk.books()
    clocks = [FixedClock(moment=desk.clock.moment) for _ in range(2)]
    lanes = [ReminderLane(replace(desk.runtime, clock=clock)) for clock in clocks]
    written: list[datetime] = []
    for moment in ticks("2027-10-11 10:15", "2027-10-11 10:45", every=timedelta(minutes=1)):
        for clock, lane, skew in zip(clocks, lanes, (SKEW, -SKEW), strict=True):
            clock.moment = moment + skew
            while lane.drain():
                pass
            written += [moment] * (len(desk.every(Message)) - len(written))

    assert written == [wall(THREE_DAYS) - SKEW]
    assert sent(desk) == ["3_days"]


@pytest.mark.parametrize(
    ("start", "first", "due"),
    [
        ("31-03-2027 10:30", "2027-03-24 09:00", ["2027-03-27 17:45", "2027-03-30 10:30"]),
        ("28-03-2027 10:30", "2027-03-23 09:00", ["2027-03-24 19:45", "2027-03-27 10:30"]),
        ("01-11-2027 10:30", "2027-10-27 09:00", ["2027-10-29 10:30", "2027-10-31 10:30"]),
        ("31-10-2027 10:30", "2027-10-26 09:00", ["2027-10-28 10:30", "2027-10-30 10:30"]),
    ],
    ids=["after the gap and Easter", "day of the gap, Easter Sunday", "day after the fold", "day of the fold"],
)
def test_where_the_clock_is_set_by_law_reminders_leave_once_and_at_the_wall_time(
    desk: Desk, start: str, first: str, due: list[str]
) -> None:
    desk.books(at=first, start=start)
    left: list[datetime] = []
    day, month, rest = start.split("-")
    for moment in ticks(first, f"{rest[:4]}-{month}-{day} {rest[5:]}", every=timedelta(minutes=15)):
        desk.clock.moment = moment
        while ReminderLane(desk.runtime).drain():
            pass
        left += [moment] * (len(desk.every(Message)) - len(left))

    assert [f"{moment.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}" for moment in left] == due
