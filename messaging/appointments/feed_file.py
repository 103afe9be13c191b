"""An iCalendar feed as the records that a file of lines gives: an event is a record, or one for each who takes part.

Pure. What stands where is named by the profile: `SUMMARY` a property, `ATTENDEE/CN` a parameter of one,
`DESCRIPTION/CPR` what follows `CPR:` on a line of its text. Recurring series are refused, single instances of them are
not: which meetings a rule stands for is the calendar's to unfold.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty

from messaging.appointments.booking_rows import BETWEEN, SENTENCES
from messaging.appointments.line_file import Fault, Record, UnusableFile
from messaging.appointments.profiles import Profile
from messaging.appointments.timing import ImpossibleTime, moment_of
from messaging.errors import InvalidInput

LARGEST = 20_000_000
"""Bytes of a feed that is read at all."""
MOST_EVENTS = 20_000
CANCELLED = "cancelled"
ROOMS = frozenset({"ROOM", "RESOURCE"})
"""Kinds of attendees that are nobody."""

_LABELLED = re.compile(r"^[ \t]*([^:=\n]{1,40}?)[ \t]*[:=](.*)$", re.MULTILINE)
_SERIES = ("RRULE", "RDATE", "EXRULE")
_BEGIN, _END = b"BEGIN:VCALENDAR", b"END:VCALENDAR"


def read_events(data: bytes, *, profile: Profile) -> Iterator[Record]:
    """Yield the events of a feed; of those by one UID the last in SEQUENCE comes last. `line` counts the events from 1.

    Raises UnusableFile if it is no whole calendar, or too large a one.
    """
    calendar = _calendar(data)
    events = enumerate(calendar.walk("VEVENT"), start=1)
    is_cancelled = str(calendar.get("METHOD", "")).upper() == "CANCEL"
    for number, event in sorted(events, key=lambda numbered: _edition(numbered[1])):
        yield from _records(event, number=number, profile=profile, is_cancelled=is_cancelled)


def _calendar(data: bytes) -> Calendar:
    whole = data.removeprefix(b"\xef\xbb\xbf").strip()
    if len(whole) > LARGEST:
        raise UnusableFile("Kalenderen er for stor til at blive læst.")
    if not whole.upper().startswith(_BEGIN) or not whole.upper().endswith(_END):
        raise UnusableFile("Filen er ikke en hel iCalendar-fil: den begynder eller slutter forkert.")
    if whole.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise UnusableFile(f"Kalenderen har flere end {MOST_EVENTS} begivenheder.")
    try:
        return Calendar.from_ical(whole.decode("utf-8"))
    except (ValueError, TypeError, LookupError, AttributeError):
        raise UnusableFile("Filen er ikke en iCalendar-fil i UTF-8.") from None


def _edition(event: Component) -> tuple[int, datetime]:
    stamp = _part(event.get("DTSTAMP"), "dt")
    sequence = str(event.get("SEQUENCE", "0"))
    stamped = stamp if isinstance(stamp, datetime) else datetime.min.replace(tzinfo=UTC)
    return (
        int(sequence[:9]) if sequence.isascii() and sequence.isdecimal() else 0,
        stamped if stamped.tzinfo else stamped.replace(tzinfo=UTC),
    )


def _records(event: Component, *, number: int, profile: Profile, is_cancelled: bool) -> Iterator[Record]:
    faults: list[Fault] = []
    start, fault = _start(event)
    faults += [fault] if fault else []
    is_unknown_instance = "RECURRENCE-ID" in event and _part(event["RECURRENCE-ID"], "dt") is None
    if is_unknown_instance or any(name in event for name in _SERIES):
        faults.append(_fault("series"))
    common = {
        "UID": _uid(event),
        "DTSTART": start,
        "DURATION": _minutes(event),
        "STATUS": CANCELLED if is_cancelled else _text(event.get("STATUS")),
    }
    parts = _parts(event, cpr=profile.columns["cpr"])
    if len(parts) > 1 and not profile.participants:
        faults.append(_fault("several_participants"))
        parts = parts[:1]
    for part in parts:
        values = {
            place: common[place] if place in common else part.get(_place_of(place)) or _at(event, place)
            for place in profile.columns.values()
        }
        yield Record(line=number, values=values, faults=tuple(faults))


def _uid(event: Component) -> str:
    """The event's id; a single instance of a series has its own."""
    uid = _text(event.get("UID"))
    original = _part(event.get("RECURRENCE-ID"), "dt")
    if original is None:
        return uid
    if isinstance(original, datetime) and original.tzinfo:
        original = original.astimezone(UTC)
    return f"{uid}{BETWEEN}{original:%Y%m%dT%H%M%S}"


def _start(event: Component) -> tuple[str, Fault | None]:
    """The start as ISO 8601, without an offset where the calendar gives no zone; or why it cannot be known."""
    given = event.get("DTSTART")
    start = _part(given, "dt")
    if not isinstance(start, datetime):
        return "", None
    wall = start.replace(tzinfo=None)
    if start.tzinfo is None:
        named = "TZID" in given.params
        return wall.isoformat(), _fault("unknown_zone") if named else None
    try:
        return moment_of(wall, zone=start.tzinfo).isoformat(), None
    except InvalidInput as refusal:
        return "", _fault(refusal.code)
    except (ValueError, OverflowError):
        return "", _fault(ImpossibleTime.code)


def _minutes(event: Component) -> str:
    start, end, length = (_part(event.get(name), "dt") for name in ("DTSTART", "DTEND", "DURATION"))
    try:
        if isinstance(start, datetime) and isinstance(end, datetime):
            length = end - start
    except TypeError:  # one of the two has a zone and the other has none
        return ""
    if not isinstance(length, timedelta) or length.total_seconds() % 60:
        return ""
    return str(int(length.total_seconds() // 60))


def _parts(event: Component, *, cpr: str) -> list[dict[str, str]]:
    """What is said of each who takes part; one empty part if nobody is named."""
    lines = _labelled(_text(event.get("DESCRIPTION")))
    if cpr.upper().startswith("ATTENDEE"):
        shared = {place: values[0] for place, values in lines.items()}
        parts = [shared | _attendee(attendee) for attendee in _all(event.get("ATTENDEE"))]
        return [part for part in parts if part.get(_place_of(cpr))] or [shared]
    count = len(lines.get(_place_of(cpr), [""]))
    return [
        {place: values[index if len(values) == count else 0] for place, values in lines.items()}
        for index in range(count)
    ]


def _attendee(attendee: Any) -> dict[str, str]:
    parameters = _part(attendee, "params") or {}
    if str(parameters.get("CUTYPE", "")).upper() in ROOMS:
        return {}
    found = {f"ATTENDEE/{name}": _clean(str(value)) for name, value in parameters.items()}
    return found | {"ATTENDEE": _address(attendee)}


def _labelled(text: str) -> dict[str, list[str]]:
    """The lines `Label: text` of a description, by what a profile calls their places; capitals do not matter."""
    found: dict[str, list[str]] = defaultdict(list)
    for label, said in _LABELLED.findall(text):
        found[_place_of(f"DESCRIPTION/{label}")].append(_clean(said))
    return found


def _place_of(place: str) -> str:
    name, _, label = place.partition("/")
    return f"{name.upper()}/{label.casefold()}" if name.upper() == "DESCRIPTION" and label else place


def _at(event: Component, place: str) -> str:
    name, _, parameter = place.partition("/")
    values = _all(event.get(name))
    if not values or (name.upper() == "DESCRIPTION" and parameter):
        return ""
    if parameter:
        return _clean(str((_part(values[0], "params") or {}).get(parameter, "")))
    return ", ".join(_address(value) for value in values)


def _all(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _address(value: Any) -> str:
    return re.sub("^mailto:", "", _text(value), flags=re.IGNORECASE)


def _text(value: Any) -> str:
    if value is None:
        return ""
    words = _part(value, "cats")
    return _clean(", ".join(map(str, words)) if words is not None else str(value))


def _part(value: Any, name: str) -> Any:
    """What a property holds by this name; None if it is absent, repeated or broken."""
    try:
        return getattr(value, name, None)
    except BrokenCalendarProperty:
        return None


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def _fault(code: str) -> Fault:
    return Fault(code=code, sentence=SENTENCES[code])
