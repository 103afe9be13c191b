"""Opening hours on the wall clock, over weekends, Danish holidays and both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import OFFICE_HOURS, REMINDER_HOURS, URGENT_HOURS, OpenHours, Span
from messaging.errors import ConfigurationError

moments = st.timedeltas(timedelta(0), timedelta(days=4 * 365)).map(
    lambda since: datetime(2026, 1, 1, tzinfo=UTC) + since
)
all_hours = st.sampled_from([REMINDER_HOURS, URGENT_HOURS, OFFICE_HOURS])


def wall(text: str) -> datetime:
    """A moment by Copenhagen's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-10-14 09:00", True),
        ("2027-10-14 08:59", False),
        ("2027-10-14 19:59", True),
        ("2027-10-14 20:00", False),
        ("2027-10-16 09:30", False),
        ("2027-10-16 10:00", True),
        ("2027-10-17 17:59", True),
        ("2027-10-17 18:00", False),
        ("2027-03-25 12:00", False),
        ("2027-03-27 12:00", True),
        ("2027-03-29 12:00", False),
        ("2027-05-06 12:00", False),
        ("2027-12-25 12:00", False),
    ],
)
def test_reminders_go_out_by_day_but_not_on_public_holidays(at: str, expected: bool) -> None:
    assert REMINDER_HOURS.is_open(wall(at)) is expected


def test_great_prayer_day_is_an_ordinary_day_since_2024() -> None:
    assert REMINDER_HOURS.is_open(wall("2027-04-23 12:00"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-10-14 10:30", "2027-10-14 10:30"),
        ("2027-10-14 08:15", "2027-10-13 19:45"),
        ("2027-10-14 21:00", "2027-10-14 19:45"),
        ("2027-10-17 09:00", "2027-10-16 17:45"),
        ("2027-03-29 10:30", "2027-03-27 17:45"),
        ("2027-03-26 10:30", "2027-03-24 19:45"),
        ("2027-12-26 12:00", "2027-12-24 19:45"),
        ("2028-02-29 08:00", "2028-02-28 19:45"),
    ],
)
def test_closed_moment_moves_back_to_the_last_open_one(at: str, expected: str) -> None:
    assert REMINDER_HOURS.last_open(wall(at)) == wall(expected)


def test_extra_closed_days_are_closed() -> None:
    hours = OpenHours(closed_days=frozenset({date(2027, 12, 24)}))

    assert hours.last_open(wall("2027-12-26 12:00")) == wall("2027-12-23 19:45")


def test_own_cancellations_go_out_on_any_day_from_six() -> None:
    assert URGENT_HOURS.next_open(wall("2027-12-25 04:00")) == wall("2027-12-25 06:00")
    assert URGENT_HOURS.next_open(wall("2027-12-25 22:00")) == wall("2027-12-26 06:00")


def test_whole_easter_is_one_closed_period_of_the_office() -> None:
    names = {
        OFFICE_HOURS.closed_period(wall(f"2027-03-{day} {hour}")) for day in (25, 27, 29) for hour in ("03:00", "12:00")
    }

    assert names == {"2027-03-24T16:00"}


def test_next_night_is_another_closed_period() -> None:
    assert OFFICE_HOURS.closed_period(wall("2027-03-30 17:00")) == "2027-03-30T16:00"
    assert OFFICE_HOURS.closed_period(wall("2027-03-30 12:00")) is None


@given(moments, all_hours)
def test_last_open_moment_is_open_and_never_later(at: datetime, hours: OpenHours) -> None:
    last = hours.last_open(at)

    assert last <= at
    assert hours.is_open(last)


@given(moments, all_hours)
def test_next_open_moment_is_open_and_nothing_before_it_is(at: datetime, hours: OpenHours) -> None:
    following = hours.next_open(at)

    assert following >= at
    assert hours.is_open(following)
    assert following == at or not hours.is_open(following - timedelta(seconds=1))


@given(moments)
def test_closed_period_is_named_exactly_when_closed(at: datetime) -> None:
    assert (OFFICE_HOURS.closed_period(at) is None) is OFFICE_HOURS.is_open(at)


def test_hours_that_never_open_are_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError):
        OpenHours(weekday=None, weekend=None).next_open(wall("2027-01-01 12:00"))


def test_hours_open_before_they_close() -> None:
    with pytest.raises(ConfigurationError):
        Span(opens=time(20), closes=time(9))
