"""When we may write to citizens and when we read: opening hours on the wall clock, with weekends and holidays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from messaging.clock import COPENHAGEN
from messaging.errors import ConfigurationError

_SEARCH_DAYS = 60
"""No closed period is longer; hours that never open are a wrong setting."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Open from `opens` until, but not at, `closes`, both on the wall clock of one day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ConfigurationError("Opening hours must open before they close.")

    @classmethod
    def of_hours(cls, opens: int, closes: int) -> "Span":
        """Return the span between two full hours; 24 is midnight."""
        return cls(opens=time(opens), closes=time(closes) if closes < 24 else time.max)

    def cut(self, other: "Span") -> "Span | None":
        """Return what both have; None if that is nothing."""
        opens, closes = max(self.opens, other.opens), min(self.closes, other.closes)
        return Span(opens=opens, closes=closes) if opens < closes else None


@dataclass(frozen=True, kw_only=True)
class OpenHours:
    """Weekly hours in one time zone, less public holidays (Denmark's) and `closed_days`. None means closed.

    `margin` is how long before closing time a moment that is moved back comes to lie, so that it is still open when
    the message really goes out. Where `days` is given, it holds the hours of each weekday (Monday is 0) that has any,
    and `weekday` and `weekend` say nothing.
    """

    weekday: Span | None = Span(opens=time(9), closes=time(20))
    weekend: Span | None = Span(opens=time(10), closes=time(18))
    holidays_closed: bool = True
    closed_days: frozenset[date] = field(default_factory=frozenset)
    margin: timedelta = timedelta(minutes=15)
    zone: ZoneInfo = COPENHAGEN
    days: Mapping[int, Span] | None = field(default=None, hash=False)

    def is_open(self, at: datetime) -> bool:
        """Whether the hours are open at this moment."""
        return any(opens <= at < closes for opens, closes in self._spans(self._day(at)))

    def next_open(self, at: datetime) -> datetime:
        """Return `at` itself if open then, else the next opening, in UTC."""
        for day in self._days(at, step=1):
            for opens, closes in self._spans(day):
                if at < closes:
                    return max(opens, at.astimezone(UTC))
        raise ConfigurationError("The opening hours never open.")

    def last_open(self, at: datetime) -> datetime:
        """Return `at` itself if open then, else the last open moment before it less the margin; in UTC, never later."""
        if self.is_open(at):
            return at.astimezone(UTC)
        opens, closes = self._last_span(at)
        return max(opens, closes - self.margin)

    def after(self, at: datetime, much: timedelta) -> datetime:
        """Return when they will have been open for so long since this moment; in UTC."""
        for day in self._days(at, step=1):
            for opens, closes in self._spans(day):
                begins = max(opens, at.astimezone(UTC))
                if begins + much <= max(begins, closes):
                    return begins + much
                much -= max(closes - begins, timedelta(0))
        raise ConfigurationError("The opening hours never open for so long.")

    def before(self, at: datetime, much: timedelta) -> datetime:
        """Return since when they have been open for so long at this moment; in UTC."""
        for day in self._days(at, step=-1):
            for opens, closes in self._spans(day):
                ends = min(closes, at.astimezone(UTC))
                if ends - much >= min(ends, opens):
                    return ends - much
                much -= max(ends - opens, timedelta(0))
        raise ConfigurationError("The opening hours never open for so long.")

    def closed_period(self, at: datetime) -> str | None:
        """Name the closed period around this moment by the wall time it began, or None when open.

        The same night, weekend or holiday has one name: `2027-03-24T16:00`.
        """
        if self.is_open(at):
            return None
        _, closes = self._last_span(at)
        return closes.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")

    def narrowed(self, span: Span | None, *, weekends: bool = True) -> "OpenHours | None":
        """Return the part of these weekly hours that lies in a span of each day, without the weekends if so.

        None if they would not open on any weekday. Raises ValueError where each day has its own hours.
        """
        if self.days is not None:
            raise ValueError("only hours of the week can be narrowed")
        weekday, weekend = ((mine.cut(span) if mine and span else mine) for mine in (self.weekday, self.weekend))
        if weekday is None:
            return None
        return replace(self, weekday=weekday, weekend=weekend if weekends else None)

    def is_open_day(self, day: date) -> bool:
        """Whether the hours open at all on this day."""
        return self._span_of(day) is not None

    def _last_span(self, at: datetime) -> tuple[datetime, datetime]:
        for day in self._days(at, step=-1):
            for opens, closes in self._spans(day):
                if closes <= at:
                    return opens, closes
        raise ConfigurationError("The opening hours never open.")

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _days(self, at: datetime, *, step: int) -> Iterator[date]:
        first = self._day(at)
        return (first + timedelta(days=step * count) for count in range(_SEARCH_DAYS))

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        span = self._span_of(day)
        if span is not None:
            yield _moment(day, span.opens, self.zone), _moment(day, span.closes, self.zone)

    def _span_of(self, day: date) -> Span | None:
        if day in self.closed_days or (self.holidays_closed and day in _public_holidays(day.year)):
            return None
        if self.days is not None:
            return self.days.get(day.weekday())
        return self.weekend if day.weekday() >= 5 else self.weekday


REMINDER_HOURS = OpenHours()
"""Reminders and everything else that can wait: 09-20, weekends 10-18, never on public holidays."""

URGENT_HOURS = OpenHours(
    weekday=Span(opens=time(6), closes=time(22)), weekend=Span(opens=time(6), closes=time(22)), holidays_closed=False
)
"""Our own cancellation of a meeting: it must reach the citizen before the way there, on any day."""

OFFICE_HOURS = OpenHours(weekday=Span(opens=time(8), closes=time(16)), weekend=None)
"""When caseworkers read messages; outside these the citizen is told so, once per closed period."""


@lru_cache(maxsize=1024)
def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DK", years=year))
