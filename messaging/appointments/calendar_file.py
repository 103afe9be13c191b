"""A meeting as a file for the calendar of the citizen's phone.

Calendars are shared, copied into clouds and shown on locked screens: the file says no more than that there is an
appointment, when and where. A later file of the same meeting takes the place of the one before, also when the meeting
is cancelled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from messaging.appointments.states import CANCELLED, OPEN, AppointmentState
from messaging.clock import COPENHAGEN

PRODUCT = "-//Borgerdialog//Aftaler//DA"
BEFORE = timedelta(hours=1)
"""When the phone reminds by itself."""
TELLS_TOO_MUCH = ("jobcenter", "jobcentre", "beskæftigelse", "kontanthjælp")
"""A unit whose name holds one of these is not named."""


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """What a calendar is told. `uid` stays the same for one meeting; `place` are approved words, or the form's."""

    uid: str
    starts_at: datetime
    minutes: int
    place: str | None
    state: AppointmentState
    revision: int
    changed_at: datetime


def calendar_file(entry: CalendarEntry, *, unit: str, word: str, now: datetime) -> bytes:
    """Return the file; `word` is what the meeting is called in the citizen's language."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_zone())
    calendar.add_component(_event(entry, summary=_summary(unit, word), now=now))
    file: bytes = calendar.to_ical()
    return file


def _event(entry: CalendarEntry, *, summary: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.revision)
    event.add("dtstamp", now)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", _on_the_wall(entry.starts_at))
    event.add("dtend", _on_the_wall(entry.starts_at + timedelta(minutes=entry.minutes)))
    event.add("summary", summary)
    if entry.place:
        event.add("location", entry.place)
    event.add("status", "CANCELLED" if entry.state in CANCELLED else "CONFIRMED")
    event.add("class", "PRIVATE")
    if entry.state in OPEN:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -BEFORE)
        event.add_component(alarm)
    return event


def _summary(unit: str, word: str) -> str:
    neutral = unit and not any(telling in unit.casefold() for telling in TELLS_TOO_MUCH)
    return f"{word}: {unit}" if neutral else word


def _on_the_wall(at: datetime) -> datetime:
    """Return a moment as the wall clock has it; in UTC where the clock shows the same time again."""
    local = at.astimezone(COPENHAGEN)
    return at.astimezone(ZoneInfo("UTC")) if local.fold else local


def _zone() -> Timezone:
    """Return Copenhagen's time by the rules that hold since 1996; calendars that know its name use their own."""
    zone = Timezone()
    zone.add("tzid", COPENHAGEN.key)
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    for part, name, month, begins, before, after in (
        (TimezoneDaylight(), "CEST", 3, datetime(1996, 3, 31, 2), winter, summer),  # noqa: DTZ001  local by definition
        (TimezoneStandard(), "CET", 10, datetime(1996, 10, 27, 3), summer, winter),  # noqa: DTZ001
    ):
        part.add("dtstart", begins)
        part.add("rrule", vRecur({"freq": "yearly", "bymonth": month, "byday": "-1su"}))
        part.add("tzname", name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone
