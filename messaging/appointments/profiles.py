"""Mapping profiles: how another system writes its meetings. Data, a TOML file for each source; the booking system's own
is one of them.

A profile says where each of our fields stands, how times are written, and which words mean what. One that cannot be
used is refused with a sentence that names the key.
"""

import enum
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from messaging.appointments.models import Form
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.states import OutcomeWord
from messaging.appointments.wall_formats import WallFormat
from messaging.errors import InvalidInput

NEEDED = ("external_id", "cpr", "caseworker", "minutes", "meeting_type", "form")
EITHER = (("starts_at", ("date", "time")), ("name", ("first_name", "last_name")))
"""Fields that stand alone or in two parts."""
UNNEEDED = ("phone", "place", "note", "self_booked", *REMINDED_BY, "state")
"""Fields a source need not have: texts are then empty, self-booked is no, others' reminders are not told, and the
meeting is planned."""
FIELDS = frozenset((*NEEDED, "starts_at", "date", "time", "name", "first_name", "last_name", *UNNEEDED))
FORMS = {"in_person": Form.IN_PERSON, "phone": Form.PHONE, "video": Form.VIDEO}
TRUTHS = {"yes": True, "no": False}
STATES = {
    "planned": None,
    "cancelled_by_us": OutcomeWord.CANCELLED_BY_US,
    "cancelled_by_citizen": OutcomeWord.CANCELLED_BY_CITIZEN,
}
ENCODINGS = {"utf-8": "utf-8", "windows-1252": "cp1252", "iso-8859-1": "latin-1"}
SEPARATORS = frozenset({";", ",", "\t", "|"})
FEED = frozenset({"url", "url_file", "header", "secret_file", "every_minutes"})
TABLES = frozenset({"columns", "constants", "times", "words", "snapshot", "feed"})
PLAIN = {"layout": str, "separator": str, "encoding": str, "participants": bool, "optional": list}
SNAPSHOT: dict[str, type] = {"complete": bool, "most_vanished_percent": int, "always_believed": int}


class WrongProfile(InvalidInput):
    """The profile cannot be used; the Danish message names the key and says why."""

    code = "wrong_profile"


class Layout(enum.StrEnum):
    """What kind of file a source writes."""

    CSV = "csv"
    ICALENDAR = "icalendar"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Whether a source always names all its coming meetings, and how many may vanish at once and be believed gone."""

    complete: bool = False
    most_vanished_percent: int = 20
    always_believed: int = 3


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How one source writes its meetings. Words are compared without regard to capitals."""

    layout: Layout
    separator: str
    encoding: str
    participants: bool
    """Whether a meeting's id may stand on several lines, one for each citizen who takes part."""
    optional: frozenset[str]
    """Fields whose column a file may lack."""
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    starts_at: WallFormat
    forms: Mapping[str, Form]
    truths: Mapping[str, bool]
    states: Mapping[str, OutcomeWord | None]
    snapshot: Snapshot
    feed: Mapping[str, Any]
    """How the file is fetched; read by who fetches it."""

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns that every file has."""
        return tuple(dict.fromkeys(name for field, name in self.columns.items() if field not in self.optional))

    def fields(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return a line by our names of its fields; a constant stands in for what is absent or empty."""
        fields = {field: self._field(field, values) for field in FIELDS}
        if "name" in self.columns or "name" in self.constants:
            fields["first_name"], fields["last_name"] = _split_name(fields["name"])
        if "date" in self.columns:
            fields["starts_at"] = f"{fields['date']} {fields['time']}".strip()
        if "@" in fields["caseworker"]:
            fields["caseworker"] = fields["caseworker"].casefold().removeprefix("mailto:")
        return fields

    def _field(self, field: str, values: Mapping[str, str]) -> str:
        text = values.get(self.columns.get(field, ""), "") or self.constants.get(field, "")
        if text or field in self.columns:
            return text
        meanings: dict[str, Mapping[str, Any]] = {"state": self.states, "self_booked": self.truths}
        unsaid = (word for word, meaning in meanings.get(field, {}).items() if not meaning)
        return next(unsaid, "")

    @property
    def sentences(self) -> dict[str, str]:
        """What is said of a line that does not keep to this profile, by the code of the fault."""
        return {
            "unreadable_time": (
                "Starttidspunktet mangler eller har intet klokkeslæt."
                if self.layout is Layout.ICALENDAR
                else f"Starttidspunktet er ikke skrevet som {self.starts_at.shown}."
            ),
            "unknown_form": f"Afholdelsesformen er ikke et af ordene {', '.join(self.forms)}.",
            "not_yes_or_no": f"Selvbooket skal være et af ordene {', '.join(self.truths)}.",
            "unknown_state": f"Aftalens tilstand er ikke et af ordene {', '.join(filter(None, self.states))}.",
        }


@cache
def standard() -> Profile:
    """Return the profile of the booking system's own export."""
    return read_profile(_shipped("standard.toml"))


def read_profile(data: bytes) -> Profile:
    """Read a profile. Raises WrongProfile."""
    given = _parse(data)
    _know(given, "", {*PLAIN, *TABLES})
    for key, kind in PLAIN.items():
        if key in given and type(given[key]) is not kind:
            raise WrongProfile(f"Profilens nøgle {key} har ikke den rigtige slags værdi.")
    layout = _one_of("layout", given.get("layout", "csv"), {word.value: word for word in Layout})
    base = _parse(_shipped("icalendar.toml")) if layout is Layout.ICALENDAR else {}
    columns = {**base.get("columns", {}), **_texts(given, "columns", FIELDS)}
    if layout is Layout.ICALENDAR and {"date", "time"} & columns.keys():
        raise WrongProfile("Profilens nøgle columns.date kan ikke bruges i en kalender: den har DTSTART.")
    columns = {field: column for field, column in columns.items() if column}
    constants = _texts(given, "constants", FIELDS - {"starts_at", "date", "time", "external_id", "cpr"})
    _complete(columns.keys() | constants.keys())
    words = {**_words(_parse(_shipped("standard.toml"))), **_words(base), **_words(given)}
    profile = Profile(
        layout=layout,
        separator=_one_of("separator", given.get("separator", ";"), {sign: sign for sign in SEPARATORS}),
        encoding=_one_of("encoding", given.get("encoding", "utf-8").lower(), ENCODINGS),
        participants=given.get("participants", False),
        optional=_optional(given),
        columns=columns,
        constants=constants,
        starts_at=_times({**base.get("times", {}), **_texts(given, "times", {"starts_at", "date", "time"})}, columns),
        forms=_meaning(words, FORMS),
        truths=_meaning(words, TRUTHS),
        states=_meaning(words, STATES),
        snapshot=_snapshot(given),
        feed=_table(given, "feed", FEED),
    )
    _check_constants(profile)
    return profile


def check_source(name: str) -> None:
    """Refuse what cannot be the name of a source. Raises WrongProfile."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name, re.ASCII):
        raise WrongProfile("En kildes navn skal være små bogstaver, cifre, bindestreg og understreg, højst 40.")


def _shipped(name: str) -> bytes:
    return (files("messaging.appointments") / "profiles" / name).read_bytes()


def _parse(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise WrongProfile("Profilen er ikke en TOML-fil i UTF-8.") from None


def _know(given: Mapping[str, Any], table: str, known: set[str] | frozenset[str]) -> None:
    for key in given:
        if key not in known:
            raise WrongProfile(f"Profilens nøgle {table}{key} findes ikke. Der kan stå: {', '.join(sorted(known))}.")


def _one_of(key: str, value: str, known: Mapping[str, Any]) -> Any:
    if value not in known:
        shown = ", ".join(repr(word) for word in sorted(known))
        raise WrongProfile(f"Profilens nøgle {key} skal være en af {shown}.")
    return known[value]


def _table(given: Mapping[str, Any], table: str, known: set[str] | frozenset[str]) -> dict[str, Any]:
    values = given.get(table, {})
    if not isinstance(values, dict):
        raise WrongProfile(f"Profilens nøgle {table} skal være en tabel.")
    _know(values, f"{table}.", known)
    return values


def _optional(given: Mapping[str, Any]) -> frozenset[str]:
    fields = given.get("optional", [])
    if not all(field in REMINDED_BY for field in fields):
        raise WrongProfile(f"Profilens nøgle optional kan kun nævne {', '.join(REMINDED_BY)}.")
    return frozenset(fields)


def _texts(given: Mapping[str, Any], table: str, known: set[str] | frozenset[str]) -> dict[str, str]:
    values = _table(given, table, known)
    for key, value in values.items():
        if not isinstance(value, str):
            raise WrongProfile(f"Profilens nøgle {table}.{key} skal være en tekst i anførselstegn.")
    return values


def _complete(fields: set[str]) -> None:
    for needed in NEEDED:
        if needed not in fields:
            raise WrongProfile(f"Profilens nøgle columns.{needed} mangler.")
    for alone, parts in EITHER:
        given = fields & {alone, *parts}
        if given not in ({alone}, set(parts)):
            raise WrongProfile(f"Profilen skal have enten columns.{alone} eller columns.{' og columns.'.join(parts)}.")


def _times(times: Mapping[str, str], columns: Mapping[str, str]) -> WallFormat:
    keys = ("starts_at",) if "starts_at" in columns else ("date", "time")
    for key in keys:
        if key not in times:
            raise WrongProfile(f"Profilens nøgle times.{key} mangler.")
    try:
        return WallFormat.of(" ".join(times[key] for key in keys))
    except ValueError:
        raise WrongProfile(
            f"Profilens nøgle times.{keys[0]} er ikke en måde at skrive tid på: brug yyyy, mm, dd, HH og MM, eller iso."
        ) from None


def _words(given: Mapping[str, Any]) -> dict[str, list[str]]:
    values = _table(given, "words", {*FORMS, *TRUTHS, *STATES})
    for key, value in values.items():
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise WrongProfile(f"Profilens nøgle words.{key} skal være en liste af ord.")
    return values


def _meaning(words: Mapping[str, list[str]], meanings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, meaning in meanings.items():
        for word in words[key]:
            if word.casefold() in found:
                raise WrongProfile(f"Profilens nøgle words.{key} har et ord, der allerede betyder noget andet.")
            found[word.casefold()] = meaning
    return found


def _snapshot(given: Mapping[str, Any]) -> Snapshot:
    values = _table(given, "snapshot", frozenset(SNAPSHOT))
    for key, value in values.items():
        if type(value) is not SNAPSHOT[key]:
            raise WrongProfile(f"Profilens nøgle snapshot.{key} har ikke den rigtige slags værdi.")
    if not 0 <= values.get("most_vanished_percent", 0) <= 100:
        raise WrongProfile("Profilens nøgle snapshot.most_vanished_percent skal være mellem 0 og 100.")
    if values.get("always_believed", 0) < 0:
        raise WrongProfile("Profilens nøgle snapshot.always_believed kan ikke være under 0.")
    return Snapshot(**values)


def _check_constants(profile: Profile) -> None:
    words: dict[str, Mapping[str, Any]] = {
        "form": profile.forms,
        "self_booked": profile.truths,
        **dict.fromkeys(REMINDED_BY, profile.truths),
        "state": profile.states,
    }
    for field, known in words.items():
        if profile.constants.get(field, "").casefold() not in {"", *known}:
            raise WrongProfile(f"Profilens nøgle constants.{field} skal være et af ordene {', '.join(known)}.")
    if not profile.constants.get("minutes", "0").isdecimal():
        raise WrongProfile("Profilens nøgle constants.minutes skal være et antal minutter.")


def _split_name(name: str) -> tuple[str, str]:
    """Part `Sara Hansen` or `Hansen, Sara`; who has one word for a name has no last name."""
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()
