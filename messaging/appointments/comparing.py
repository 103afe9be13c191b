"""What an import would change: the rows of a booking file against what is already here. Reads, never writes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking_file import BookingRow
from messaging.appointments.line_file import Fault, ReportedLine
from messaging.appointments.models import Appointment, Form, Place
from messaging.people.models import Citizen, ContactPoint, PhoneNumber, Standing
from messaging.people.numbers import ReadNumber, read_number
from messaging.vault.vault import Vault

_SENTENCES = {
    "another_citizen": "Aftalen findes allerede og hører til en anden borger. Linjen er ikke brugt.",
    "no_phone": "Telefonnummeret mangler. Borgeren er taget med uden nummer.",
    "unusable_phone": "Telefonnummeret kan ikke bruges. Borgeren er taget med uden nummer.",
    "doubtful_phone": "Telefonnummeret ligner ikke et, der er i brug. Det bruges alligevel.",
    "another_phone": "Borgeren har et andet nummer i forvejen. Det nye er kun foreslået og bruges ikke af sig selv.",
    "unapproved_place": "Mødestedet har ingen godkendte ord. Påmindelsen nævner hverken sted eller indhold.",
    "shared_phone": "Telefonnummeret er også en anden borgers. Der sendes kun sms uden personligt indhold til det.",
}


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A row that is to be taken in: a new meeting, or one that changes the `known` one."""

    row: BookingRow
    digest: bytes
    known: Appointment | None
    number: ReadNumber

    @property
    def is_news(self) -> bool:
        """Whether the row says anything that was not taken in before."""
        return self.known is None or self.known.row_digest != self.digest


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What some rows would do, and the lines to report."""

    news: tuple[Booking, ...]
    numbers: tuple[tuple[str, str], ...] = field(repr=False)
    """CPR numbers with the phone numbers (E.164) that are named for them for the first time."""
    unchanged: int
    rejected: tuple[ReportedLine, ...]
    warnings: tuple[ReportedLine, ...]

    @property
    def created(self) -> int:
        """How many meetings are new."""
        return sum(booking.known is None for booking in self.news)

    @property
    def changed(self) -> int:
        """How many known meetings are no longer as they were."""
        return len(self.news) - self.created


class Comparer:
    """Compares the rows of one file with the database, some at a time.

    It remembers the numbers it has seen, so that a dry run knows what its own earlier rows would have done.
    """

    def __init__(self, vault: Vault, *, source: str) -> None:
        self._vault = vault
        self._source = source
        self._numbers = _Numbers()

    def compare(self, session: Session, rows: Sequence[BookingRow]) -> Comparison:
        """Say what these rows, each of another appointment, would change."""
        known = self._known(session, rows)
        strange = [row for row in rows if self._is_another_citizens(row, known)]
        usable = [row for row in rows if row not in strange]
        bookings = [self._booking(row, known) for row in usable]
        news = tuple(booking for booking in bookings if booking.is_news)
        numbers = self._new_numbers(session, news)
        places = set(session.scalars(sa.select(Place.name)))
        return Comparison(
            news=news,
            numbers=tuple((booking.row.cpr, e164) for booking, e164, _ in numbers),
            unchanged=len(bookings) - len(news),
            rejected=tuple(_reported(row, "another_citizen") for row in strange),
            warnings=(
                *_doubts(bookings, places=places),
                *(_reported(booking.row, code) for booking, _, code in numbers if code),
            ),
        )

    def _known(self, session: Session, rows: Sequence[BookingRow]) -> dict[str, tuple[Appointment, bytes]]:
        found = session.execute(
            sa.select(Appointment, Citizen.cpr_index)
            .join(Citizen, Citizen.id == Appointment.citizen_id)
            .where(Appointment.source == self._source, Appointment.external_id.in_([row.external_id for row in rows]))
        )
        return {appointment.external_id: (appointment, owner) for appointment, owner in found}

    def _is_another_citizens(self, row: BookingRow, known: dict[str, tuple[Appointment, bytes]]) -> bool:
        return row.external_id in known and known[row.external_id][1] != self._vault.cpr_index(row.cpr)

    def _booking(self, row: BookingRow, known: dict[str, tuple[Appointment, bytes]]) -> Booking:
        appointment = known[row.external_id][0] if row.external_id in known else None
        return Booking(row=row, digest=row_digest(self._vault, row), known=appointment, number=read_number(row.phone))

    def _new_numbers(self, session: Session, news: Sequence[Booking]) -> list[tuple[Booking, str, str | None]]:
        """Return who is named with a number for the first time, and the code of what is to be reported of it."""
        named = [(booking, booking.number.e164) for booking in news if booking.number.e164]
        keys = [(self._vault.cpr_index(booking.row.cpr), self._vault.phone_index(e164)) for booking, e164 in named]
        self._numbers.load(session, citizens=[key[0] for key in keys], numbers=[key[1] for key in keys])
        return [
            (booking, e164, self._numbers.name(citizen=citizen, number=number))
            for (booking, e164), (citizen, number) in zip(named, keys, strict=True)
            if not self._numbers.has(citizen=citizen, number=number)
        ]


class _Numbers:
    """Which number is whose, as far as the rows seen so far touch it; both by their keyed index."""

    def __init__(self) -> None:
        self._of_citizen: dict[bytes, set[bytes]] = defaultdict(set)
        self._holders: dict[bytes, set[bytes]] = defaultdict(set)

    def load(self, session: Session, *, citizens: Iterable[bytes], numbers: Iterable[bytes]) -> None:
        """Read what is stored of these citizens and these numbers."""
        rows = session.execute(
            sa.select(Citizen.cpr_index, PhoneNumber.number_index)
            .join(ContactPoint, ContactPoint.citizen_id == Citizen.id)
            .join(PhoneNumber, PhoneNumber.id == ContactPoint.number_id)
            .where(
                ContactPoint.standing != Standing.ENDED,
                sa.or_(Citizen.cpr_index.in_(citizens), PhoneNumber.number_index.in_(numbers)),
            )
        )
        for citizen, number in rows:
            self._add(citizen, number)

    def has(self, *, citizen: bytes, number: bytes) -> bool:
        """Whether this number was named for this citizen before."""
        return number in self._of_citizen[citizen]

    def name(self, *, citizen: bytes, number: bytes) -> str | None:
        """Note that a number is named for a citizen; return the code of what is to be reported of it."""
        has_another, is_others = bool(self._of_citizen[citizen]), bool(self._holders[number])
        self._add(citizen, number)
        if has_another:
            return "another_phone"
        return "shared_phone" if is_others else None

    def _add(self, citizen: bytes, number: bytes) -> None:
        self._of_citizen[citizen].add(number)
        self._holders[number].add(citizen)


def row_digest(vault: Vault, row: BookingRow) -> bytes:
    """Return what tells a changed row from an unchanged one; where it stands in the file is no part of it."""
    return vault.fingerprint(orjson.dumps(replace(row, line=0)), purpose="booking row")


def _doubts(bookings: Iterable[Booking], *, places: Collection[str]) -> Iterator[ReportedLine]:
    for booking in bookings:
        row, number = booking.row, booking.number
        if number.e164 is None:
            yield _reported(row, "no_phone" if number.reason == "empty" else "unusable_phone")
        elif number.doubtful and booking.is_news:
            yield _reported(row, "doubtful_phone")
        if row.form is Form.IN_PERSON and row.place not in places:
            yield _reported(row, "unapproved_place")


def _reported(row: BookingRow, code: str) -> ReportedLine:
    fault = Fault(code=code, sentence=_SENTENCES[code])
    return ReportedLine(line=row.line, external_id=row.external_id, faults=(fault,))
