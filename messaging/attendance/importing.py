"""Taking in the employment system's word about meetings: those of the trial one by one, those before it as counts.

What an import says never changes what staff tapped or citizens answered: both are shown beside it, and disagree.
"""

import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from messaging.appointments.import_report import keep_lines
from messaging.appointments.line_file import Fault, ReportedLine, UnusableFile
from messaging.appointments.models import Import, LineOutcome
from messaging.attendance.matching import match
from messaging.attendance.models import BaselineCount, OfficialOutcome, OfficialWord
from messaging.attendance.outcome_file import OutcomeRow, read_outcomes, refused
from messaging.attendance.queries import latest_outcomes, without_outcome
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.models import Caseworker

SOURCE = "employment_system"
MONTHS = 12
"""Months of the baseline."""

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SENTENCES = {
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

    A line about a meeting or a time that is not known here, is of two, or is not said to be whose, is reported and
    changes nothing. Created, changed and unchanged are meetings: a line may tell of everybody's at a group's.
    """
    file = read_outcomes(data, now=act.now)
    import_id = new_id()
    matched = match(act.session, act.vault, file)
    told = latest_outcomes(act.session, {appointment_id for appointment_id, _ in matched.rows})
    news = {key: row for key, row in matched.rows.items() if told.get(key) is not row.outcome}
    first = sum(key not in told for key in news)
    rejected = matched.rejected
    act.session.add(
        Import(
            id=import_id,
            source=SOURCE,
            imported_at=act.now,
            imported_by=str(act.actor.kind),
            lines=file.lines,
            created=first,
            changed=len(news) - first,
            unchanged=len(matched.rows) - len(news),
            rejected=len(rejected),
            missing=0,
        )
    )
    act.session.flush()
    keep_lines(act, import_id, rejected, outcome=LineOutcome.REJECTED)
    act.session.add_all(
        OfficialOutcome(
            appointment_id=appointment_id,
            planned_for=planned_for,
            outcome=row.outcome,
            noticed_at=row.noticed_at,
            import_id=import_id,
            imported_at=act.now,
        )
        for (appointment_id, planned_for), row in news.items()
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
        unchanged=len(matched.rows) - len(news),
        missing=missing,
        rejected=rejected,
    )


def import_baseline(act: Act, data: bytes, *, last_month: str) -> BaselineReport:
    """Count what became of the meetings of the twelve months that end with `last_month` (`2026-09`).

    The counts take the place of what was counted before. Raises UnusableFile, also if it tells of no meeting of these
    months, or InvalidInput for a month that is none or is not over; what was counted before stays then.
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
    if not counts:
        raise UnusableFile(_why_nothing(rejected, months))
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


def _why_nothing(rejected: Sequence[ReportedLine], months: Sequence[str]) -> str:
    """Say what keeps every line of a file from being counted: the month that was given, as a rule."""
    asked = f"de tolv måneder fra {months[0]} til {months[-1]}"
    if not rejected:
        return f"Filen har ingen linjer under overskriften, så intet fra {asked} er talt. Det, der var talt før, står."
    faults = Counter(line.faults[0] for line in rejected)
    told = " ".join(f"{lines} × {fault.sentence}" for fault, lines in faults.most_common())
    return f"Ingen af filens {len(rejected)} linjer er fra {asked} og kan bruges. Det, der var talt før, står. {told}"


def _reported(row: OutcomeRow, code: str) -> ReportedLine:
    return refused(row.line, row.external_id, Fault(code=code, sentence=_SENTENCES[code]))
