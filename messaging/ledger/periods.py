"""The days that a ledger or a transcript covers, as a form names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput


class NoSuchDay(InvalidInput):
    """A date of the form is none, or the last day is before the first."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the first day to the last, both included; None where it is open."""

    first: date | None = None
    last: date | None = None

    @property
    def since(self) -> datetime | None:
        """The moment it begins."""
        return datetime.combine(self.first, time(), tzinfo=COPENHAGEN) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The moment it is over."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=COPENHAGEN) if self.last else None

    @property
    def named(self) -> dict[str, str]:
        """The period in the words of the form, for addresses that lead to more of it."""
        days = {"since": self.first, "until": self.last}
        return {name: day.isoformat() for name, day in days.items() if day}


def read_period(form: Mapping[str, str]) -> Period:
    """Return the period that a form names by `since` and `until`. Raises NoSuchDay."""
    period = Period(first=_day(form, "since"), last=_day(form, "until"))
    if period.first and period.last and period.last < period.first:
        raise NoSuchDay("the last day is before the first", field="until")
    return period


def _day(form: Mapping[str, str], name: str) -> date | None:
    text = form.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise NoSuchDay("there is no such day", field=name) from None
    if day is not None and not 1900 < day.year < 2200:
        raise NoSuchDay("there is no such day", field=name)
    return day
