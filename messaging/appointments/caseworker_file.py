"""The customer's list of staff: which lines are usable, and what is wrong with the others."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from messaging.appointments.line_file import Fault, ReportedLine, read_records
from messaging.people.models import Role

COLUMNS = ("sagsbehandler", "navn", "email", "enhed", "rolle")
ROLES = {
    "sagsbehandler": Role.CASEWORKER,
    "teamleder": Role.TEAM_LEADER,
    "superbruger": Role.SUPERUSER,
    "revisor": Role.AUDITOR,
}
LONGEST = 100
_SHOWN = 40

_INITIALS = re.compile(r"\w[\w.-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NAME = re.compile(r"[^\W\d_][^\x00-\x1f\x7f-\x9f=@<>;\"]*")

_SENTENCES = {
    "unusable_initials": "Initialerne mangler eller har andre tegn end bogstaver og tal.",
    "unusable_name": "Navnet mangler eller begynder ikke med et bogstav.",
    "unusable_email": "E-mailadressen er ikke en adresse.",
    "missing_unit": "Enheden mangler.",
    "unknown_role": "Rollen er hverken sagsbehandler, teamleder, superbruger eller revisor.",
    "too_long": "Et felt er længere, end det kan være.",
    "duplicate": "Initialerne står også på en tidligere linje.",
}


@dataclass(frozen=True, kw_only=True)
class CaseworkerRow:
    """One member of staff. An empty e-mail address is None."""

    line: int
    initials: str
    name: str
    email: str | None
    unit: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class CaseworkerFile:
    """What a staff list holds: usable rows and refused lines."""

    rows: tuple[CaseworkerRow, ...]
    rejected: tuple[ReportedLine, ...]


def read_caseworkers(data: bytes) -> CaseworkerFile:
    """Read a whole staff list. Raises UnusableFile if it is none; the first line with the same initials counts."""
    rows: dict[str, CaseworkerRow] = {}
    rejected: list[ReportedLine] = []
    for record in read_records(data, columns=COLUMNS):
        if isinstance(record, ReportedLine):
            rejected.append(record)
            continue
        values = record.values
        codes = [*_faults(values), *(["duplicate"] if values["sagsbehandler"] in rows else [])]
        if codes:
            faults = tuple(Fault(code=code, sentence=_SENTENCES[code]) for code in codes)
            shown = values["sagsbehandler"][:_SHOWN] or None
            rejected.append(ReportedLine(line=record.line, external_id=shown, faults=faults))
            continue
        rows[values["sagsbehandler"]] = CaseworkerRow(
            line=record.line,
            initials=values["sagsbehandler"],
            name=values["navn"],
            email=values["email"] or None,
            unit=values["enhed"],
            role=ROLES[values["rolle"].casefold()],
        )
    return CaseworkerFile(rows=tuple(rows.values()), rejected=tuple(rejected))


def _faults(values: Mapping[str, str]) -> Iterator[str]:
    if not _INITIALS.fullmatch(values["sagsbehandler"]):
        yield "unusable_initials"
    if not _NAME.fullmatch(values["navn"]):
        yield "unusable_name"
    if values["email"] and not _EMAIL.fullmatch(values["email"]):
        yield "unusable_email"
    if not values["enhed"]:
        yield "missing_unit"
    if values["rolle"].casefold() not in ROLES:
        yield "unknown_role"
    if any(len(values[column]) > LONGEST for column in COLUMNS):
        yield "too_long"
