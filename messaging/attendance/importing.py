"""Taking in the employment system's word about meetings: those of the trial one by one, those before it as counts.

What an import says never changes what staff tapped or citizens answered: both are shown beside it, and disagree.
"""

import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.import_report import keep_lines
from messaging.appointments.line_file import Fault, ReportedLine
from messaging.appointments.models import Appointment, Import, LineOutcome
from messaging.appointments.planned_models import PlannedMeeting
from messaging.attendance.models import BaselineCount, OfficialOutcome, OfficialWord
from messaging.attendance.outcome_file import OutcomeRow, read_outcomes
from messaging.attendance.queries import latest_outcomes, without_outcome
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.models import Caseworker

SOURCE = "employment_system"
MONTHS = 12
"""Months of the baseline."""
AT_ONCE = 500

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SENTENCES = {
    "unknown_appointment": "Aftalen findes ikke her med det tidspunkt. Udfaldet er ikke gemt.",
    "ambiguous": "Flere systemer har en aftale med det id på det tidspunkt. Udfaldet er ikke gemt.",
    "unknown_caseworker": "Sagsbehandlerens initialer er ukendte.",
    "outside": "Mødet ligger uden for de tolv måneder.",
}


@dataclass(frozen=True, kw_only=True)
class OutcomeReport:
    """What an import of outcomes did. `missing`: meetings that count and have begun, of which nobody has told."""

    import_id: uuid.UUID
    lines: int
    created: int
    changed: int
    unchanged: int
    missing: int
    rejected: tuple[ReportedLine, ...]


@dataclass(frozen=True, kw_only=True)
class BaselineReport:
    """What an import of the baseline did. `empty`: months of the twelve in which no meeting is told of."""

    months: tuple[str, ...]
    meetings: int
    empty: tuple[str, ...]
    rejected: tuple[ReportedLine, ...]


def import_outcomes(act: Act, data: bytes) -> OutcomeReport:
    """Take in what became of meetings we know. Raises UnusableFile if it is no such file.

    A line about a meeting or a time that is not known here, or is of two, is reported and changes nothing.
    """
    file = read_outcomes(data, now=act.now)
    import_id = new_id()
    found = _found(act.session, file.rows)
    known = {named: ids.pop() for named, ids in found.items() if len(ids) == 1}
    strangers = [row for row in file.rows if (row.external_id, row.starts_at) not in known]
    rows = [row for row in file.rows if (row.external_id, row.starts_at) in known]
    told = latest_outcomes(act.session, {known[row.external_id, row.starts_at] for row in rows})
    news = [row for row in rows if told.get((known[row.external_id, row.starts_at], row.starts_at)) is not row.outcome]
    first = sum((known[row.external_id, row.starts_at], row.starts_at) not in told for row in news)
    rejected = (*file.rejected, *(_reported(row, _why_unused(row, found)) for row in strangers))
    act.session.add(
        Import(
            id=import_id,
            source=SOURCE,
            imported_at=act.now,
            imported_by=str(act.actor.kind),
            lines=file.lines,
            created=first,
            changed=len(news) - first,
            unchanged=len(rows) - len(news),
            rejected=len(rejected),
            missing=0,
        )
    )
    act.session.flush()
    keep_lines(act, import_id, rejected, outcome=LineOutcome.REJECTED)
    act.session.add_all(
        OfficialOutcome(
            appointment_id=known[row.external_id, row.starts_at],
            planned_for=row.starts_at,
            outcome=row.outcome,
            noticed_at=row.noticed_at,
            import_id=import_id,
            imported_at=act.now,
        )
        for row in news
    )
    act.session.flush()
    missing = without_outcome(act.session, at=act.now)
    act.session.execute(sa.update(Import).where(Import.id == import_id).values(missing=missing))
    act.audit("outcomes.imported", object_kind="import", object_id=import_id, facts={"lines": file.lines})
    return OutcomeReport(
        import_id=import_id,
        lines=file.lines,
        created=first,
        changed=len(news) - first,
        unchanged=len(rows) - len(news),
        missing=missing,
        rejected=tuple(sorted(rejected, key=lambda line: line.line)),
    )


def import_baseline(act: Act, data: bytes, *, last_month: str) -> BaselineReport:
    """Count what became of the meetings of the twelve months that end with `last_month` (`2026-09`).

    The counts take the place of what was counted before. Raises UnusableFile, or InvalidInput for a month that is none
    or is not over.
    """
    months = _months(last_month, today=act.now.astimezone(COPENHAGEN).date())
    file = read_outcomes(data, now=act.now)
    staff = {row.initials: row.id for row in act.session.execute(sa.select(Caseworker.initials, Caseworker.id))}
    rejected = list(file.rejected)
    counts: Counter[tuple[uuid.UUID, str, str, OfficialWord]] = Counter()
    for row in file.rows:
        month = f"{row.starts_at.astimezone(COPENHAGEN):%Y-%m}"
        if row.caseworker not in staff:
            rejected.append(_reported(row, "unknown_caseworker"))
        elif month not in months:
            rejected.append(_reported(row, "outside"))
        else:
            counts[staff[row.caseworker], month, row.meeting_type, row.outcome] += 1
    act.session.execute(sa.delete(BaselineCount))
    act.session.add_all(
        BaselineCount(caseworker_id=who, month=month, meeting_type=type_, outcome=outcome, meetings=meetings)
        for (who, month, type_, outcome), meetings in counts.items()
    )
    act.audit("baseline.imported", object_kind="import", object_id=new_id(), facts={"meetings": counts.total()})
    return BaselineReport(
        months=months,
        meetings=counts.total(),
        empty=tuple(sorted(set(months) - {month for _, month, _, _ in counts})),
        rejected=tuple(sorted(rejected, key=lambda line: line.line)),
    )


def _months(last: str, *, today: date) -> tuple[str, ...]:
    found = _MONTH.fullmatch(last)
    if not found:
        raise InvalidInput("Måneden skrives som 2026-09.", field="last_month")
    number = int(found[1]) * 12 + int(found[2]) - 1
    if number >= today.year * 12 + today.month - 1:
        raise InvalidInput("Måneden er ikke forbi endnu.", field="last_month")
    return tuple(f"{one // 12}-{one % 12 + 1:02}" for one in range(number - MONTHS + 1, number + 1))


Named = tuple[str, datetime]
"""What the employment system calls a meeting: its id where it was booked, and its time."""


def _found(session: Session, rows: Sequence[OutcomeRow]) -> dict[Named, set[uuid.UUID]]:
    """Return the meetings at the times that are known, as they stand and as they were planned, of every source."""
    found: dict[Named, set[uuid.UUID]] = {}
    ids = sorted({row.external_id for row in rows})
    sources = session.scalars(sa.select(Appointment.source).distinct()).all()
    for start in range(0, len(ids), AT_ONCE):
        theirs = sa.and_(Appointment.source.in_(sources), Appointment.external_id.in_(ids[start : start + AT_ONCE]))
        present = sa.select(Appointment.external_id, Appointment.starts_at, Appointment.id).where(theirs)
        planned = (
            sa.select(Appointment.external_id, PlannedMeeting.planned_for, Appointment.id)
            .join(Appointment, Appointment.id == PlannedMeeting.appointment_id)
            .where(theirs)
        )
        for statement in (present, planned):
            for external_id, at, id_ in session.execute(statement):
                found.setdefault((external_id, at), set()).add(id_)
    return found


def _why_unused(row: OutcomeRow, found: Mapping[Named, object]) -> str:
    return "ambiguous" if (row.external_id, row.starts_at) in found else "unknown_appointment"


def _reported(row: OutcomeRow, code: str) -> ReportedLine:
    fault = Fault(code=code, sentence=_SENTENCES[code])
    return ReportedLine(line=row.line, external_id=row.external_id, faults=(fault,))
