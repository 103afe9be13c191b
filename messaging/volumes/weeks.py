"""Weeks on the wall clock, as ISO 8601 has them and spreadsheets write them."""

import re
from datetime import date, datetime, timedelta

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput

_WEEK = re.compile(r"(20[0-9]{2})-?[WwUu]([0-9]{1,2})")


def week_of(at: datetime) -> str:
    """Return the week of a moment: `2027-W09`."""
    year, week, _day = at.astimezone(COPENHAGEN).isocalendar()
    return f"{year}-W{week:02}"


def read_week(text: str) -> str:
    """Return a week that somebody wrote (`2027-W09`, `2027-U9`). Raises InvalidInput, also for a week 53 too many."""
    found = _WEEK.fullmatch(text.strip())
    if found is None:
        raise InvalidInput("a week is written as 2027-W09", field="week")
    year, week = int(found[1]), int(found[2])
    try:
        date.fromisocalendar(year, week, 1)
    except ValueError:
        raise InvalidInput("there is no such week in that year", field="week") from None
    return f"{year}-W{week:02}"


def last_day(week: str) -> date:
    """Return its Sunday."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1) + timedelta(days=6)
