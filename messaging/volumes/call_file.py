"""Reads the call centre's weekly export line by line; a bad line harms none of its neighbours.

`uge;linje;opkald;besvaret`, and `ventetid_sek` where it is known. A week is written `2027-W09` or `2027-U9`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from messaging.appointments.line_file import Fault, ReportedLine, read_records
from messaging.errors import InvalidInput
from messaging.volumes.weeks import last_day, read_week

COLUMNS = ("uge", "linje", "opkald", "besvaret")
WAITED = "ventetid_sek"
LONGEST = 100
MOST = 1_000_000
"""Calls of a week, or seconds of waiting, beyond which a figure is a slip of the pen."""
_SHOWN_ID = 40

_NUMBER = re.compile(r"[0-9]{1,7}")
_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){7,}")
_SENTENCES = {
    "unreadable_week": "Ugen er ikke skrevet som 2027-W09, eller året har ikke så mange uger.",
    "running_week": "Ugen er ikke forbi endnu. Et halvt tal ville ligne et fald.",
    "missing_line": "Linjens navn mangler.",
    "person_in_line": "Linjens navn ligner et telefonnummer eller et CPR-nummer. Skriv linjens navn.",
    "too_long": "Et felt er længere, end det kan være.",
    "not_a_number": "Et tal er ikke et helt tal fra 0 til 1.000.000.",
    "more_answered": "Der er besvaret flere opkald, end der kom.",
    "duplicate": "Ugen står præcis sådan på en tidligere linje.",
    "conflicting": "Samme uge og linje står med forskellige tal. Ingen af linjerne bruges.",
}


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """One usable line of the file."""

    line_number: int = field(compare=False)
    week: str
    line: str
    calls: int
    answered: int
    seconds_waited: int | None


@dataclass(frozen=True, kw_only=True)
class CallFile:
    """What a file holds: usable rows, each of another week and line, and refused lines."""

    rows: tuple[CallRow, ...]
    rejected: tuple[ReportedLine, ...]

    @property
    def lines(self) -> int:
        """How many lines the file has below its header, empty ones not counted."""
        return len(self.rows) + len(self.rejected)


def read_calls(data: bytes, *, today: date) -> CallFile:
    """Read a whole export. Raises UnusableFile if it is none; whatever is wrong with a line is reported with it."""
    usable: dict[tuple[str, str], list[CallRow]] = {}
    rejected: list[ReportedLine] = []
    for record in read_records(data, columns=COLUMNS):
        if isinstance(record, ReportedLine):
            rejected.append(record)
            continue
        codes = tuple(dict.fromkeys(_faults(record.values, today=today)))
        if codes:
            rejected.append(_reported(record.line, *codes, week=record.values["uge"]))
        else:
            row = _row(record.line, record.values)
            usable.setdefault((row.week, row.line), []).append(row)
    rows = []
    for same in usable.values():
        if len(set(same)) > 1:
            rejected += [_reported(row.line_number, "conflicting", week=row.week) for row in same]
            continue
        rows.append(same[0])
        rejected += [_reported(row.line_number, "duplicate", week=row.week) for row in same[1:]]
    return CallFile(rows=tuple(rows), rejected=tuple(sorted(rejected, key=lambda line: line.line)))


def _faults(values: Mapping[str, str], *, today: date) -> Iterator[str]:
    try:
        if last_day(read_week(values["uge"])) >= today:
            yield "running_week"
    except InvalidInput:
        yield "unreadable_week"
    if not values["linje"]:
        yield "missing_line"
    if _DIGITS.search(values["linje"]):
        yield "person_in_line"
    if any(len(value) > LONGEST for value in values.values()):
        yield "too_long"
    numbers = [values["opkald"], values["besvaret"], values.get(WAITED) or "0"]
    if not all(_NUMBER.fullmatch(number) and int(number) <= MOST for number in numbers):
        yield "not_a_number"
    elif int(values["besvaret"]) > int(values["opkald"]):
        yield "more_answered"


def _row(line_number: int, values: Mapping[str, str]) -> CallRow:
    waited = values.get(WAITED)
    return CallRow(
        line_number=line_number,
        week=read_week(values["uge"]),
        line=values["linje"],
        calls=int(values["opkald"]),
        answered=int(values["besvaret"]),
        seconds_waited=int(waited) if waited else None,
    )


def _reported(line: int, *codes: str, week: str) -> ReportedLine:
    faults = tuple(Fault(code=code, sentence=_SENTENCES[code]) for code in codes)
    return ReportedLine(line=line, external_id=week[:_SHOWN_ID] or None, faults=faults)
