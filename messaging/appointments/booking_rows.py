"""One line of a source's file: a meeting, a cancellation, or what is wrong with it. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.appointments import external_ids
from messaging.appointments.external_ids import BETWEEN, may_be_new, shown_id
from messaging.appointments.line_file import Fault, Record, ReportedLine
from messaging.appointments.models import Form
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.profiles import Profile
from messaging.appointments.states import OutcomeWord
from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput
from messaging.people.identity import is_name, read_cpr

LONGEST = {"note": 1000, "external_id": external_ids.LONGEST}
LONGEST_OTHER = 100
MINUTES = range(5, 481)
LONG_PAST = timedelta(days=31)
"""A meeting that began longer ago is no news from its source."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")

Naming = Callable[[str], str]
"""Makes of a CPR number what a citizen is called in the id of her part of a meeting; it tells nothing of her."""


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
    """Initials, or an e-mail address in lower case."""
    starts_at: datetime
    minutes: int
    meeting_type: str
    form: Form
    place: str
    note: str = field(repr=False)
    self_booked: bool
    reminded_by_huskeservice: bool | None
    """Whether it reminds of the meeting or has done so, as of the two below; None: nobody tells."""
    reminded_by_nemsms: bool | None
    reminded_by_booking_system: bool | None


@dataclass(frozen=True, kw_only=True)
class CalledOff:
    """A line that says that a meeting is cancelled, and by whom; what else it says of the meeting is not looked at."""

    line: int = field(compare=False)
    external_id: str
    cpr: str = field(repr=False)
    """Empty if the line names no citizen: then everybody's meeting by this id is meant."""
    outcome: OutcomeWord


Line = BookingRow | CalledOff


class LongPast(InvalidInput):
    """The meeting began so long ago that its line is no news."""

    code = "long_past"


SENTENCES = {
    "unusable_id": "Aftalens id mangler eller har tegn, det ikke kan have.",
    "broken_cpr": "CPR-nummeret er ikke ti cifre, der begynder med en dato, som har været.",
    "unusable_name": "Navnet kan ikke stå i en besked: det mangler eller har tegn, navne ikke har.",
    "unknown_caseworker": "Sagsbehandlerens initialer er ukendte.",
    "impossible_time": "Starttidspunktet findes ikke i kalenderen eller på uret.",
    "ambiguous_time": "Starttidspunktet findes to gange, fordi uret stilles tilbage. Der gættes ikke.",
    "long_past": "Mødet er for længst holdt.",
    "impossible_duration": f"Varigheden er ikke mellem {MINUTES.start} og {MINUTES.stop - 1} minutter.",
    "missing_meeting_type": "Samtaletypen mangler.",
    "too_long": "Et felt er længere, end det kan være.",
    "control_character": "Linjen indeholder styretegn.",
    "series": "Aftalen er en række, der gentages. Kun enkelte aftaler tages ind: lad kalenderen folde rækken ud.",
    "unknown_zone": "Starttidspunktet står i en tidszone, som kalenderen ikke forklarer.",
    "several_participants": "Aftalen har flere borgere, og profilen siger ikke participants = true.",
    "duplicate": "Aftalen står præcis sådan på en tidligere linje.",
    "superseded": "Aftalen står igen på en senere linje, og den senere linje gælder.",
    "conflicting": "Samme id står med to forskellige borgere. Ingen af linjerne bruges.",
    "moved": "Aftalen står to gange med hver sin tid. Den seneste linje bruges.",
    "unknown_target_group": "Målgruppen findes ikke i listen. Mødet bruges, målgruppen gør ikke.",
    "changed": "Aftalen står to gange med forskelligt indhold. Den seneste linje bruges.",
}


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Reads the lines of one file as its profile says, at one moment."""

    profile: Profile
    now: datetime
    caseworkers: Collection[str] | None
    """Known initials and addresses, if they are to be checked."""
    participant: Naming

    def read(self, record: Record, fields: Mapping[str, str]) -> Line | ReportedLine:
        """Make of a record what it says, or say why it is of no use."""
        if record.faults:
            return ReportedLine(line=record.line, external_id=shown_id(fields["external_id"]), faults=record.faults)
        state = fields["state"].casefold()
        outcome = self.profile.states.get(state)
        faults = self._broken(fields) if outcome is None else self._nameless(fields)
        codes = tuple(dict.fromkeys(faults if state in self.profile.states else ("unknown_state",)))
        if codes:
            return self._refused(record, codes, external_id=fields["external_id"])
        if outcome is None:
            return self._row(record, fields)
        cpr = self._cpr(fields["cpr"])
        return CalledOff(line=record.line, external_id=self._id(fields, cpr), cpr=cpr, outcome=outcome)

    def doubts(self, line: Line, fields: Mapping[str, str]) -> Iterator[ReportedLine]:
        """Report what a line that is used says of others' reminders, and cannot be used. It counts as not told."""
        if isinstance(line, CalledOff):
            return
        found = ((field, self._told(fields[field], starts_at=line.starts_at)[1]) for field in REMINDED_BY)
        faults = tuple(Fault(code=code, sentence=self._of_column(field, code)) for field, code in found if code)
        if faults:
            yield ReportedLine(line=line.line, external_id=shown_id(line.external_id), faults=faults)

    def _told(self, text: str, *, starts_at: datetime) -> tuple[bool | None, str | None]:
        """Return what a field says of another's reminder, or the code of what is wrong with it.

        A time before the meeting is when it left, and a yes.
        """
        word = text.casefold()
        if not word or word in self.profile.truths:
            return (self.profile.truths[word] if word else None), None
        try:
            at = self.profile.starts_at.read(text)
        except InvalidInput:
            return None, "unknown_reminder"
        return (True, None) if at < starts_at else (None, "late_reminder")

    def _of_column(self, field: str, code: str) -> str:
        ways = f"{', '.join(filter(None, self.profile.truths))} eller et tidspunkt som {self.profile.starts_at.shown}"
        wrong = {
            "unknown_reminder": f"er ikke {ways}",
            "late_reminder": "har et tidspunkt, der ikke er før mødet",
        }
        return f"Kolonnen {self.profile.columns[field]} {wrong[code]}. Mødet bruges, og feltet tæller som ikke oplyst."

    def _nameless(self, values: Mapping[str, str]) -> Iterator[str]:
        if not may_be_new(values["external_id"]):
            yield "unusable_id"
        if len(values["external_id"]) > LONGEST["external_id"]:
            yield "too_long"

    def _broken(self, values: Mapping[str, str]) -> Iterator[str]:
        yield from self._nameless(values)
        yield from _refusals(lambda: read_cpr(values["cpr"], today=self.now.astimezone(COPENHAGEN).date()))
        if not is_name(values["first_name"]) or not is_name(values["last_name"]):
            yield "unusable_name"
        if self.caseworkers is not None and values["caseworker"] not in self.caseworkers:
            yield "unknown_caseworker"
        yield from _refusals(lambda: self._recent(values["starts_at"]))
        if not _is_duration(values["minutes"]):
            yield "impossible_duration"
        if not values["meeting_type"]:
            yield "missing_meeting_type"
        if values["form"].casefold() not in self.profile.forms:
            yield "unknown_form"
        if values["self_booked"].casefold() not in self.profile.truths:
            yield "not_yes_or_no"
        needed = {field: text for field, text in values.items() if field not in REMINDED_BY}
        if any(len(text) > LONGEST.get(field, LONGEST_OTHER) for field, text in needed.items()):
            yield "too_long"
        if any(_CONTROL.search(text) for text in needed.values()):
            yield "control_character"

    def _recent(self, text: str) -> None:
        if self.now - self.profile.starts_at.read(text) > LONG_PAST:
            raise LongPast("The meeting began too long ago.")

    def _cpr(self, text: str) -> str:
        try:
            read_cpr(text, today=self.now.astimezone(COPENHAGEN).date())
        except InvalidInput:
            return ""
        return re.sub("[- ]", "", text)

    def _id(self, values: Mapping[str, str], cpr: str) -> str:
        if not self.profile.participants or not cpr:
            return values["external_id"]
        return f"{values['external_id']}{BETWEEN}{self.participant(cpr)}"

    def _row(self, record: Record, values: Mapping[str, str]) -> BookingRow:
        cpr = re.sub("[- ]", "", values["cpr"])
        starts_at = self.profile.starts_at.read(values["starts_at"])
        told = {field: self._told(values[field], starts_at=starts_at)[0] for field in REMINDED_BY}
        return BookingRow(
            line=record.line,
            external_id=self._id(values, cpr),
            cpr=cpr,
            first_name=values["first_name"],
            last_name=values["last_name"],
            phone=values["phone"],
            caseworker=values["caseworker"],
            starts_at=starts_at,
            minutes=int(values["minutes"]),
            meeting_type=values["meeting_type"],
            form=self.profile.forms[values["form"].casefold()],
            place=values["place"],
            note=values["note"],
            self_booked=self.profile.truths[values["self_booked"].casefold()],
            reminded_by_huskeservice=told["reminded_by_huskeservice"],
            reminded_by_nemsms=told["reminded_by_nemsms"],
            reminded_by_booking_system=told["reminded_by_booking_system"],
        )

    def _refused(self, record: Record, codes: tuple[str, ...], *, external_id: str) -> ReportedLine:
        sentences = SENTENCES | self.profile.sentences
        faults = tuple(Fault(code=code, sentence=sentences[code]) for code in codes)
        return ReportedLine(line=record.line, external_id=shown_id(external_id), faults=faults)


def reported(line: Line, code: str) -> ReportedLine:
    """Report one thing about a line that was read."""
    fault = Fault(code=code, sentence=SENTENCES[code])
    return ReportedLine(line=line.line, external_id=shown_id(line.external_id), faults=(fault,))


def _refusals(reading: Callable[[], object]) -> Iterator[str]:
    try:
        reading()
    except InvalidInput as refusal:
        yield refusal.code


def _is_duration(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) in MINUTES
