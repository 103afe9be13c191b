"""Taking in the call centre's weeks. The same file again changes nothing; another figure for a week takes its place."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from messaging.appointments.import_report import keep_lines
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.models import Import, LineOutcome
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.people.acting import Act
from messaging.volumes.call_file import CallRow, read_calls
from messaging.volumes.models import CallWeek

SOURCE = "call_centre"


@dataclass(frozen=True, kw_only=True)
class CallReport:
    """What an import did."""

    import_id: uuid.UUID
    lines: int
    created: int
    changed: int
    unchanged: int
    rejected: tuple[ReportedLine, ...]


def import_calls(act: Act, data: bytes) -> CallReport:
    """Take in weeks of the call centre. Raises UnusableFile if it is no such file."""
    file = read_calls(data, today=act.now.astimezone(COPENHAGEN).date())
    weeks = {row.week for row in file.rows}
    known = {
        (row.week, row.line): row for row in act.session.scalars(sa.select(CallWeek).where(CallWeek.week.in_(weeks)))
    }
    news = [row for row in file.rows if (row.week, row.line) not in known]
    others = [row for row in file.rows if (row.week, row.line) in known and _differs(known[row.week, row.line], row)]
    import_id = new_id()
    act.session.add(
        Import(
            id=import_id,
            source=SOURCE,
            imported_at=act.now,
            imported_by=str(act.actor.kind),
            lines=file.lines,
            created=len(news),
            changed=len(others),
            unchanged=len(file.rows) - len(news) - len(others),
            rejected=len(file.rejected),
            missing=0,
        )
    )
    act.session.flush()
    keep_lines(act, import_id, file.rejected, outcome=LineOutcome.REJECTED)
    for row in (*news, *others):
        week = known.get((row.week, row.line)) or CallWeek(week=row.week, line=row.line)
        week.calls, week.answered, week.seconds_waited = row.calls, row.answered, row.seconds_waited
        week.import_id = import_id
        act.session.add(week)
    act.audit("calls.imported", object_kind="import", object_id=import_id, facts={"lines": file.lines})
    return CallReport(
        import_id=import_id,
        lines=file.lines,
        created=len(news),
        changed=len(others),
        unchanged=len(file.rows) - len(news) - len(others),
        rejected=file.rejected,
    )


def _differs(known: CallWeek, row: CallRow) -> bool:
    return (known.calls, known.answered, known.seconds_waited) != (row.calls, row.answered, row.seconds_waited)
