"""The promised answer time runs only while the office is open, and says when it is pressing and when it is broken."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from messaging.conversations.answer_time import Keeping, Promise, is_first_morning
from messaging.conversations.open_hours import OFFICE_HOURS
from tests.conversations.test_open_hours import moments, wall

A_DAY = Promise(within=timedelta(hours=8), hours=OFFICE_HOURS)


@pytest.mark.parametrize(
    ("wrote", "until"),
    [
        ("2027-10-14 08:00", "2027-10-14 16:00"),
        ("2027-10-14 10:00", "2027-10-15 10:00"),
        ("2027-10-14 20:00", "2027-10-15 16:00"),
        ("2027-10-15 14:00", "2027-10-18 14:00"),
        ("2027-10-16 12:00", "2027-10-18 16:00"),
        ("2027-03-24 12:00", "2027-03-30 12:00"),
    ],
    ids=["at opening", "at ten", "in the evening", "over a weekend", "on a Saturday", "over Easter"],
)
def test_time_runs_only_while_the_office_is_open(wrote: str, until: str) -> None:
    assert A_DAY.answer_time(wall(wrote), now=wall(wrote)).until == wall(until)


@pytest.mark.parametrize(
    ("now", "keeping"),
    [
        ("2027-10-14 13:59", Keeping.IN_TIME),
        ("2027-10-14 14:00", Keeping.PRESSING),
        ("2027-10-14 15:59", Keeping.PRESSING),
        ("2027-10-14 16:00", Keeping.BROKEN),
    ],
)
def test_promise_is_pressing_in_its_last_quarter_and_broken_after_it(now: str, keeping: Keeping) -> None:
    assert A_DAY.answer_time(wall("2027-10-14 08:00"), now=wall(now)).keeping is keeping


@given(moments, moments)
def test_promise_is_broken_to_exactly_those_who_have_waited_since_then(wrote: datetime, now: datetime) -> None:
    broken = A_DAY.answer_time(wrote, now=now).keeping is Keeping.BROKEN

    assert broken == (wrote <= A_DAY.broken_since(now))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-10-18 08:00", True),
        ("2027-10-18 12:00", False),
        ("2027-10-19 08:00", False),
        ("2027-10-17 08:00", False),
        ("2027-03-30 08:00", True),
    ],
    ids=["Monday", "Monday noon", "Tuesday", "Sunday", "after Easter"],
)
def test_first_morning_follows_a_closed_day(now: str, expected: bool) -> None:
    assert is_first_morning(wall(now), OFFICE_HOURS) is expected
