"""The reminder plans for who looks after them: those that hold, those that wait for a signature, and those past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment
from messaging.appointments.plan_models import ReminderPlan
from messaging.appointments.plans import Plan, plans_of
from messaging.people.models import Caseworker, Unit
from messaging.trial.target_groups import read_list


@dataclass(frozen=True, kw_only=True)
class ListedPlan:
    """A plan with its steps, the name of its unit, and the initials of who wrote and signed it."""

    row: ReminderPlan
    plan: Plan
    unit: str | None
    group: str | None
    """What the list calls its target group, if superusers named it."""
    written_by: str
    signed_by: str | None


@dataclass(frozen=True, kw_only=True)
class PlanLists:
    """All plans that were not withdrawn."""

    standing: Sequence[ListedPlan]
    """Signed, and not over."""
    waiting: Sequence[ListedPlan]
    over: Sequence[ListedPlan]


def list_plans(session: Session, *, today: date) -> PlanLists:
    """Return the plans by how they stand, the first day first."""
    signer = sa.orm.aliased(Caseworker)
    rows = session.execute(
        sa.select(ReminderPlan, Unit.name, Caseworker.initials, signer.initials)
        .outerjoin(Unit, Unit.id == ReminderPlan.unit_id)
        .join(Caseworker, Caseworker.id == ReminderPlan.written_by_id)
        .outerjoin(signer, signer.id == ReminderPlan.signed_by_id)
        .where(ReminderPlan.withdrawn_at.is_(None))
        .order_by(ReminderPlan.first_day, ReminderPlan.written_at)
    ).all()
    plans = plans_of(session, [row for row, *_ in rows])
    groups = read_list(session)
    listed = [
        ListedPlan(
            row=row,
            plan=plans[row.id],
            unit=unit,
            group=groups.name_of(row.target_group, day=max(row.first_day, today)) if row.target_group else None,
            written_by=written_by,
            signed_by=signed_by,
        )
        for row, unit, written_by, signed_by in rows
    ]
    signed = [one for one in listed if one.row.signed_at is not None]
    return PlanLists(
        standing=[one for one in signed if not _is_over(one.row, today)],
        waiting=[one for one in listed if one.row.signed_at is None],
        over=[one for one in signed if _is_over(one.row, today)],
    )


def count_waiting(session: Session) -> int:
    """Count the plans that wait for a signature."""
    waits = ReminderPlan.signed_at.is_(None), ReminderPlan.withdrawn_at.is_(None)
    return session.scalar(sa.select(sa.func.count()).select_from(ReminderPlan).where(*waits)) or 0


def known_types(session: Session) -> Sequence[str]:
    """Return the types that meetings have, as the booking system writes them."""
    return session.scalars(sa.select(Appointment.meeting_type).distinct().order_by(Appointment.meeting_type)).all()


def _is_over(row: ReminderPlan, today: date) -> bool:
    return row.last_day is not None and (row.last_day < today or row.last_day < row.first_day)
