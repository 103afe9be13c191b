"""When reminders go out: wall-clock rules from a meeting's start to the moments its reminders are due.

A step is due so many days before the meeting at the meeting's own wall time, or at an hour of its own. If that is
closed, it moves to the last open moment before, never later. A step whose time has passed (a late booking, or we were
down) goes out at the next open moment while that is still useful. Of two steps within 24 hours, or nearer each other
than the plan has them, only the one nearer the meeting is sent.
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours
from messaging.errors import InvalidInput

_WALL_TIME = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2})")
_YEARS = range(1900, 2200)
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


class UnreadableTime(InvalidInput):
    """The text is not a time in the form `dd-mm-yyyy HH:MM`."""

    code = "unreadable_time"


class ImpossibleTime(InvalidInput):
    """No clock ever showed this: a day the month has not, or the hour that is skipped in March."""

    code = "impossible_time"


class AmbiguousTime(InvalidInput):
    """The clock showed this twice: the hour that is repeated in October."""

    code = "ambiguous_time"


class SkipReason(enum.StrEnum):
    """Why a step of the plan is not sent."""

    TOO_LATE = "too_late"
    NEAR_ANOTHER = "near_another"
    BEGUN = "begun"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One reminder of the plan: `days` before the meeting, at its wall time or at the full hour `hour` of that day.

    `key` names it in the database.
    """

    key: str
    days: int
    hour: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """When a step is due (UTC), or would have been if there is a reason to skip it."""

    step: Step
    due_at: datetime
    skip_reason: SkipReason | None = None


STEPS = (Step(key="3_days", days=3), Step(key="1_day", days=1))
USEFUL_UNTIL = timedelta(minutes=120)
"""A reminder later than this before the meeting helps nobody."""
APART = timedelta(hours=24)
"""Two reminders nearer each other than this are one too many."""


def parse_wall_time(text: str, *, zone: ZoneInfo = COPENHAGEN) -> datetime:
    """Read `dd-mm-yyyy HH:MM` as a moment in this zone, aware, in UTC.

    Raises UnreadableTime, ImpossibleTime or AmbiguousTime; which of two moments was meant is never guessed.
    """
    return moment_of(_read_wall(text), zone=zone)


def earliest_moment(text: str, *, zone: ZoneInfo = COPENHAGEN) -> datetime:
    """Read `dd-mm-yyyy HH:MM` as the first moment it may mean, in UTC, for whom an hour either way decides nothing.

    Of the hour that is repeated in October it is the first; what the clocks skip in March is what one shows that was
    not set: an hour later. Raises UnreadableTime or ImpossibleTime.
    """
    wall = _read_wall(text)
    try:
        return moment_of(wall, zone=zone)
    except (AmbiguousTime, ImpossibleTime):
        if wall.year not in _YEARS:
            raise
        return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _read_wall(text: str) -> datetime:
    match = _WALL_TIME.fullmatch(text)
    if match is None:
        raise UnreadableTime("The time is not written as dd-mm-yyyy HH:MM.")
    day, month, year, hour, minute = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001
    except ValueError:
        raise ImpossibleTime("There is no such day or time.") from None


def moment_of(wall: datetime, *, zone: tzinfo = COPENHAGEN) -> datetime:
    """Return the moment, in UTC, at which a clock in this zone shows a (naive) time.

    Raises ImpossibleTime or AmbiguousTime; which of two moments was meant is never guessed.
    """
    if wall.year not in _YEARS:
        raise ImpossibleTime("The year cannot be meant.")
    early = wall.replace(tzinfo=zone, fold=0)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall.replace(fold=0):
        raise ImpossibleTime("The clocks skip this time when summer time begins.")
    if early.utcoffset() != early.replace(fold=1).utcoffset():
        raise AmbiguousTime("The clocks show this time twice when summer time ends.")
    return early.astimezone(UTC)


def plan(
    starts_at: datetime,
    *,
    now: datetime,
    steps: Sequence[Step] = STEPS,
    hours: OpenHours = REMINDER_HOURS,
    useful_until: timedelta = USEFUL_UNTIL,
) -> tuple[PlannedStep, ...]:
    """Plan the steps of one meeting seen from `now`, in the order given, each with its moment or a reason to skip it.

    `now` is the time of booking when a meeting is new; steps that were already sent or skipped are not to be handed in.
    """
    ahead = _plan_ahead(starts_at, tuple(steps), hours, useful_until)
    if now <= ahead.earliest:
        return ahead.steps
    return _planned(starts_at, now=now, steps=steps, hours=hours, useful_until=useful_until)


class _Ahead(NamedTuple):
    """The steps of a meeting seen from long ago, and when the earliest of them is due."""

    steps: tuple[PlannedStep, ...]
    earliest: datetime


@lru_cache(maxsize=4096)
def _plan_ahead(starts_at: datetime, steps: tuple[Step, ...], hours: OpenHours, useful_until: timedelta) -> _Ahead:
    """Plan as if from long ago; many meetings begin at one time."""
    planned = _planned(starts_at, now=_LONG_AGO, steps=steps, hours=hours, useful_until=useful_until)
    return _Ahead(planned, min((step.due_at for step in planned), default=starts_at))


def _planned(
    starts_at: datetime, *, now: datetime, steps: Sequence[Step], hours: OpenHours, useful_until: timedelta
) -> tuple[PlannedStep, ...]:
    planned: dict[Step, PlannedStep] = {}
    walls = {step: _wall(starts_at, step=step, hours=hours) for step in steps}
    for step in sorted(steps, key=walls.__getitem__, reverse=True):
        due_at = send_moment(_open_moment(walls[step], hours=hours), now=now, hours=hours)
        others = [other for other in planned.values() if other.skip_reason is None]
        reason = why_not(starts_at, at=due_at, useful_until=useful_until)
        if reason is None and any(other.due_at - due_at < _apart(walls[step], walls[other.step]) for other in others):
            reason = SkipReason.NEAR_ANOTHER
        planned[step] = PlannedStep(step=step, due_at=due_at, skip_reason=reason)
    return tuple(planned[step] for step in steps)


def due_moment(starts_at: datetime, *, step: Step, hours: OpenHours = REMINDER_HOURS) -> datetime:
    """Return the moment a step is due (UTC): so many days before at its wall time, moved back if closed.

    A wall time that is skipped in March counts as one hour later, one that is repeated in October as its first.
    """
    return _open_moment(_wall(starts_at, step=step, hours=hours), hours=hours)


def apart(step: Step, other: Step, starts_at: datetime) -> timedelta:
    """Return how far two steps are apart at the least: a day, or what the plan has between them if that is less."""
    return _apart(_wall(starts_at, step=step), _wall(starts_at, step=other))


def is_nearer(step: Step, other: Step, starts_at: datetime) -> bool:
    """Whether the plan has a step nearer the meeting than the other."""
    return _wall(starts_at, step=step) > _wall(starts_at, step=other)


def _open_moment(wall: datetime, *, hours: OpenHours) -> datetime:
    return hours.last_open(wall.replace(tzinfo=hours.zone).astimezone(UTC))


def _apart(wall: datetime, other: datetime) -> timedelta:
    return min(APART, abs(wall - other))


def _wall(starts_at: datetime, *, step: Step, hours: OpenHours = REMINDER_HOURS) -> datetime:
    """Return what a clock shows (naive) when a step would be due if we were always open."""
    begins = starts_at.astimezone(hours.zone).replace(tzinfo=None, fold=0)
    day = begins - timedelta(days=step.days)
    return day if step.hour is None else day.replace(hour=step.hour, minute=0, second=0, microsecond=0)


def send_moment(due_at: datetime, *, now: datetime, hours: OpenHours = REMINDER_HOURS) -> datetime:
    """Return when to send what is due at `due_at`: then, or if that is past, at the next open moment from `now`."""
    return hours.next_open(now) if now > due_at else due_at


def why_not(starts_at: datetime, *, at: datetime, useful_until: timedelta = USEFUL_UNTIL) -> SkipReason | None:
    """Say why a reminder sent at this moment would be of no use, or None."""
    if at >= starts_at:
        return SkipReason.BEGUN
    return SkipReason.TOO_LATE if starts_at - at < useful_until else None
