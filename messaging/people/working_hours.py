"""When a caseworker works in the week, if she has said so; else she is taken to work when the office is open."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import InvalidInput, NotAllowed
from messaging.people.absence_models import Absence, WorkingHours
from messaging.people.acting import Act
from messaging.people.actors import ActorKind
from messaging.people.covering import in_force
from messaging.people.models import CaseloadEntry, Caseworker, Role

WEEKDAYS = range(7)

Week = Mapping[int, tuple[time, time]]
"""When she begins and ends on each weekday she works (Monday is 0), on the wall clock."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads what a citizen writes: her caseworker, who may be away, and then a deputy if she is covered."""

    caseworker: Caseworker
    absence: Absence | None
    is_covered: bool


def set_hours(act: Act, *, week: Week) -> None:
    """Let these be the acting caseworker's own hours from now on; none: those of the office. Raises InvalidInput."""
    if act.actor.kind is not ActorKind.STAFF or act.actor.role is not Role.CASEWORKER:
        raise NotAllowed("only a caseworker has working hours")
    if any(day not in WEEKDAYS or begins >= ends for day, (begins, ends) in week.items()):
        raise InvalidInput("a day's work ends after it begins", field="hours")
    act.session.execute(sa.delete(WorkingHours).filter_by(caseworker_id=act.actor.id))
    rows = [
        {"caseworker_id": act.actor.id, "weekday": day, "begins": begins, "ends": ends}
        for day, (begins, ends) in week.items()
    ]
    if rows:
        act.session.execute(sa.insert(WorkingHours), rows)
    if act.actor.id is not None:
        act.audit("working_hours.set", object_kind="caseworker", object_id=act.actor.id, facts={"days": len(rows)})


def hours_of(session: Session, caseworker_id: uuid.UUID) -> Week:
    """Return a caseworker's own hours; empty if she has said nothing."""
    rows = session.scalars(
        sa.select(WorkingHours).filter_by(caseworker_id=caseworker_id).order_by(WorkingHours.weekday)
    )
    return {row.weekday: (row.begins, row.ends) for row in rows}


def who_reads(session: Session, citizen_id: uuid.UUID, *, now: datetime) -> Reader | None:
    """Return who looks after a citizen, and whether she, or a deputy who is here, reads now; None if nobody does."""
    deputys = sa.orm.aliased(Absence)
    here = sa.and_(Absence.deputy_id.is_not(None), deputys.id.is_(None))
    row = session.execute(
        sa.select(Caseworker, Absence, here)
        .join(CaseloadEntry, CaseloadEntry.caseworker_id == Caseworker.id)
        .outerjoin(Absence, sa.and_(Absence.caseworker_id == Caseworker.id, in_force(now, Absence)))
        .outerjoin(deputys, sa.and_(deputys.caseworker_id == Absence.deputy_id, in_force(now, deputys)))
        .where(CaseloadEntry.citizen_id == citizen_id, CaseloadEntry.valid_to.is_(None))
    ).first()
    return Reader(caseworker=row[0], absence=row[1], is_covered=bool(row[2])) if row else None
