"""Which meetings a file's cancellations, or its silence, mean. Reads, never writes."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking_rows import CalledOff
from messaging.appointments.external_ids import BETWEEN
from messaging.appointments.import_models import CalledOffMeeting
from messaging.appointments.line_file import Fault, ReportedLine
from messaging.appointments.models import Appointment
from messaging.appointments.states import CANCELLED, OPEN, OutcomeWord
from messaging.people.models import Citizen
from messaging.vault.vault import Vault

AT_ONCE = 500
NO_LINE = 0
"""The line of a meeting that a file does not name."""

_SENTENCES = {
    "another_citizen": "Aftalen findes allerede og hører til en anden borger. Linjen er ikke brugt.",
    "not_told": "Mødet er aflyst, men borgeren kan ikke få besked med sms. Ring til borgeren.",
}


@dataclass(frozen=True, kw_only=True)
class End:
    """A meeting that its source calls off. `is_news`: it stood until now."""

    appointment_id: uuid.UUID
    citizen_id: uuid.UUID
    external_id: str
    line: int
    outcome: OutcomeWord
    is_news: bool


@dataclass(frozen=True, kw_only=True)
class Ends:
    """What cancellations mean: the meetings, how many lines say nothing new, and the lines about somebody else's."""

    ends: tuple[End, ...]
    unchanged: int = 0
    rejected: tuple[ReportedLine, ...] = ()


def find_ends(session: Session, vault: Vault, lines: Sequence[CalledOff], *, source: str, participants: bool) -> Ends:
    """Find the meetings of these lines; in a file with participants a line that names nobody means everybody's."""
    ends: list[End] = []
    rejected: list[ReportedLine] = []
    unchanged = 0
    for line, found in _meant(session, lines, source=source, participants=participants):
        strange = [owner for _, owner, _ in found if line.cpr and owner != vault.cpr_index(line.cpr)]
        if strange:
            rejected.append(_reported(line.line, line.external_id, "another_citizen"))
            continue
        untaken = [meeting for meeting, _, is_known in found if meeting.state in OPEN or _is_to_note(meeting, is_known)]
        ends.extend(_end(meeting, line=line.line, outcome=line.outcome) for meeting in untaken)
        unchanged += not any(meeting.state in OPEN for meeting in untaken)
    return Ends(ends=tuple(ends), unchanged=unchanged, rejected=tuple(rejected))


def find_vanished(session: Session, external_ids: Sequence[str], *, source: str, now: datetime) -> Ends:
    """Find the meetings to come that a file names no more."""
    ends: list[End] = []
    for start in range(0, len(external_ids), AT_ONCE):
        found = session.scalars(
            sa.select(Appointment).where(
                Appointment.source == source,
                Appointment.external_id.in_(external_ids[start : start + AT_ONCE]),
                Appointment.state.in_(OPEN),
                Appointment.starts_at > now,
            )
        )
        ends.extend(_end(meeting, line=NO_LINE, outcome=OutcomeWord.CANCELLED_BY_US) for meeting in found)
    return Ends(ends=tuple(ends))


def not_told(end: End) -> ReportedLine:
    """Report a cancelled meeting whose citizen must be rung."""
    return _reported(end.line, end.external_id, "not_told")


_Found = tuple[Appointment, bytes, bool]
"""A meeting, the index of its citizen's CPR number, and whether its source had called it off before."""


def _meant(
    session: Session, lines: Sequence[CalledOff], *, source: str, participants: bool
) -> Iterator[tuple[CalledOff, list[_Found]]]:
    parts = _parts(session, {line.external_id for line in lines if participants and not line.cpr}, source=source)
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        ids = [line.external_id for line in some]
        by_id = {
            meeting.external_id: (meeting, owner, known)
            for meeting, owner, known in _read(session, source, Appointment.external_id.in_(ids))
        }
        for line in some:
            found = [by_id[line.external_id]] if line.external_id in by_id else []
            if not line.cpr:
                found += parts.get(line.external_id, ())
            yield line, found


def _parts(session: Session, names: AbstractSet[str], *, source: str) -> Mapping[str, list[_Found]]:
    """Return the meetings of those who take part in the group meetings of these names; those of a source read once."""
    meant: dict[uuid.UUID, list[str]] = {}
    if names:
        rows = session.execute(
            sa.select(Appointment.id, Appointment.external_id).where(
                Appointment.source == source, Appointment.external_id.contains(BETWEEN)
            )
        )
        for id_, external_id in rows:
            words = external_id.split(BETWEEN)
            groups = {BETWEEN.join(words[:count]) for count in range(1, len(words))} & names
            if groups:
                meant[id_] = sorted(groups)
    ids = sorted(meant)
    found: dict[str, list[_Found]] = {}
    for start in range(0, len(ids), AT_ONCE):
        for part in _read(session, source, Appointment.id.in_(ids[start : start + AT_ONCE])):
            for group in meant[part[0].id]:
                found.setdefault(group, []).append(part)
    return found


def _read(session: Session, source: str, which: sa.ColumnElement[bool]) -> list[_Found]:
    rows = session.execute(
        sa.select(Appointment, Citizen.cpr_index, CalledOffMeeting.appointment_id.is_not(None))
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .outerjoin(CalledOffMeeting, CalledOffMeeting.appointment_id == Appointment.id)
        .where(Appointment.source == source, which)
    )
    return [(meeting, owner, known) for meeting, owner, known in rows]


def _is_to_note(meeting: Appointment, is_known: bool) -> bool:  # noqa: FBT001
    return meeting.state in CANCELLED and not is_known


def _end(meeting: Appointment, *, line: int, outcome: OutcomeWord) -> End:
    return End(
        appointment_id=meeting.id,
        citizen_id=meeting.citizen_id,
        external_id=meeting.external_id,
        line=line,
        outcome=outcome,
        is_news=meeting.state in OPEN,
    )


def _reported(line: int, external_id: str, code: str) -> ReportedLine:
    return ReportedLine(line=line, external_id=external_id, faults=(Fault(code=code, sentence=_SENTENCES[code]),))
