"""The booking system's export of meetings: which lines are usable, and what is wrong with the others.

Pure: nothing is stored and nobody is looked up. Every filled line becomes either a row or a refusal, never both.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.appointments.line_file import Fault, Record, ReportedLine, read_records
from messaging.appointments.models import Form
from messaging.appointments.timing import parse_wall_time
from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput
from messaging.people.identity import is_name, read_cpr

COLUMNS = (
    "aftale_id",
    "cpr",
    "fornavn",
    "efternavn",
    "telefon",
    "sagsbehandler",
    "start",
    "varighed_min",
    "samtaletype",
    "afholdelsesform",
    "sted",
    "formaal",
    "selvbooket",
    "huskeservice",
)
FORMS = {"fremmøde": Form.IN_PERSON, "telefon": Form.PHONE, "video": Form.VIDEO}
YES_NO = {"ja": True, "nej": False}
LONGEST = {"formaal": 1000}
LONGEST_OTHER = 100
MINUTES = range(5, 481)
LONG_PAST = timedelta(days=31)
"""A meeting that began longer ago is no news from the booking system."""

_SHOWN_ID = 40
"""Characters of a meeting's id that a report repeats."""

_ID = re.compile(r"\w[\w./-]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class BookingRow:
    """One usable line. `note` is the booking system's free text: for staff, never for SMS."""

    line: int = field(compare=False)
    external_id: str
    cpr: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    phone: str = field(repr=False)
    """As it was written; whether it can be used is decided elsewhere."""
    caseworker: str
    starts_at: datetime
    minutes: int
    meeting_type: str
    form: Form
    place: str
    note: str = field(repr=False)
    self_booked: bool
    reminded_elsewhere: bool


@dataclass(frozen=True, kw_only=True)
class BookingFile:
    """What a file holds: usable rows, refused lines, and doubts about rows that are used."""

    rows: tuple[BookingRow, ...]
    rejected: tuple[ReportedLine, ...]
    warnings: tuple[ReportedLine, ...]

    @property
    def lines(self) -> int:
        """How many lines the file has below its header, empty ones not counted."""
        return len(self.rows) + len(self.rejected)


class LongPast(InvalidInput):
    """The meeting began so long ago that its line is no news."""

    code = "long_past"


_SENTENCES = {
    "unusable_id": "Aftalens aftale_id mangler eller har tegn, det ikke kan have.",
    "broken_cpr": "CPR-nummeret er ikke ti cifre, der begynder med en dato, som har været.",
    "unusable_name": "Navnet kan ikke stå i en besked: det mangler eller har tegn, navne ikke har.",
    "unknown_caseworker": "Sagsbehandlerens initialer er ukendte.",
    "unreadable_time": "Starttidspunktet er ikke skrevet som dd-mm-åååå tt:mm.",
    "impossible_time": "Starttidspunktet findes ikke i kalenderen eller på uret.",
    "ambiguous_time": "Starttidspunktet findes to gange, fordi uret stilles tilbage. Der gættes ikke.",
    "long_past": "Mødet er for længst holdt.",
    "impossible_duration": f"Varigheden er ikke mellem {MINUTES.start} og {MINUTES.stop - 1} minutter.",
    "missing_meeting_type": "Samtaletypen mangler.",
    "unknown_form": "Afholdelsesformen er hverken fremmøde, telefon eller video.",
    "not_yes_or_no": "Selvbooket og huskeservice skal være ja eller nej.",
    "too_long": "Et felt er længere, end det kan være.",
    "control_character": "Linjen indeholder styretegn.",
    "duplicate": "Aftalen står præcis sådan på en tidligere linje.",
    "superseded": "Aftalen står igen på en senere linje, og den senere linje gælder.",
    "conflicting": "Samme aftale_id står med to forskellige borgere. Ingen af linjerne bruges.",
    "moved": "Aftalen står to gange med hver sin tid. Den seneste linje bruges.",
    "changed": "Aftalen står to gange med forskelligt indhold. Den seneste linje bruges.",
}


def read_bookings(data: bytes, *, now: datetime, caseworkers: Collection[str] | None = None) -> BookingFile:
    """Read a whole export. `caseworkers` are the known initials, if they are to be checked.

    Raises UnusableFile if the file is none of ours; whatever is wrong with a line is reported with the line.
    """
    usable: list[BookingRow] = []
    rejected: list[ReportedLine] = []
    for record in read_records(data, columns=COLUMNS):
        if isinstance(record, ReportedLine):
            rejected.append(record)
            continue
        codes = tuple(dict.fromkeys(_faults(record.values, now=now, caseworkers=caseworkers)))
        if codes:
            rejected.append(_reported(record.line, *codes, external_id=record.values["aftale_id"]))
        else:
            usable.append(_row(record))
    rows, repeated, warnings = _settle_repeated(usable)
    rejected.extend(repeated)
    return BookingFile(rows=rows, rejected=tuple(sorted(rejected, key=lambda line: line.line)), warnings=warnings)


def _faults(values: Mapping[str, str], *, now: datetime, caseworkers: Collection[str] | None) -> Iterator[str]:
    if not _ID.fullmatch(values["aftale_id"]):
        yield "unusable_id"
    yield from _refusals(lambda: read_cpr(values["cpr"], today=now.astimezone(COPENHAGEN).date()))
    if not is_name(values["fornavn"]) or not is_name(values["efternavn"]):
        yield "unusable_name"
    if caseworkers is not None and values["sagsbehandler"] not in caseworkers:
        yield "unknown_caseworker"
    yield from _refusals(lambda: _recent(values["start"], now=now))
    if not _is_duration(values["varighed_min"]):
        yield "impossible_duration"
    if not values["samtaletype"]:
        yield "missing_meeting_type"
    if values["afholdelsesform"].casefold() not in FORMS:
        yield "unknown_form"
    if not {values["selvbooket"].casefold(), values["huskeservice"].casefold()} <= set(YES_NO):
        yield "not_yes_or_no"
    if any(len(values[column]) > LONGEST.get(column, LONGEST_OTHER) for column in COLUMNS):
        yield "too_long"
    if any(_CONTROL.search(values[column]) for column in COLUMNS):
        yield "control_character"


def _refusals(reading: Callable[[], object]) -> Iterator[str]:
    try:
        reading()
    except InvalidInput as refusal:
        yield refusal.code


def _recent(text: str, *, now: datetime) -> None:
    if now - parse_wall_time(text) > LONG_PAST:
        raise LongPast("The meeting began too long ago.")


def _is_duration(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) in MINUTES


def _row(record: Record) -> BookingRow:
    values = record.values
    return BookingRow(
        line=record.line,
        external_id=values["aftale_id"],
        cpr=re.sub("[- ]", "", values["cpr"]),
        first_name=values["fornavn"],
        last_name=values["efternavn"],
        phone=values["telefon"],
        caseworker=values["sagsbehandler"],
        starts_at=parse_wall_time(values["start"]),
        minutes=int(values["varighed_min"]),
        meeting_type=values["samtaletype"],
        form=FORMS[values["afholdelsesform"].casefold()],
        place=values["sted"],
        note=values["formaal"],
        self_booked=YES_NO[values["selvbooket"].casefold()],
        reminded_elsewhere=YES_NO[values["huskeservice"].casefold()],
    )


def _settle_repeated(
    usable: Iterable[BookingRow],
) -> tuple[tuple[BookingRow, ...], list[ReportedLine], tuple[ReportedLine, ...]]:
    """Let the last line of each meeting count; say what the others were, and what changed."""
    by_id: dict[str, list[BookingRow]] = defaultdict(list)
    for row in usable:
        by_id[row.external_id].append(row)
    rows: list[BookingRow] = []
    rejected: list[ReportedLine] = []
    warnings: list[ReportedLine] = []
    for same in by_id.values():
        if len({row.cpr for row in same}) > 1:
            rejected.extend(_reported(row.line, "conflicting", external_id=row.external_id) for row in same)
            continue
        kept = same[0]
        for row in same[1:]:
            if row == kept:
                rejected.append(_reported(row.line, "duplicate", external_id=row.external_id))
                continue
            rejected.append(_reported(kept.line, "superseded", external_id=kept.external_id))
            change = "changed" if row.starts_at == kept.starts_at else "moved"
            warnings.append(_reported(row.line, change, external_id=row.external_id))
            kept = row
        rows.append(kept)
    return tuple(rows), rejected, tuple(warnings)


def _reported(line: int, *codes: str, external_id: str) -> ReportedLine:
    faults = tuple(Fault(code=code, sentence=_SENTENCES[code]) for code in codes)
    return ReportedLine(line=line, external_id=external_id[:_SHOWN_ID] or None, faults=faults)
