"""The employment system's export of what became of meetings: which lines are usable, and what is wrong with the others.

Pure: nothing is stored and nobody is looked up. One rule holds for every arm of the trial: notice before the start, in
whatever channel, is a cancellation by the citizen; notice after it, or none, from somebody who did not come is a
no-show.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from messaging.appointments import external_ids
from messaging.appointments.external_ids import is_external_id, shown_id
from messaging.appointments.line_file import Fault, Record, ReportedLine, read_records
from messaging.appointments.timing import earliest_moment, parse_wall_time
from messaging.attendance.models import OfficialWord
from messaging.clock import COPENHAGEN
from messaging.conversations.content_gate import mask_cpr
from messaging.errors import InvalidInput
from messaging.people.identity import read_cpr

COLUMNS = ("aftale_id", "sagsbehandler", "start", "samtaletype", "udfald", "afbud")
CPR = "cpr"
"""A column that may stand in the file: whose meeting it is, where several citizens have one by the same id."""
HELD, ABSENT, BY_US = "afholdt", "ikke mødt", "aflyst af os"
WORDS = (HELD, ABSENT, BY_US)
LONGEST = 100
_LONGEST = {"aftale_id": external_ids.LONGEST}
EARLIEST_NOTICE = timedelta(days=400)

SENTENCES = {
    "unusable_id": "Aftalens aftale_id mangler eller har tegn, det ikke kan have.",
    "broken_cpr": "CPR-nummeret er ikke ti cifre, der begynder med en dato, som har været.",
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
    cpr: str = field(repr=False)
    """Empty if the line names no citizen."""
    caseworker: str
    starts_at: datetime
    meeting_type: str
    outcome: OfficialWord
    noticed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OutcomeFile:
    """What a file holds: usable rows, each of another meeting and time (and citizen, where named), and refused lines.

    `repeated` are the rows of refused lines that would be usable, were there not another of the same meeting and time.
    """

    rows: tuple[OutcomeRow, ...]
    rejected: tuple[ReportedLine, ...]
    repeated: tuple[OutcomeRow, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines the file has below its header, empty ones not counted."""
        return len(self.rows) + len(self.rejected)


def read_outcomes(data: bytes, *, now: datetime) -> OutcomeFile:
    """Read a whole export. Raises UnusableFile if it is none; whatever is wrong with a line is reported with it."""
    usable: dict[tuple[str, datetime, str], list[OutcomeRow]] = {}
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
            usable.setdefault((row.external_id, row.starts_at, row.cpr), []).append(row)
    rows: list[OutcomeRow] = []
    repeated: list[OutcomeRow] = []
    for same in usable.values():
        kept, others, code = settle(same)
        rows += kept
        repeated += others
        rejected += [_reported(row.line, code, external_id=row.external_id) for row in others]
    return OutcomeFile(
        rows=tuple(rows),
        rejected=tuple(sorted(rejected, key=lambda line: line.line)),
        repeated=tuple(repeated),
    )


def settle(same: Sequence[OutcomeRow]) -> tuple[Sequence[OutcomeRow], Sequence[OutcomeRow], str]:
    """Return which of these rows about one meeting and time is believed, which are not, and the code that says why."""
    if len({replace(row, external_id="", cpr="") for row in same}) > 1:  # whatever name each line had for it
        return (), same, "conflicting"
    return same[:1], same[1:], "duplicate"


def refused(line: int, external_id: str, *faults: Fault) -> ReportedLine:
    """Report a line by the id it names, which nobody's personal number may be."""
    return ReportedLine(line=line, external_id=shown_id(mask_cpr(external_id)), faults=faults)


def became(word: str, *, starts_at: datetime, noticed_at: datetime | None) -> OfficialWord:
    """Return what became of a meeting by the one rule. `word` is one of WORDS."""
    if word == HELD:
        return OfficialWord.HELD
    if word == BY_US:
        return OfficialWord.CANCELLED_BY_US
    gave_notice = noticed_at is not None and noticed_at < starts_at
    return OfficialWord.CANCELLED_BY_CITIZEN if gave_notice else OfficialWord.NO_SHOW


def _faults(values: Mapping[str, str], *, now: datetime) -> Iterator[str]:
    yield from _doubts_whose(values, today=now.astimezone(COPENHAGEN).date())
    if not values["sagsbehandler"]:
        yield "missing_caseworker"
    if not values["samtaletype"]:
        yield "missing_meeting_type"
    if any(len(values[column]) > _LONGEST.get(column, LONGEST) for column in COLUMNS):
        yield "too_long"
    word = values["udfald"].casefold()
    if word not in WORDS:
        yield "unknown_outcome"
    if word == HELD and values["afbud"]:
        yield "notice_of_held"
    try:
        starts_at, noticed_at = _times(values)
    except InvalidInput as refusal:
        yield refusal.code
        return
    if starts_at > now and word in {HELD, ABSENT} and noticed_at is None:
        yield "not_begun"
    if noticed_at is not None and not starts_at - EARLIEST_NOTICE <= noticed_at <= now:
        yield "impossible_notice"


def _doubts_whose(values: Mapping[str, str], *, today: date) -> Iterator[str]:
    if not is_external_id(values["aftale_id"]):
        yield "unusable_id"
    if values.get(CPR):
        try:
            read_cpr(values[CPR], today=today)
        except InvalidInput as refusal:
            yield refusal.code


def _times(values: Mapping[str, str]) -> tuple[datetime, datetime | None]:
    """Return start and notice. No start but a guessed one would lie between the two meanings of a notice."""
    starts_at = parse_wall_time(values["start"])
    return starts_at, earliest_moment(values["afbud"]) if values["afbud"] else None


def _row(record: Record) -> OutcomeRow:
    values = record.values
    starts_at, noticed_at = _times(values)
    return OutcomeRow(
        line=record.line,
        external_id=values["aftale_id"],
        cpr=re.sub("[- ]", "", values.get(CPR, "")),
        caseworker=values["sagsbehandler"],
        starts_at=starts_at,
        meeting_type=values["samtaletype"],
        outcome=became(values["udfald"].casefold(), starts_at=starts_at, noticed_at=noticed_at),
        noticed_at=noticed_at,
    )


def _reported(line: int, *codes: str, external_id: str) -> ReportedLine:
    return refused(line, external_id, *(Fault(code=code, sentence=SENTENCES[code]) for code in codes))
