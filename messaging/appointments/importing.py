"""Taking in the booking system's file: a comparison with what is here, not a replacement, some rows at a time.

Each batch of rows is one transaction, so that a stopped import has taken in whole batches and may simply be run again.
Meetings that the file no longer names are reported, never deleted: their absence may be a fault of the export.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking import (
    Meeting,
    NewAppointment,
    book_appointments,
    change_appointments,
    seal_note,
)
from messaging.appointments.booking_file import BookingFile, BookingRow, read_bookings
from messaging.appointments.caseworker_file import CaseworkerRow
from messaging.appointments.comparing import Booking, Comparer, Comparison
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.models import Appointment, Import, ImportLine, LineOutcome
from messaging.appointments.planning import ReminderRules
from messaging.appointments.states import OPEN
from messaging.conversations.threads import lock_threads
from messaging.database.base import new_id
from messaging.errors import DatabaseBusy
from messaging.people.acting import Act
from messaging.people.models import CaseloadEntry, Caseworker, Citizen
from messaging.people.registering import (
    Person,
    assign,
    name_number,
    register_caseworker,
    register_citizens,
    register_unit,
)

SOURCE = "booking_system"
BATCH = 200
TRIES = 5
"""How often a batch is tried while reminders, answers and outcomes keep its rows locked."""

Acts = Callable[[], AbstractContextManager[Act]]
"""Opens a transaction of whoever imports."""

Progress = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""

Staff = dict[str, uuid.UUID]
"""Caseworkers by their initials."""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or in a dry run (without id) would do.

    `lines` are those of the file; `missing` are meetings still to come that it does not name.
    """

    import_id: uuid.UUID | None
    lines: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: tuple[ReportedLine, ...] = ()
    warnings: tuple[ReportedLine, ...] = ()
    missing: tuple[str, ...] = ()

    def plus(self, found: Comparison) -> "ImportReport":
        """Return the report with what a batch of rows did."""
        return replace(
            self,
            created=self.created + found.created,
            changed=self.changed + found.changed,
            unchanged=self.unchanged + found.unchanged,
            rejected=self.rejected + found.rejected,
            warnings=self.warnings + found.warnings,
        )


def import_caseworkers(act: Act, rows: Iterable[CaseworkerRow]) -> None:
    """Add the staff of a list or bring them up to date. Who is not on the list is left alone."""
    for row in rows:
        unit = register_unit(act, name=row.unit)
        register_caseworker(act, initials=row.initials, name=row.name, email=row.email, unit_id=unit.id, role=row.role)


def import_appointments(
    acts: Acts,
    data: bytes,
    *,
    rules: ReminderRules,
    source: str = SOURCE,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take in a whole file. Raises UnusableFile if it is none; whatever is wrong with a line is reported with it.

    A dry run compares and reports, and writes nothing.
    """
    with acts() as act:
        staff = _staff(act.session)
        file = read_bookings(data, now=act.now, caseworkers=staff)
        report = _begin(act, file, source=source, dry_run=dry_run)
    job = _Job(acts=acts, source=source, staff=staff, rules=rules, comparer=Comparer(act.vault, source=source))
    for start in range(0, len(file.rows), BATCH):
        rows = file.rows[start : start + BATCH]
        report = job.compare(rows, report) if dry_run else job.take_in_patiently(rows, report)
        if progress:
            progress(start + len(rows), len(file.rows))
    return report


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One import under way. The comparer is a dry run's: it remembers what the rows before would have done."""

    acts: Acts
    source: str
    staff: Staff
    rules: ReminderRules
    comparer: Comparer

    def compare(self, rows: Sequence[BookingRow], report: ImportReport) -> ImportReport:
        with self.acts() as act:
            return report.plus(self.comparer.compare(act.session, rows))

    def take_in_patiently(self, rows: Sequence[BookingRow], report: ImportReport) -> ImportReport:
        """Take in a batch, again if others were at the same rows for too long: nothing of it was written then."""
        for _ in range(TRIES - 1):
            with suppress(DatabaseBusy):
                return self._take_in(rows, report)
        return self._take_in(rows, report)

    def _take_in(self, rows: Sequence[BookingRow], report: ImportReport) -> ImportReport:
        with self.acts() as act:
            found = Comparer(act.vault, source=self.source).compare(act.session, rows)
            _apply(act, found, staff=self.staff, source=self.source, rules=self.rules)
            so_far = report.plus(found)
            _keep(act, so_far, rejected=found.rejected, warnings=found.warnings)
        return so_far


def _begin(act: Act, file: BookingFile, *, source: str, dry_run: bool) -> ImportReport:
    report = ImportReport(
        import_id=None if dry_run else new_id(),
        lines=file.lines,
        rejected=file.rejected,
        warnings=file.warnings,
        missing=_missing(act, file, source=source),
    )
    if report.import_id is not None:
        actor = f"{act.actor.kind}:{act.actor.id}" if act.actor.id else act.actor.kind
        act.session.add(
            Import(id=report.import_id, source=source, imported_at=act.now, imported_by=actor, **_counts(report))
        )
        act.audit(
            "appointments.imported", object_kind="import", object_id=report.import_id, facts={"lines": file.lines}
        )
        act.session.flush()
        _keep(act, report, rejected=file.rejected, warnings=file.warnings)
    return report


def _keep(
    act: Act, report: ImportReport, *, rejected: Sequence[ReportedLine], warnings: Sequence[ReportedLine]
) -> None:
    """Write down the counts so far, and the lines to report: in the transaction that did what they tell."""
    act.session.execute(sa.update(Import).where(Import.id == report.import_id).values(_counts(report)))
    lines = [(LineOutcome.REJECTED, line) for line in rejected] + [(LineOutcome.WARNING, line) for line in warnings]
    act.session.add_all(
        ImportLine(
            import_id=report.import_id,
            line=line.line,
            outcome=outcome,
            code=line.code,
            external_id=line.external_id,
            sentence=line.sentence,
        )
        for outcome, line in lines
    )


def _counts(report: ImportReport) -> dict[str, int]:
    return {
        "lines": report.lines,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
        "missing": len(report.missing),
    }


def _staff(session: Session) -> Staff:
    return {row.initials: row.id for row in session.execute(sa.select(Caseworker.initials, Caseworker.id))}


def _missing(act: Act, file: BookingFile, *, source: str) -> tuple[str, ...]:
    named = {row.external_id for row in file.rows} | {line.external_id for line in file.rejected}
    to_come = act.session.scalars(
        sa.select(Appointment.external_id)
        .where(Appointment.source == source, Appointment.starts_at > act.now, Appointment.state.in_(OPEN))
        .order_by(Appointment.external_id)
    )
    return tuple(external_id for external_id in to_come if external_id not in named)


def _apply(act: Act, found: Comparison, *, staff: Staff, source: str, rules: ReminderRules) -> None:
    news = found.news
    citizens = _register(act, news)
    lock_threads(act.session, [citizen.id for citizen in citizens.values()])
    for cpr, e164 in found.numbers:
        name_number(act, citizen_id=citizens[cpr].id, e164=e164, source=source)
    _assign(act, news, citizens=citizens, staff=staff)
    fresh = [
        NewAppointment(
            citizen_id=citizens[booking.row.cpr].id,
            source=source,
            external_id=booking.row.external_id,
            meeting=_meeting(booking, staff),
            note=booking.row.note,
            row_digest=booking.digest,
        )
        for booking in news
        if booking.known is None
    ]
    book_appointments(act, fresh, rules=rules)
    changes = [(booking.known, booking) for booking in news if booking.known is not None]
    change_appointments(act, [(known, _meeting(booking, staff)) for known, booking in changes], rules=rules)
    for known, booking in changes:
        known.row_digest = booking.digest
        known.note = seal_note(act, booking.row.note, citizen_id=known.citizen_id, appointment_id=known.id)


def _register(act: Act, news: Sequence[Booking]) -> dict[str, Citizen]:
    people = [
        Person(cpr=booking.row.cpr, first_name=booking.row.first_name, last_name=booking.row.last_name)
        for booking in news
    ]
    return register_citizens(act, people=people)


def _assign(act: Act, news: Sequence[Booking], *, citizens: dict[str, Citizen], staff: Staff) -> None:
    """Give each citizen without a caseworker the one of her first meeting. Who has one keeps her: a stand-in who holds
    one meeting must not take over the citizen."""
    ids = [citizen.id for citizen in citizens.values()]
    looked_after = set(
        act.session.scalars(
            sa.select(CaseloadEntry.citizen_id).where(
                CaseloadEntry.citizen_id.in_(ids), CaseloadEntry.valid_to.is_(None)
            )
        )
    )
    first = {citizens[booking.row.cpr].id: staff[booking.row.caseworker] for booking in reversed(news)}
    for citizen_id, caseworker_id in first.items():
        if citizen_id not in looked_after:
            assign(act, citizen_id=citizen_id, caseworker_id=caseworker_id)


def _meeting(booking: Booking, staff: Staff) -> Meeting:
    row = booking.row
    return Meeting(
        caseworker_id=staff[row.caseworker],
        starts_at=row.starts_at,
        minutes=row.minutes,
        meeting_type=row.meeting_type,
        form=row.form,
        place=row.place or None,
        self_booked=row.self_booked,
        reminded_elsewhere=row.reminded_elsewhere,
    )
