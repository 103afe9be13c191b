"""What is known of attendance: the official word on each meeting, and what is missing."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.external_ids import group_of
from messaging.appointments.models import Appointment
from messaging.appointments.planned_models import PlannedMeeting
from messaging.attendance.models import BaselineCount, OfficialOutcome, OfficialWord
from messaging.people.models import Caseworker, Unit

HELD_WITHIN = timedelta(days=14)
"""A meeting that was not held as planned, and is within this, was put off and not lost."""
AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Attended:
    """A meeting that counts, at the time it was planned for. `outcome` is None while nobody has told.

    `held_within`: one of this kind with this citizen was held then or in the fourteen days after it, or this very one
    was held earlier, because it was moved to an earlier time.
    """

    appointment_id: uuid.UUID
    citizen_id: uuid.UUID
    caseworker_id: uuid.UUID
    meeting_type: str
    planned_for: datetime
    outcome: OfficialWord | None
    held_within: bool
    eligible: bool | None
    """Whether the trial may count it; None where that was not noted."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """How many meetings of a unit that count and have begun nobody has told of, and since when the oldest waits."""

    unit: str
    meetings: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True)
class MissingMeeting:
    """One of them, by the id its source gave it, or gave the whole meeting of several; whose it is stands there."""

    unit: str
    caseworker: str
    """Initials."""
    source: str
    external_id: str
    meeting_type: str
    planned_for: datetime


def latest_outcomes(
    session: Session, appointment_ids: Collection[uuid.UUID]
) -> dict[tuple[uuid.UUID, datetime], OfficialWord]:
    """Return the last official word on these meetings, by meeting and time."""
    found: dict[tuple[uuid.UUID, datetime], OfficialWord] = {}
    ids = sorted(appointment_ids)
    for start in range(0, len(ids), AT_ONCE):
        rows = session.execute(
            sa.select(OfficialOutcome.appointment_id, OfficialOutcome.planned_for, OfficialOutcome.outcome)
            .where(OfficialOutcome.appointment_id.in_(ids[start : start + AT_ONCE]))
            .order_by(OfficialOutcome.imported_at, OfficialOutcome.id)
        )
        found |= {(row.appointment_id, row.planned_for): row.outcome for row in rows}
    return found


def attended(session: Session, *, since: datetime, until: datetime) -> Iterator[Attended]:
    """Yield the meetings that count and were planned for a time in [since, until), in the order of their times.

    Those that we cancelled are among them: they leave the count later, and are counted themselves.
    """
    rows = session.execute(
        sa.select(PlannedMeeting, Appointment.citizen_id)
        .join(Appointment, Appointment.id == PlannedMeeting.appointment_id)
        .where(PlannedMeeting.stood, PlannedMeeting.planned_for >= since, PlannedMeeting.planned_for < until)
        .order_by(PlannedMeeting.planned_for, PlannedMeeting.appointment_id)
    ).all()
    told = latest_outcomes(session, {planned.appointment_id for planned, _ in rows})
    held = _held(session, since=since, until=until + HELD_WITHIN)
    own: dict[uuid.UUID, list[datetime]] = {}
    for (appointment_id, at), word in told.items():
        if word is OfficialWord.HELD:
            own.setdefault(appointment_id, []).append(at)
    for planned, citizen_id in rows:
        times = held.get((citizen_id, planned.meeting_type), ())
        in_place_of_it = (at for at in own.get(planned.appointment_id, ()) if planned.decided_at <= at)
        yield Attended(
            appointment_id=planned.appointment_id,
            citizen_id=citizen_id,
            caseworker_id=planned.caseworker_id,
            meeting_type=planned.meeting_type,
            planned_for=planned.planned_for,
            outcome=told.get((planned.appointment_id, planned.planned_for)),
            held_within=any(planned.planned_for <= at <= planned.planned_for + HELD_WITHIN for at in times)
            or any(at < planned.planned_for for at in in_place_of_it),
            eligible=planned.eligible,
        )


def without_outcome(session: Session, *, at: datetime) -> int:
    """Return how many meetings that count and have begun nobody has told of."""
    return session.scalar(sa.select(sa.func.count()).select_from(_untold(at).subquery())) or 0


def missing_by_unit(session: Session, *, at: datetime) -> list[Missing]:
    """Return the same by unit, those with most of them first: whom to ask."""
    untold = _untold(at).subquery()
    rows = session.execute(
        sa.select(Unit.name, sa.func.count(), sa.func.min(untold.c.planned_for, type_=untold.c.planned_for.type))
        .join(Caseworker, Caseworker.id == untold.c.caseworker_id)
        .join(Unit, Unit.id == Caseworker.unit_id)
        .group_by(Unit.name)
        .order_by(sa.func.count().desc(), Unit.name)
    )
    return [Missing(unit=unit, meetings=meetings, oldest=oldest) for unit, meetings, oldest in rows]


def list_missing(session: Session, *, at: datetime, limit: int) -> list[MissingMeeting]:
    """Return the first of those meetings, the oldest first."""
    untold = _untold(at).subquery()
    rows = session.execute(
        sa.select(
            Unit.name,
            Caseworker.initials,
            Appointment.source,
            Appointment.external_id,
            Appointment.citizen_id,
            Appointment.meeting_type,
            untold.c.planned_for,
        )
        .join(Appointment, Appointment.id == untold.c.appointment_id)
        .join(Caseworker, Caseworker.id == untold.c.caseworker_id)
        .join(Unit, Unit.id == Caseworker.unit_id)
        .order_by(untold.c.planned_for, Appointment.external_id)
        .limit(limit)
    )
    return [
        MissingMeeting(
            unit=unit,
            caseworker=initials,
            source=source,
            external_id=group_of(external_id, citizen_id=citizen_id) or external_id,
            meeting_type=meeting_type,
            planned_for=planned_for,
        )
        for unit, initials, source, external_id, citizen_id, meeting_type, planned_for in rows
    ]


def _held(session: Session, *, since: datetime, until: datetime) -> Mapping[tuple[uuid.UUID, str], list[datetime]]:
    """Return when meetings were held, by citizen and kind of meeting."""
    rows = session.execute(
        sa.select(Appointment.id, Appointment.citizen_id, Appointment.meeting_type)
        .join(OfficialOutcome, OfficialOutcome.appointment_id == Appointment.id)
        .where(OfficialOutcome.planned_for >= since, OfficialOutcome.planned_for < until)
        .distinct()
    ).all()
    whose = {row.id: (row.citizen_id, row.meeting_type) for row in rows}
    found: dict[tuple[uuid.UUID, str], list[datetime]] = {}
    for (appointment_id, planned_for), word in latest_outcomes(session, whose).items():
        if word is OfficialWord.HELD:
            found.setdefault(whose[appointment_id], []).append(planned_for)
    return found


def _untold(at: datetime) -> sa.Select[uuid.UUID, uuid.UUID, datetime]:
    told = sa.exists().where(
        OfficialOutcome.appointment_id == PlannedMeeting.appointment_id,
        OfficialOutcome.planned_for == PlannedMeeting.planned_for,
    )
    return sa.select(PlannedMeeting.appointment_id, PlannedMeeting.caseworker_id, PlannedMeeting.planned_for).where(
        PlannedMeeting.stood, PlannedMeeting.planned_for <= at, ~told
    )


def baseline_rates(session: Session) -> dict[uuid.UUID, float]:
    """Return caseworker → share of no-shows among her meetings of the baseline, less those that we cancelled."""
    rows = session.execute(
        sa.select(BaselineCount.caseworker_id, BaselineCount.outcome, sa.func.sum(BaselineCount.meetings))
        .where(BaselineCount.outcome != OfficialWord.CANCELLED_BY_US)
        .group_by(BaselineCount.caseworker_id, BaselineCount.outcome)
    )
    counted: dict[uuid.UUID, Counter[OfficialWord]] = {}
    for caseworker_id, outcome, meetings in rows:
        counted.setdefault(caseworker_id, Counter())[outcome] += int(meetings)
    return {id_: counts[OfficialWord.NO_SHOW] / counts.total() for id_, counts in counted.items() if counts.total() > 0}
