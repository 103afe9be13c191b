"""The employment system's export of what became of meetings: which lines are usable, and what is wrong with the others.

Pure: nothing is stored and nobody is looked up. One rule holds for every arm of the trial: notice before the start, in
whatever channel, is a cancellation by the citizen; notice after it, or none, from somebody who did not come is a
no-show.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.appointments.line_file import Fault, Record, ReportedLine, read_records
from messaging.appointments.timing import parse_wall_time
from messaging.attendance.models import OfficialWord
from messaging.errors import InvalidInput

COLUMNS = ("aftale_id", "sagsbehandler", "start", "samtaletype", "udfald", "afbud")
HELD, ABSENT, BY_US = "afholdt", "ikke mødt", "aflyst af os"
WORDS = (HELD, ABSENT, BY_US)
LONGEST = 100
_SHOWN_ID = 40
EARLIEST_NOTICE = timedelta(days=400)

_ID = re.compile(r"\w[\w./-]*")

_SENTENCES = {
    "unusable_id": "Aftalens aftale_id mangler eller har tegn, det ikke kan have.",
    "missing_caseworker": "Sagsbehandlerens initialer mangler.",
    "missing_meeting_type": "Samtaletypen mangler.",
    "unreadable_time": "En tid er ikke skrevet som dd-mm-åååå tt:mm.",
    "impossible_time": "En tid findes ikke i kalenderen eller på uret.",
    "ambiguous_time": "En tid findes to gange, fordi uret stilles tilbage. Der gættes ikke.",
    "not_begun": "Mødet er ikke begyndt endnu. Ingen kan vide, hvad der blev af det.",
    "unknown_outcome": "Udfaldet er hverken afholdt, ikke mødt eller aflyst af os.",
    "notice_of_held": "Mødet er afholdt, men har også et afbud.",
    "impossible_notice": "Afbuddet er fra længe før mødet eller fra fremtiden.",
    "too_long": "Et felt er længere, end det kan være.",
    "duplicate": "Mødet står præcis sådan på en tidligere linje.",
    "conflicting": "Samme møde står med to forskellige udfald. Ingen af linjerne bruges.",
}


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """One usable line: a meeting at one of its times, and what became of it."""

    line: int = field(compare=False)
    external_id: str
    caseworker: str
    starts_at: datetime
    meeting_type: str
    outcome: OfficialWord
    noticed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OutcomeFile:
    """What a file holds: usable rows, each of another meeting and time, and refused lines."""

    rows: tuple[OutcomeRow, ...]
    rejected: tuple[ReportedLine, ...]

    @property
    def lines(self) -> int:
        """How many lines the file has below its header, empty ones not counted."""
        return len(self.rows) + len(self.rejected)


def read_outcomes(data: bytes, *, now: datetime) -> OutcomeFile:
    """Read a whole export. Raises UnusableFile if it is none; whatever is wrong with a line is reported with it."""
    usable: dict[tuple[str, datetime], list[OutcomeRow]] = {}
    rejected: list[ReportedLine] = []
    for record in read_records(data, columns=COLUMNS):
        if isinstance(record, ReportedLine):
            rejected.append(record)
            continue
        codes = tuple(dict.fromkeys(_faults(record.values, now=now)))
        if codes:
            rejected.append(_reported(record.line, *codes, external_id=record.values["aftale_id"]))
        else:
            row = _row(record)
            usable.setdefault((row.external_id, row.starts_at), []).append(row)
    rows = []
    for same in usable.values():
        if len(set(same)) > 1:
            rejected += [_reported(row.line, "conflicting", external_id=row.external_id) for row in same]
            continue
        rows.append(same[0])
        rejected += [_reported(row.line, "duplicate", external_id=row.external_id) for row in same[1:]]
    return OutcomeFile(rows=tuple(rows), rejected=tuple(sorted(rejected, key=lambda line: line.line)))


def became(word: str, *, starts_at: datetime, noticed_at: datetime | None) -> OfficialWord:
    """Return what became of a meeting by the one rule. `word` is one of WORDS."""
    if word == HELD:
        return OfficialWord.HELD
    if word == BY_US:
        return OfficialWord.CANCELLED_BY_US
    gave_notice = noticed_at is not None and noticed_at < starts_at
    return OfficialWord.CANCELLED_BY_CITIZEN if gave_notice else OfficialWord.NO_SHOW


def _faults(values: Mapping[str, str], *, now: datetime) -> Iterator[str]:
    if not _ID.fullmatch(values["aftale_id"]):
        yield "unusable_id"
    if not values["sagsbehandler"]:
        yield "missing_caseworker"
    if not values["samtaletype"]:
        yield "missing_meeting_type"
    if any(len(values[column]) > LONGEST for column in COLUMNS):
        yield "too_long"
    word = values["udfald"].casefold()
    if word not in WORDS:
        yield "unknown_outcome"
    if word == HELD and values["afbud"]:
        yield "notice_of_held"
    try:
        starts_at = parse_wall_time(values["start"])
        noticed_at = parse_wall_time(values["afbud"]) if values["afbud"] else None
    except InvalidInput as refusal:
        yield refusal.code
        return
    if starts_at > now and word in {HELD, ABSENT} and noticed_at is None:
        yield "not_begun"
    if noticed_at is not None and not starts_at - EARLIEST_NOTICE <= noticed_at <= now:
        yield "impossible_notice"


def _row(record: Record) -> OutcomeRow:
    values = record.values
    starts_at = parse_wall_time(values["start"])
    noticed_at = parse_wall_time(values["afbud"]) if values["afbud"] else None
    return OutcomeRow(
        line=record.line,
        external_id=values["aftale_id"],
        caseworker=values["sagsbehandler"],
        starts_at=starts_at,
        meeting_type=values["samtaletype"],
        outcome=became(values["udfald"].casefold(), starts_at=starts_at, noticed_at=noticed_at),
        noticed_at=noticed_at,
    )


def _reported(line: int, *codes: str, external_id: str) -> ReportedLine:
    faults = tuple(Fault(code=code, sentence=_SENTENCES[code]) for code in codes)
    return ReportedLine(line=line, external_id=external_id[:_SHOWN_ID] or None, faults=faults)
