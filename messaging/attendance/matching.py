"""Which meetings the lines of the employment system mean. Reads, never writes.

A line names a meeting by its id and one of its times. Where several citizens have a meeting by one id it must say whose
it means by her CPR number: that a whole group came, or stayed away, is nobody's outcome. Only our own cancellation is
everybody's. Where one citizen alone is known to have a meeting by that id at that time, it is hers.

A source may call a meeting something else by now. An id that nothing has here still names the meeting of the citizen
and caseworker that the line names, at its time: nobody is at two meetings with the same person at once.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.external_ids import BETWEEN, group_of, participant_namer
from messaging.appointments.line_file import Fault, ReportedLine
from messaging.appointments.models import Appointment
from messaging.appointments.planned_models import PlannedMeeting
from messaging.attendance.models import OfficialWord
from messaging.attendance.outcome_file import SENTENCES, OutcomeFile, OutcomeRow, refused, settle
from messaging.people.models import Caseworker, Citizen
from messaging.vault.vault import Vault

AT_ONCE = 500

_UNUSED = " Udfaldet er ikke gemt."
_SENTENCES = {
    "unknown_appointment": "Aftalen findes ikke her med det tidspunkt." + _UNUSED,
    "ambiguous": "Flere systemer har en aftale med det id på det tidspunkt." + _UNUSED,
    "needs_cpr": "Flere borgere har et møde med det id på det tidspunkt. Kolonnen cpr skal sige, hvis det er."
    + _UNUSED,
    "another_citizen": "Aftalen er en anden borgers end den, linjen nævner." + _UNUSED,
    "not_a_participant": "Borgeren er ikke med i mødet her." + _UNUSED,
    "superseded": "Andre linjer siger, hvad der blev af mødet for hver borger. De gælder.",
}


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Which row tells of each meeting and time that is known, and the lines that tell of none."""

    rows: dict[tuple[uuid.UUID, datetime], OutcomeRow]
    rejected: tuple[ReportedLine, ...]


def match(session: Session, vault: Vault, file: OutcomeFile) -> Matched:
    """Find the meetings that the rows of a file mean; a row that names a citizen counts before one that does not."""
    known = _Known(session, vault, (*file.rows, *file.repeated))
    precise: defaultdict[tuple[uuid.UUID, datetime], list[OutcomeRow]] = defaultdict(list)
    of_all: dict[tuple[uuid.UUID, datetime], OutcomeRow] = {}
    faults: dict[int, ReportedLine] = {line.line: line for line in file.rejected}
    for row in file.repeated:
        if known.meant_by(row) == "needs_cpr":
            faults[row.line] = _reported(row, "needs_cpr")
    for row in file.rows:
        meant = known.meant_by(row)
        if isinstance(meant, str):
            faults[row.line] = _reported(row, meant)
        elif row.cpr or meant[0].group is None:
            precise[meant[0].appointment_id, row.starts_at].append(row)
        else:
            of_all |= {(one.appointment_id, row.starts_at): row for one in meant}
    rows: dict[tuple[uuid.UUID, datetime], OutcomeRow] = {}
    for key, same in precise.items():
        kept, others, code = settle(same)
        if kept:
            rows[key] = kept[0]
        faults |= {row.line: _reported(row, code) for row in others}
    rest = {key: row for key, row in of_all.items() if key not in precise}
    used = {row.line for row in rest.values()}
    faults |= {row.line: _reported(row, "superseded") for row in of_all.values() if row.line not in used}
    return Matched(rows=rows | rest, rejected=tuple(faults[line] for line in sorted(faults)))


class _Meeting(NamedTuple):
    """A meeting that is known by an id. `group` is what it is called as one citizen's part, if it is asked for so."""

    appointment_id: uuid.UUID
    source: str
    owner: bytes
    """The index of her CPR number."""
    group: str | None = None
    part: str = ""


class _Known:
    """The meetings at the times that rows name, as they stand and as they were planned, of every source."""

    def __init__(self, session: Session, vault: Vault, rows: Sequence[OutcomeRow]) -> None:
        self._vault = vault
        self._name = participant_namer(vault)
        self._found: defaultdict[tuple[str, datetime], set[_Meeting]] = defaultdict(set)
        self._ids: set[str] = set()
        self._of_citizens: defaultdict[tuple[bytes, datetime, str], set[_Meeting]] = defaultdict(set)
        self._load_named(session, sorted({row.external_id for row in rows}))
        self._load_parts(session, sorted({row.starts_at for row in rows}))
        unfound = (row for row in rows if row.cpr and (row.external_id, row.starts_at) not in self._found)
        self._load_of_citizens(session, sorted({vault.cpr_index(row.cpr) for row in unfound}))

    def meant_by(self, row: OutcomeRow) -> Sequence[_Meeting] | str:
        """Return the meetings a row is about, or the code that says why it is about none."""
        found = sorted(self._found.get((row.external_id, row.starts_at), ()))
        if not found:
            return self._renamed(row) or "unknown_appointment"
        if row.cpr:
            return self._hers(found, row.cpr)
        if len({(one.source, one.group is None) for one in found}) > 1:
            return "ambiguous"
        return found if len(found) == 1 or row.outcome is OfficialWord.CANCELLED_BY_US else "needs_cpr"

    def _hers(self, found: Sequence[_Meeting], cpr: str) -> Sequence[_Meeting] | str:
        owner, part = self._vault.cpr_index(cpr), self._name(cpr)
        hers = [one for one in found if one.owner == owner or one.part == part]
        if hers:
            return hers if len(hers) == 1 else "ambiguous"
        return "not_a_participant" if any(one.group for one in found) else "another_citizen"

    def _renamed(self, row: OutcomeRow) -> Sequence[_Meeting]:
        if not row.cpr or row.external_id in self._ids:
            return ()
        hers = self._of_citizens.get((self._vault.cpr_index(row.cpr), row.starts_at, row.caseworker), set())
        return tuple(hers) if len(hers) == 1 else ()

    def _load_named(self, session: Session, ids: Sequence[str]) -> None:
        sources = session.scalars(sa.select(Appointment.source).distinct()).all()
        for start in range(0, len(ids), AT_ONCE):
            theirs = Appointment.external_id.in_(ids[start : start + AT_ONCE])
            for statement in _at_their_times(sa.and_(Appointment.source.in_(sources), theirs)):
                for at, id_, source, external_id, _, owner, _initials in session.execute(statement):
                    self._found[external_id, at].add(_Meeting(id_, source, owner))
                    self._ids.add(external_id)

    def _load_parts(self, session: Session, times: Sequence[datetime]) -> None:
        for start in range(0, len(times), AT_ONCE):
            some = times[start : start + AT_ONCE]
            for statement in _at_their_times(Appointment.external_id.contains(BETWEEN), times=some):
                for at, id_, source, external_id, citizen_id, owner, _ in session.execute(statement):
                    group = group_of(external_id, citizen_id=citizen_id)
                    if group:
                        part = external_id.removeprefix(group + BETWEEN)
                        self._found[group, at].add(_Meeting(id_, source, owner, group, part))

    def _load_of_citizens(self, session: Session, owners: Sequence[bytes]) -> None:
        for start in range(0, len(owners), AT_ONCE):
            theirs = Citizen.cpr_index.in_(owners[start : start + AT_ONCE])
            for statement in _at_their_times(theirs):
                for at, id_, source, external_id, citizen_id, owner, initials in session.execute(statement):
                    self._of_citizens[owner, at, initials].add(_Meeting(id_, source, owner))
                    self._ids.add(group_of(external_id, citizen_id=citizen_id) or external_id)


_Asked = sa.Select[datetime, uuid.UUID, str, str, uuid.UUID, bytes, str]


def _at_their_times(which: sa.ColumnElement[bool], *, times: Sequence[datetime] | None = None) -> Iterable[_Asked]:
    """Yield what asks for meetings at their present times, and at those they were planned for."""
    whose = (Appointment.citizen_id, Citizen.cpr_index, Caseworker.initials)
    columns = (Appointment.id, Appointment.source, Appointment.external_id, *whose)
    present = (
        sa.select(Appointment.starts_at, *columns)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .join(Caseworker, Caseworker.id == Appointment.caseworker_id)
    )
    planned = (
        sa.select(PlannedMeeting.planned_for, *columns)
        .join(Appointment, Appointment.id == PlannedMeeting.appointment_id)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .join(Caseworker, Caseworker.id == PlannedMeeting.caseworker_id)
    )
    for statement, at in ((present, Appointment.starts_at), (planned, PlannedMeeting.planned_for)):
        yield statement.where(which, sa.true() if times is None else at.in_(times))


def _reported(row: OutcomeRow, code: str) -> ReportedLine:
    return refused(row.line, row.external_id, Fault(code=code, sentence=(SENTENCES | _SENTENCES)[code]))
