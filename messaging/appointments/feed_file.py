"""An iCalendar feed as the records that a file of lines gives: an event is a record, or one for each who takes part.

Pure. What stands where is named by the profile: `SUMMARY` a property, `ATTENDEE/CN` a parameter of one,
`DESCRIPTION/CPR` what follows `CPR:` on a line of its text. Recurring series are refused, single instances of them are
not: which meetings a rule stands for is the calendar's to unfold.
"""

import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component, use_zoneinfo
from icalendar.error import BrokenCalendarProperty
from icalendar.prop import vRecur

from messaging.appointments.booking_rows import SENTENCES
from messaging.appointments.external_ids import BETWEEN
from messaging.appointments.line_file import Fault, Record, UnusableFile
from messaging.appointments.profiles import Profile
from messaging.appointments.timing import ImpossibleTime, moment_of
from messaging.errors import InvalidInput

LARGEST = 20_000_000
"""Bytes of a feed that is read at all."""
MOST_EVENTS = 20_000
LONGEST_ZONES = 100_000
"""Bytes that explain the zones of a feed."""
MOST_CHANGES = 50_000
"""Changes of the clock that their rules may name, counted until 2038, where they end."""
CANCELLED = "cancelled"
PERSONAL = ("cpr", "name", "first_name", "last_name", "phone")
"""Fields that are one citizen's own: of several who take part nobody gets another's."""
ROOMS = frozenset({"ROOM", "RESOURCE"})
"""Kinds of attendees that are nobody."""

_TOO_MANY_RULES = "Kalenderens tidszoner har for mange regler."
_FOLD = re.compile(rb"\r?\n[ \t]")
_LABEL_END = re.compile("[:=]")
_SERIES = ("RRULE", "RDATE", "EXRULE")
_RULE_PARTS = {"FREQ": 1, "INTERVAL": 1, "UNTIL": 1, "COUNT": 1, "WKST": 1, "BYMONTH": 1, "BYDAY": 1, "BYMONTHDAY": 7}
"""What a zone's rule may say, and how many values of each; it changes the clock at most five times a year then."""
_CHANGES_A_YEAR, _LAST_YEAR = 5, 2038
_ZONES = threading.Lock()
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
    unfolded = _FOLD.sub(b"", whole.upper())
    zones = (part.partition(b"END:VTIMEZONE")[0] for part in unfolded.split(b"BEGIN:VTIMEZONE")[1:])
    if sum(map(len, zones)) > LONGEST_ZONES:
        raise UnusableFile(_TOO_MANY_RULES)
    if unfolded.count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise UnusableFile(f"Kalenderen har flere end {MOST_EVENTS} begivenheder.")
    try:
        with _ZONES:
            use_zoneinfo()  # type: ignore[no-untyped-call]  # forgets the zones of other calendars: theirs may have the same names
            calendar = Calendar.from_ical(whole.decode("utf-8"))
    except (ValueError, TypeError, LookupError, AttributeError):
        raise UnusableFile("Filen er ikke en iCalendar-fil i UTF-8.") from None
    _check_zones(calendar)
    return calendar


def _check_zones(calendar: Calendar) -> None:
    """Refuse zones that would take very long to look a time up in."""
    changes = 0
    for part in (*calendar.walk("STANDARD"), *calendar.walk("DAYLIGHT")):
        rules, start = _all(part.get("RRULE")), _part(part.get("DTSTART"), "dt")
        if "EXRULE" in part or "EXDATE" in part or not all(map(_is_of_the_year, rules)):
            raise UnusableFile("Kalenderen har en tidszone med en regel, der ikke kan bruges.")
        years = _LAST_YEAR - start.year if isinstance(start, date) else _LAST_YEAR
        changes += len(rules) * max(years, 1) * _CHANGES_A_YEAR
    if changes > MOST_CHANGES:
        raise UnusableFile(_TOO_MANY_RULES)


def _is_of_the_year(rule: Any) -> bool:
    if not isinstance(rule, vRecur) or rule.get("FREQ") != ["YEARLY"] or ("BYDAY" in rule and "BYMONTH" not in rule):
        return False
    return all(len(_all(values)) <= _RULE_PARTS.get(name.upper(), 0) for name, values in rule.items())


def _edition(event: Component) -> tuple[int, datetime]:
    sequence = str(event.get("SEQUENCE", "0"))
    return (
        int(sequence[:9]) if sequence.isascii() and sequence.isdecimal() else 0,
        _in_utc(_part(event.get("DTSTAMP"), "dt")) or datetime.min,  # noqa: DTZ901
    )


def _in_utc(moment: Any) -> datetime | None:
    """The moment by the clock of UTC; one without a zone as it stands; None if it is none."""
    if not isinstance(moment, datetime):
        return None
    try:
        return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _records(event: Component, *, number: int, profile: Profile, is_cancelled: bool) -> Iterator[Record]:
    faults: list[Fault] = []
    start, fault = _start(event)
    faults += [fault] if fault else []
    is_unknown_instance = "RECURRENCE-ID" in event and _instance(event) is None
    if is_unknown_instance or any(name in event for name in _SERIES):
        faults.append(_fault("series"))
    common = {
        "UID": _uid(event),
        "DTSTART": start,
        "DURATION": _minutes(event),
        "STATUS": CANCELLED if is_cancelled else _text(event.get("STATUS")),
    }
    places = set(profile.columns.values())
    lines = _labelled(_text(event.get("DESCRIPTION")), places=places)
    shared = {place: lines[place][0] if place in lines else _at(event, place) for place in places} | common
    parts = _parts(event, cpr=profile.columns["cpr"], lines=lines)
    if len(parts) > 1:
        shared |= {profile.columns[field]: "" for field in PERSONAL if field in profile.columns}
        if not profile.participants:
            faults.append(_fault("several_participants"))
            parts = parts[:1]
    for part in parts:
        own = {place: part[place] for place in part.keys() & places}
        yield Record(line=number, values=shared | own, faults=tuple(faults))


def _uid(event: Component) -> str:
    """The event's id; a single instance of a series has its own."""
    uid, original = _text(event.get("UID")), _instance(event)
    return uid if original is None else f"{uid}{BETWEEN}{original:%Y%m%dT%H%M%S}"


def _instance(event: Component) -> date | None:
    """Which single instance of a series the event is, if it is one; a time in UTC."""
    original = _part(event.get("RECURRENCE-ID"), "dt")
    if isinstance(original, datetime):
        return _in_utc(original)
    return original if isinstance(original, date) else None


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
    except (
        TypeError,
        ValueError,
        OverflowError,
    ):  # one of the two has a zone and the other none, or it knows no such year
        return ""
    if not isinstance(length, timedelta) or length.total_seconds() % 60:
        return ""
    return str(int(length.total_seconds() // 60))


def _parts(event: Component, *, cpr: str, lines: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """What is said of each who takes part alone; one empty part if nobody is named."""
    if cpr.upper().startswith("ATTENDEE"):
        parts = [_attendee(attendee) for attendee in _all(event.get("ATTENDEE"))]
        return [part for part in parts if part.get(cpr)] or [{}]
    count = len(lines.get(cpr, ()))
    each = [(place, said) for place, said in lines.items() if len(said) == count]
    return [{place: said[index] for place, said in each} for index in range(count)] or [{}]


def _attendee(attendee: Any) -> dict[str, str]:
    parameters = _part(attendee, "params") or {}
    if str(parameters.get("CUTYPE", "")).upper() in ROOMS:
        return {}
    found = {f"ATTENDEE/{name}": _clean(str(value)) for name, value in parameters.items()}
    return found | {"ATTENDEE": _address(attendee)}


def _labelled(text: str, *, places: Collection[str]) -> dict[str, list[str]]:
    """The lines `Label: text` of a description by the places a profile gives them; capitals do not matter."""
    named = [place.partition("/") for place in places]
    labels = {
        label.casefold(): f"{name}/{label}" for name, _, label in named if name.upper() == "DESCRIPTION" and label
    }
    found: dict[str, list[str]] = defaultdict(list)
    for line in text.split("\n"):
        label, *said = _LABEL_END.split(line, maxsplit=1)
        place = labels.get(label.strip().casefold())
        if said and place:
            found[place].append(_clean(said[0]))
    return found


def _at(event: Component, place: str) -> str:
    name, _, parameter = place.partition("/")
    values = _all(event.get(name))
    if not parameter:
        return ", ".join(_address(value) for value in values)
    if len(values) != 1:  # which of several is meant is never guessed
        return ""
    return _clean(str((_part(values[0], "params") or {}).get(parameter, "")))


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
