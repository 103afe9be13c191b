"""Taking in a source's file: a comparison with what is here, not a replacement, some rows at a time.

Each batch of rows is one transaction, so that a stopped import has taken in whole batches and may simply be run again.
Meetings that the file no longer names are reported: their absence may be a fault of the export. Only where its profile
says that it names all of them, and not too many vanish at once, are they cancelled; see `calling_off.judge`.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking_file import BookingFile, read_bookings
from messaging.appointments.booking_rows import BookingRow
from messaging.appointments.calling_off import call_off, judge
from messaging.appointments.caseworker_file import CaseworkerRow
from messaging.appointments.comparing import Comparer
from messaging.appointments.ending import End, Ends, find_ends, find_vanished, not_told
from messaging.appointments.external_ids import participant_namer
from messaging.appointments.import_report import ImportReport, begin, keep
from messaging.appointments.planning import ReminderRules
from messaging.appointments.profiles import Profile, standard
from messaging.appointments.taking_in import Staff, place_citizens, take_in
from messaging.clock import COPENHAGEN
from messaging.conversations.office import Office
from messaging.conversations.threads import lock_threads
from messaging.errors import DatabaseBusy
from messaging.people.acting import Act
from messaging.people.models import Caseworker
from messaging.people.registering import register_caseworker, register_unit
from messaging.trial.target_groups import read_list

SOURCE = "booking_system"
BATCH = 200
ENDS_AT_ONCE = 50
TRIES = 5
"""How often a batch is tried while reminders, answers and outcomes keep its rows locked."""

Acts = Callable[[], AbstractContextManager[Act]]
"""Opens a transaction of whoever imports."""

Progress = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""

Write = Callable[[Act, ImportReport], ImportReport]
"""Does a batch of an import in one transaction, and returns the report with what it did."""


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
    office: Office,
    source: str = SOURCE,
    profile: Profile | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take in a whole file, the booking system's own unless a profile says otherwise.

    Raises UnusableFile if it is none; whatever is wrong with a line is reported with it. A dry run compares and
    reports, and writes nothing.
    """
    profile = profile or standard()
    with acts() as act:
        staff = _staff(act.session)
        namer = participant_namer(act.vault)
        groups = read_list(act.session).on(act.now.astimezone(COPENHAGEN).date())
        file = read_bookings(
            data, now=act.now, caseworkers=staff, profile=profile, participant=namer, groups=groups.keys()
        )
        report = begin(act, file, source=source, dry_run=dry_run)
        named_to_come = sum(row.starts_at > act.now for row in file.rows)
        comparer = Comparer(act.vault, source=source, staff=staff, names=file.names)
    job = _Job(
        acts=acts, source=source, staff=staff, rules=rules, office=office, comparer=comparer, file=file, dry_run=dry_run
    )
    for start in range(0, len(file.rows), BATCH):
        rows = file.rows[start : start + BATCH]
        report = job.compare(rows, report) if dry_run else job.patiently(job.taking_in(rows), report)
        if progress:
            progress(start + len(rows), len(file.rows))
    report = job.follow_cancellations(report, participants=profile.participants)
    if profile.snapshot.complete:
        doubt = judge(
            profile.snapshot,
            coming=report.coming,
            vanished=len(report.missing),
            named_to_come=named_to_come,
            unread=file.unread,
        )
        report = job.doubt(replace(report, doubt=doubt)) if doubt else job.call_off_vanished(report)
    return report


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One import under way. The comparer is a dry run's: it remembers what the rows before would have done."""

    acts: Acts
    source: str
    staff: Staff
    rules: ReminderRules
    office: Office
    comparer: Comparer
    file: BookingFile
    dry_run: bool

    def compare(self, rows: Sequence[BookingRow], report: ImportReport) -> ImportReport:
        with self.acts() as act:
            return report.plus(self.comparer.compare(act.session, rows))

    def patiently(self, write: Write, report: ImportReport) -> ImportReport:
        """Write a batch, again if others were at the same rows for too long: nothing of it was written then."""
        for _ in range(TRIES - 1):
            with suppress(DatabaseBusy), self.acts() as act:
                return write(act, report)
        with self.acts() as act:
            return write(act, report)

    def taking_in(self, rows: Sequence[BookingRow]) -> Write:
        """Return what takes in these rows."""

        def write(act: Act, report: ImportReport) -> ImportReport:
            comparer = Comparer(act.vault, source=self.source, staff=self.staff, names=self.file.names)
            found = comparer.compare(act.session, rows)
            take_in(act, found, staff=self.staff, source=self.source, rules=self.rules)
            place_citizens(act, {row.cpr for row in rows}, self.file.target_groups, source=self.source)
            so_far = report.plus(found)
            keep(act, so_far, rejected=found.rejected, warnings=found.warnings)
            return so_far

        return write

    def follow_cancellations(self, report: ImportReport, *, participants: bool) -> ImportReport:
        """Cancel the meetings that lines of the file say are cancelled."""
        if not self.file.called_off:
            return report
        with self.acts() as act:
            ends = find_ends(
                act.session, act.vault, self.file.called_off, source=self.source, participants=participants
            )
        report = replace(report, unchanged=report.unchanged + ends.unchanged, rejected=report.rejected + ends.rejected)
        return self._end(ends, report, reason="Aflyst i det system, mødet kom fra.")

    def call_off_vanished(self, report: ImportReport) -> ImportReport:
        """Cancel the meetings that a file which names all of them names no more."""
        if not report.missing:
            return report
        with self.acts() as act:
            ends = find_vanished(act.session, report.missing, source=self.source, now=act.now)
        return self._end(ends, replace(report, missing=()), reason="Mødet står ikke længere i det system, det kom fra.")

    def doubt(self, report: ImportReport) -> ImportReport:
        """Write down why nothing is held to be cancelled."""
        if not self.dry_run:
            with self.acts() as act:
                keep(act, report)
        return report

    def _end(self, ends: Ends, report: ImportReport, *, reason: str) -> ImportReport:
        if self.dry_run:
            return replace(report, cancelled=report.cancelled + sum(end.is_news for end in ends.ends))
        report = self.patiently(_noting(ends), report)
        for start in range(0, len(ends.ends), ENDS_AT_ONCE):
            report = self.patiently(self._ending(ends.ends[start : start + ENDS_AT_ONCE], reason=reason), report)
        return report

    def _ending(self, ends: Sequence[End], *, reason: str) -> Write:
        def write(act: Act, report: ImportReport) -> ImportReport:
            lock_threads(act.session, [end.citizen_id for end in ends])
            untold = []
            for end in ends:
                outcome, office = end.outcome, self.office
                if call_off(act, appointment_id=end.appointment_id, outcome=outcome, reason=reason, office=office):
                    untold.append(not_told(end))
            so_far = replace(
                report,
                cancelled=report.cancelled + sum(end.is_news for end in ends),
                warnings=(*report.warnings, *untold),
            )
            keep(act, so_far, warnings=untold)
            return so_far

        return write


def _noting(ends: Ends) -> Write:
    """Return what writes down the lines that say of somebody else's meeting that it is cancelled."""

    def write(act: Act, report: ImportReport) -> ImportReport:
        keep(act, report, rejected=ends.rejected)
        return report

    return write


def _staff(session: Session) -> Staff:
    rows = session.execute(sa.select(Caseworker.initials, Caseworker.email, Caseworker.id)).all()
    by_address = {row.email.casefold(): row.id for row in rows if row.email}
    return by_address | {row.initials: row.id for row in rows}
