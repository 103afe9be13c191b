"""When reminders are due: wall time, holidays, late bookings and both changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.appointments.timing import (
    STEPS,
    AmbiguousTime,
    ImpossibleTime,
    PlannedStep,
    SkipReason,
    Step,
    UnreadableTime,
    due_moment,
    parse_wall_time,
    plan,
    why_not,
)
from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours, Span
from messaging.errors import InvalidInput

ZONES = ["Europe/Copenhagen", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Atlantic/Azores", "UTC"]
moments = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
LONG_BEFORE = timedelta(days=90)


def wall(text: str) -> datetime:
    """A moment by Copenhagen's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


def moments_and_reasons(planned: tuple[PlannedStep, ...]) -> list[tuple[str, SkipReason | None]]:
    """What a plan says, by Copenhagen's clock."""
    return [(f"{step.due_at.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}", step.skip_reason) for step in planned]


@pytest.mark.parametrize(
    ("starts_at", "three_days", "one_day"),
    [
        ("2027-10-14 10:30", "2027-10-11 10:30", "2027-10-13 10:30"),
        ("2027-03-30 10:30", "2027-03-27 10:30", "2027-03-27 17:45"),  # after Easter
        ("2027-11-01 10:30", "2027-10-29 10:30", "2027-10-31 10:30"),  # winter time begins on the 31st
        ("2028-03-01 10:30", "2028-02-27 10:30", "2028-02-29 10:30"),  # leap day
        ("2027-10-18 09:15", "2027-10-15 09:15", "2027-10-16 17:45"),  # Sunday 09.15 is closed
        ("2027-10-14 08:15", "2027-10-10 17:45", "2027-10-12 19:45"),
    ],
)
def test_r19_steps_are_due_at_the_meetings_wall_time_or_the_last_open_moment_before(
    starts_at: str, three_days: str, one_day: str
) -> None:
    due = [due_moment(wall(starts_at), step=step) for step in STEPS]

    assert due == [wall(three_days), wall(one_day)]


@settings(max_examples=400, deadline=None)
@given(
    moments,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.integers(1, 14),
)
def test_r19_one_step_is_due_once_at_the_same_wall_time_in_any_zone(
    starts_at: datetime, zone: ZoneInfo, days: int
) -> None:
    always = Span(opens=time.min, closes=time.max)
    hours = OpenHours(weekday=always, weekend=always, holidays_closed=False, margin=timedelta(0), zone=zone)
    steps = (Step(key="x", days=days),)

    (planned,) = plan(starts_at, now=starts_at - LONG_BEFORE, steps=steps, hours=hours)

    shown = planned.due_at.astimezone(zone).replace(tzinfo=None)
    meant = starts_at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    assert planned.skip_reason is None
    assert shown == meant or is_skipped(meant, zone)


@settings(max_examples=400, deadline=None)
@given(
    moments,
    st.timedeltas(timedelta(0), timedelta(days=10)),
)
def test_r19_nothing_is_planned_in_closed_hours_late_or_twice_within_a_day(
    starts_at: datetime, ahead: timedelta
) -> None:
    now = starts_at - ahead
    sent = [step.due_at for step in plan(starts_at, now=now) if step.skip_reason is None]

    assert all(REMINDER_HOURS.is_open(moment) for moment in sent)
    assert all(now <= moment <= starts_at - timedelta(minutes=120) for moment in sent)
    assert all(later - earlier >= timedelta(hours=24) for earlier, later in pairwise(sent))


def test_two_steps_within_a_day_leave_the_one_nearer_the_meeting() -> None:
    planned = plan(wall("2027-03-30 10:30"), now=wall("2027-03-01 12:00"))

    assert moments_and_reasons(planned) == [
        ("2027-03-27 10:30", SkipReason.NEAR_ANOTHER),
        ("2027-03-27 17:45", None),
    ]


def test_booking_two_days_ahead_is_caught_up_at_once_and_reminded_again() -> None:
    planned = plan(wall("2027-10-14 10:30"), now=wall("2027-10-12 10:00"))

    assert moments_and_reasons(planned) == [("2027-10-12 10:00", None), ("2027-10-13 10:30", None)]


def test_booking_within_the_last_day_gets_one_reminder_at_once() -> None:
    planned = plan(wall("2027-10-14 10:30"), now=wall("2027-10-13 15:00"))

    assert moments_and_reasons(planned) == [
        ("2027-10-13 15:00", SkipReason.NEAR_ANOTHER),
        ("2027-10-13 15:00", None),
    ]


def test_booking_at_night_is_caught_up_when_the_hours_open() -> None:
    planned = plan(wall("2027-10-14 14:00"), now=wall("2027-10-13 22:00"))

    assert moments_and_reasons(planned)[1] == ("2027-10-14 09:00", None)


def test_catch_up_that_helps_nobody_is_skipped_as_too_late() -> None:
    planned = plan(wall("2027-10-14 10:30"), now=wall("2027-10-13 22:00"))

    assert [step.skip_reason for step in planned] == [SkipReason.TOO_LATE, SkipReason.TOO_LATE]


def test_meeting_that_has_begun_is_not_reminded_of() -> None:
    planned = plan(wall("2027-10-14 10:30"), now=wall("2027-10-14 10:30"))

    assert [step.skip_reason for step in planned] == [SkipReason.BEGUN, SkipReason.BEGUN]


def test_how_late_is_too_late_is_a_setting() -> None:
    starts_at = wall("2027-10-14 10:30")

    assert why_not(starts_at, at=starts_at - timedelta(minutes=119)) is SkipReason.TOO_LATE
    assert why_not(starts_at, at=starts_at - timedelta(minutes=120)) is None
    assert why_not(starts_at, at=starts_at - timedelta(minutes=60), useful_until=timedelta(minutes=30)) is None


def test_wall_time_is_read_in_summer_and_winter() -> None:
    assert parse_wall_time("14-10-2027 10:30") == datetime(2027, 10, 14, 8, 30, tzinfo=UTC)
    assert parse_wall_time("04-01-2027 15:45") == datetime(2027, 1, 4, 14, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("31-02-2027 10:00", ImpossibleTime),
        ("29-02-2027 10:00", ImpossibleTime),
        ("01-01-2027 24:00", ImpossibleTime),
        ("28-03-2027 02:30", ImpossibleTime),
        ("01-01-0001 00:00", ImpossibleTime),
        ("31-12-9999 23:59", ImpossibleTime),
        ("31-10-2027 02:30", AmbiguousTime),
        ("2027-10-14 10:30", UnreadableTime),
        ("14-10-2027", UnreadableTime),
        ("14-10-2027 10:30 ", UnreadableTime),
        ("١٤-10-2027 10:30", UnreadableTime),
        ("", UnreadableTime),
    ],
)
def test_time_no_clock_showed_or_showed_twice_is_refused_by_name(text: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error):
        parse_wall_time(text)


def test_leap_day_is_a_day() -> None:
    assert parse_wall_time("29-02-2028 10:00") == datetime(2028, 2, 29, 9, tzinfo=UTC)


def is_skipped(naive: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock of the zone ever shows this time."""
    return naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive
