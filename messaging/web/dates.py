"""Moments as they are read: in Copenhagen's time and in the language of the page."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime

from messaging.clock import COPENHAGEN
from messaging.web.language import DANISH, language
from messaging.web.language import many as _n
from messaging.web.language import now as _
from messaging.web.shell import current_runtime

WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
MONTHS = ("jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec.")
"""As they are written here, which is not quite as the world's tables of languages have them."""


def moment(at: datetime) -> str:
    """Write a moment as `tirsdag 2. marts kl. 10.00`, or `Tuesday 2 March at 10:00`."""
    local = at.astimezone(COPENHAGEN)
    if language() == DANISH:
        return f"{WEEKDAYS[local.weekday()]} {local.day}. {MONTHS[local.month - 1]} kl. {local:%H.%M}"
    return format_datetime(local, "EEEE d MMMM 'at' HH:mm", locale=language())


def dated(at: datetime) -> str:
    """Write a moment of any year as `2. marts 2027 kl. 10.00`, or `2 March 2027 at 10:00`."""
    local = at.astimezone(COPENHAGEN)
    if language() == DANISH:
        return f"{local.day}. {MONTHS[local.month - 1]} {local.year} kl. {local:%H.%M}"
    return format_datetime(local, "d MMMM y 'at' HH:mm", locale=language())


def day_and_time(at: datetime) -> str:
    """Write a moment near today as `i dag kl. 10.00`, `i morgen kl. 9.30` or `mandag kl. 13.00`."""
    local, today = at.astimezone(COPENHAGEN), current_runtime().clock.now().astimezone(COPENHAGEN).date()
    days = (local.date() - today).days
    day = {-1: _("i går"), 0: _("i dag"), 1: _("i morgen")}.get(days) or _day(local, days)
    if language() == DANISH:
        return f"{day} kl. {local.hour}.{local:%M}"
    return f"{day} at {local:%H:%M}"


def day(of: date) -> str:
    """Write a day as `tirsdag 2. marts`, or `Tuesday 2 March`."""
    if language() == DANISH:
        return f"{WEEKDAYS[of.weekday()]} {of.day}. {MONTHS[of.month - 1]}"
    return format_date(of, "EEEE d MMMM", locale=language())


def full_day(of: date) -> str:
    """Write a day of any year as `2. marts 2027`, or `2 March 2027`."""
    if language() == DANISH:
        return f"{of.day}. {MONTHS[of.month - 1]} {of.year}"
    return format_date(of, "d MMMM y", locale=language())


def month(of: str) -> str:
    """Write a month, given as `2027-03`, as `marts 2027`, or `March 2027`."""
    first = date.fromisoformat(f"{of}-01")
    return format_date(first, "LLLL y", locale=language())


def since(at: datetime) -> str:
    """Write how long ago a moment is, as precisely as anybody cares: `4 min.`, `3 timer`, `2 dage`."""
    minutes = max(0, int((current_runtime().clock.now() - at).total_seconds() // 60))
    if minutes < 60:
        return _("%(minutes)s min.", minutes=minutes) if minutes else _("under 1 min.")
    if minutes < 48 * 60:
        return _n("%(num)s time", "%(num)s timer", minutes // 60)
    return _n("%(num)s dag", "%(num)s dage", minutes // (24 * 60))


def _day(local: datetime, days: int) -> str:
    if language() != DANISH:
        return format_datetime(local, "EEEE" if 0 < days < 7 else "d MMMM", locale=language())
    return WEEKDAYS[local.weekday()] if 0 < days < 7 else f"{local.day}. {MONTHS[local.month - 1]}"
