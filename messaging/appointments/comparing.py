"""What an import would change: the rows of a booking file against what is already here. Reads, never writes."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking_rows import BookingRow
from messaging.appointments.calling_off import called_off_among
from messaging.appointments.line_file import Fault, ReportedLine
from messaging.appointments.models import Appointment, Form, Place
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.states import OPEN
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
    digest_before: bytes
    """What the same row had while nothing said of Huskeservice was a no. It tells of nothing new, and what was changed
    here since is not to be overwritten for it."""
    known: Appointment | None
    number: ReadNumber
    stands_again: bool = False
    """Whether its source had called the known one off."""

    @property
    def is_news(self) -> bool:
        """Whether the row says anything that was not taken in before."""
        if self.known is None or self.stands_again:
            return True
        return self.known.row_digest not in {self.digest, self.digest_before}

    @property
    def is_renamed(self) -> bool:
        """Whether the known one went by another id until now."""
        return self.known is not None and self.known.external_id != self.row.external_id


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What some rows would do, and the lines to report."""

    news: tuple[Booking, ...]
    numbers: tuple[tuple[str, str], ...] = field(repr=False)
    """CPR numbers with the phone numbers (E.164) that are named for them for the first time."""
    unchanged: int
    rejected: tuple[ReportedLine, ...]
    warnings: tuple[ReportedLine, ...]
    renamed: frozenset[str] = frozenset()
    """The ids by which meetings that have others now were known."""

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

    It remembers the numbers it has seen, so that a dry run knows what its own earlier rows would have done. `names`
    says whether the file names an id; `staff` are the caseworkers by what rows call them.
    """

    def __init__(
        self, vault: Vault, *, source: str, staff: Mapping[str, uuid.UUID], names: Callable[[str], bool]
    ) -> None:
        self._vault = vault
        self._source = source
        self._staff = staff
        self._names = names
        self._numbers = _Numbers()
        self._renamed: set[uuid.UUID] = set()

    def compare(self, session: Session, rows: Sequence[BookingRow]) -> Comparison:
        """Say what these rows, each of another appointment, would change."""
        known = self._known(session, rows)
        renamed = self._find_renamed(session, [row for row in rows if row.external_id not in known])
        old_ids = frozenset(appointment.external_id for appointment, _ in renamed.values())
        known |= renamed
        strange = [row for row in rows if self._is_another_citizens(row, known)]
        usable = [row for row in rows if row not in strange]
        again = set(session.scalars(called_off_among([appointment.id for appointment, _ in known.values()])))
        bookings = [self._booking(row, known, again) for row in usable]
        news = tuple(booking for booking in bookings if booking.is_news)
        numbers = self._new_numbers(session, news)
        places = set(session.scalars(sa.select(Place.name)))
        return Comparison(
            news=news,
            numbers=tuple((booking.row.cpr, e164) for booking, e164, _ in numbers),
            unchanged=len(bookings) - len(news),
            renamed=old_ids,
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

    def _find_renamed(self, session: Session, rows: Sequence[BookingRow]) -> dict[str, tuple[Appointment, bytes]]:
        """Find the meetings that these rows name by new ids: the same citizen and time, and no old id in the file.

        Nobody can be at two meetings at once; where there are several, that of the same caseworker is meant.
        """
        if not rows:
            return {}
        ids: dict[tuple[bytes, datetime], dict[str, uuid.UUID]] = defaultdict(dict)
        for row in rows:
            ids[self._key(row)][row.external_id] = self._staff[row.caseworker]
        found = session.execute(
            sa.select(Appointment, Citizen.cpr_index)
            .join(Citizen, Citizen.id == Appointment.citizen_id)
            .where(
                Appointment.source == self._source,
                Appointment.state.in_(OPEN),
                Appointment.starts_at.in_({row.starts_at for row in rows}),
                Citizen.cpr_index.in_({key[0] for key in ids}),
            )
            .order_by(Appointment.id)
        ).all()
        renamed: dict[str, tuple[Appointment, bytes]] = {}
        for same_caseworker in (True, False):
            for appointment, owner in found:
                if appointment.id in self._renamed or self._names(appointment.external_id):
                    continue
                new_ids = (
                    new_id
                    for new_id, caseworker_id in ids[owner, appointment.starts_at].items()
                    if new_id not in renamed and (caseworker_id == appointment.caseworker_id or not same_caseworker)
                )
                if new_id := next(new_ids, None):
                    renamed[new_id] = (appointment, owner)
                    self._renamed.add(appointment.id)
        return renamed

    def _key(self, row: BookingRow) -> tuple[bytes, datetime]:
        return (self._vault.cpr_index(row.cpr), row.starts_at)

    def _is_another_citizens(self, row: BookingRow, known: dict[str, tuple[Appointment, bytes]]) -> bool:
        return row.external_id in known and known[row.external_id][1] != self._vault.cpr_index(row.cpr)

    def _booking(
        self, row: BookingRow, known: dict[str, tuple[Appointment, bytes]], again: Collection[uuid.UUID]
    ) -> Booking:
        appointment = known[row.external_id][0] if row.external_id in known else None
        return Booking(
            row=row,
            digest=row_digest(self._vault, row),
            digest_before=row_digest(
                self._vault, replace(row, reminded_by_huskeservice=bool(row.reminded_by_huskeservice))
            ),
            known=appointment,
            number=read_number(row.phone),
            stands_again=appointment is not None and appointment.id in again,
        )

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
    """Return what tells a changed row from an unchanged one; where it stands in the file is no part of it.

    A row that says no more than rows could once say has the digest it had then: nothing has changed about it.
    """
    said = {**vars(row), "line": 0}
    huskeservice, *others = [(name, said.pop(name)) for name in REMINDED_BY]
    said["reminded_elsewhere"] = huskeservice[1]
    said.update((name, told) for name, told in others if told is not None)
    return vault.fingerprint(orjson.dumps(said), purpose="booking row")


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
