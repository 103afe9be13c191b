"""What an import did, as it is told and as it is kept beside the meetings."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from messaging.appointments.booking_file import BookingFile
from messaging.appointments.comparing import Comparison
from messaging.appointments.import_models import Doubt, ImportVerdict
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.models import Appointment, Import, ImportLine, LineOutcome
from messaging.appointments.states import OPEN
from messaging.database.base import new_id
from messaging.people.acting import Act


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or in a dry run (without id) would do.

    `lines` are those of the file; `missing` are meetings still to come that it does not name and that were left alone.
    """

    import_id: uuid.UUID | None
    lines: int
    coming: int = 0
    """Meetings of the source that were to come before."""
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    cancelled: int = 0
    doubt: Doubt | None = None
    """Why the missing ones are not held to be cancelled, where a file is said to name all."""
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
            missing=tuple(external_id for external_id in self.missing if external_id not in found.renamed),
        )


_DOUBTS = {
    Doubt.TOO_MANY: "{missing} af {coming} kommende møder mangler på én gang. Det er flere, end der tros på: intet er "
    "aflyst. Se efter i det system, de kommer fra.",
    Doubt.NOTHING_TO_COME: "Filen nævner ikke et eneste kommende møde, men {coming} er aftalt. Intet er aflyst. Se "
    "efter i det system, de kommer fra.",
    Doubt.UNREAD_LINES: "{missing} af {coming} kommende møder mangler, men nogle linjer kunne ikke læses. Intet er "
    "aflyst, før alle linjer kan.",
}


def doubt_sentence(doubt: Doubt, *, missing: int, coming: int) -> str:
    """Say why the missing meetings are not held to be cancelled, in Danish."""
    return _DOUBTS[doubt].format(missing=missing, coming=coming)


def begin(act: Act, file: BookingFile, *, source: str, dry_run: bool) -> ImportReport:
    """Note an import that begins, with what can be said before anything is compared; a dry run notes nothing."""
    coming = _coming(act, source=source)
    report = ImportReport(
        import_id=None if dry_run else new_id(),
        lines=file.lines,
        rejected=file.rejected,
        warnings=file.warnings,
        coming=len(coming),
        missing=tuple(external_id for external_id in coming if not file.names(external_id)),
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
        act.session.add(ImportVerdict(import_id=report.import_id, coming=report.coming, cancelled=0, doubt=None))
        act.session.flush()
        keep(act, report, rejected=file.rejected, warnings=file.warnings)
    return report


def keep(
    act: Act, report: ImportReport, *, rejected: Sequence[ReportedLine] = (), warnings: Sequence[ReportedLine] = ()
) -> None:
    """Write down the counts so far, and the lines to report: in the transaction that did what they tell."""
    act.session.execute(sa.update(Import).where(Import.id == report.import_id).values(_counts(report)))
    verdict = sa.update(ImportVerdict).where(ImportVerdict.import_id == report.import_id)
    act.session.execute(verdict.values(cancelled=report.cancelled, doubt=report.doubt))
    keep_lines(act, report.import_id, rejected, outcome=LineOutcome.REJECTED)
    keep_lines(act, report.import_id, warnings, outcome=LineOutcome.WARNING)


def keep_lines(act: Act, import_id: uuid.UUID | None, lines: Iterable[ReportedLine], *, outcome: LineOutcome) -> None:
    """Write down lines of a file that were refused, or used with a doubt."""
    act.session.add_all(
        ImportLine(
            import_id=import_id,
            line=line.line,
            outcome=outcome,
            code=line.code,
            external_id=line.external_id,
            sentence=line.sentence,
        )
        for line in lines
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


def _coming(act: Act, *, source: str) -> list[str]:
    to_come = sa.select(Appointment.external_id).where(
        Appointment.source == source, Appointment.starts_at > act.now, Appointment.state.in_(OPEN)
    )
    return list(act.session.scalars(to_come.order_by(Appointment.external_id)))
