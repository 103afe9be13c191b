"""What a deputy sees: of an absent colleague's citizens those who wait now, and those with a meeting today.

Everything else of that caseload stays hidden. Whom she has opened she may see until midnight, so that she reads what
becomes of her answer; then the thread is gone unless it waits again. Who stands in at a meeting sees its citizen that
day.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Decision, Rearrangement
from messaging.clock import day_around
from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.database.base import Moment
from messaging.people.absence_models import Absence, CoveredOpening
from messaging.people.actors import Actor, Because, Cover
from messaging.people.covering import deputy_is_of_the_unit, in_force
from messaging.people.models import CaseloadEntry, Caseworker, Role

ORDER = tuple(Because)
"""Of several reasons the first is told."""

Narrow = Callable[[Any, Any], sa.ColumnElement[bool]]
"""Says of the columns of citizen and deputy what they must be."""

NOW, BEGINS, ENDS = (sa.bindparam(name, type_=Moment()) for name in ("now", "begins", "ends"))
"""This moment, and the beginning and end of its day. Every request of a caseworker asks: putting the statement together
anew each time would cost more than asking it."""

Part = sa.Select[uuid.UUID, uuid.UUID | None, uuid.UUID | None, str]
"""Citizen, deputy, absence and reason."""

Covered = sa.CompoundSelect[uuid.UUID, uuid.UUID, uuid.UUID | None, str]
"""All parts together."""


def covered_by(session: Session, actor: Actor, now: datetime) -> Mapping[uuid.UUID, Cover]:
    """Return which citizens of colleagues are open to this caseworker now, and why."""
    if actor.role is not Role.CASEWORKER:
        return {}
    rows = session.execute(_open_to_one(), {**_moments(now), "deputy": actor.id}).all()
    covers = {
        citizen_id: Cover(because=Because(because), absence_id=absence_id)
        for citizen_id, _, absence_id, because in sorted(rows, key=lambda row: ORDER.index(row[3]), reverse=True)
    }
    return MappingProxyType(covers)


def deputies_of(
    session: Session, citizen_ids: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return to whom each of these citizens is open now by cover."""
    if not citizen_ids:
        return {}
    deputies: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    rows = _covered(lambda citizen, _: citizen.in_(citizen_ids)).subquery()
    worker = sa.and_(Caseworker.id == rows.c.deputy_id, Caseworker.role == Role.CASEWORKER, Caseworker.active)
    found = session.execute(sa.select(rows.c.citizen_id, Caseworker.id).join(Caseworker, worker), _moments(now))
    for citizen_id, deputy_id in found:
        deputies[citizen_id].add(deputy_id)
    return {citizen_id: frozenset(ids) for citizen_id, ids in deputies.items()}


@cache
def _open_to_one() -> Covered:
    return _covered(lambda _citizen, deputy: deputy == sa.bindparam("deputy", type_=sa.Uuid()))


def _covered(narrow: Narrow) -> Covered:
    return sa.union_all(*(part(narrow) for part in (_waiting, _meetings, _opened, _standing_in)))


def _moments(now: datetime) -> dict[str, datetime]:
    begins, ends = day_around(now)
    return {"now": now, "begins": begins, "ends": ends}


def _part(narrow: Narrow, *, citizen: Any, deputy: Any, absence: Any, because: Any) -> Part:
    columns = {"citizen_id": citizen, "deputy_id": deputy, "absence_id": absence, "because": because}
    return sa.select(*(column.label(name) for name, column in columns.items())).where(narrow(citizen, deputy))


def _waiting(narrow: Narrow) -> Part:
    """Whoever waits for an answer, and where there is a sign of danger."""
    is_danger = Conversation.danger_since.is_not(None)
    because = sa.case((is_danger, Because.DANGER), else_=Because.WAITING)
    return (
        _part(narrow, citizen=CaseloadEntry.citizen_id, deputy=Absence.deputy_id, absence=Absence.id, because=because)
        .select_from(Absence)
        .join(CaseloadEntry, CaseloadEntry.caseworker_id == Absence.caseworker_id)
        .join(Conversation, Conversation.id == CaseloadEntry.citizen_id)
        .where(in_force(NOW), deputy_is_of_the_unit(), CaseloadEntry.valid_to.is_(None))
        .where(sa.or_(Conversation.waiting == Waiting.FOR_US, is_danger))
    )


def _meetings(narrow: Narrow) -> Part:
    """Whoever has a meeting today with the one who is away."""
    return (
        _part(
            narrow,
            citizen=Appointment.citizen_id,
            deputy=Absence.deputy_id,
            absence=Absence.id,
            because=sa.literal(Because.MEETING),
        )
        .select_from(Absence)
        .join(Appointment, Appointment.caseworker_id == Absence.caseworker_id)
        .where(in_force(NOW), deputy_is_of_the_unit(), *_today())
    )


def _opened(narrow: Narrow) -> Part:
    """Whom she has opened today, as long as she covers and the citizen is still the absent one's."""
    return (
        _part(
            narrow,
            citizen=CoveredOpening.citizen_id,
            deputy=CoveredOpening.caseworker_id,
            absence=Absence.id,
            because=sa.literal(Because.OPENED_TODAY),
        )
        .select_from(CoveredOpening)
        .join(Absence, Absence.id == CoveredOpening.absence_id)
        .join(CaseloadEntry, CaseloadEntry.citizen_id == CoveredOpening.citizen_id)
        .where(in_force(NOW), deputy_is_of_the_unit())
        .where(CoveredOpening.opened_at >= BEGINS, CoveredOpening.caseworker_id == Absence.deputy_id)
        .where(CaseloadEntry.valid_to.is_(None), CaseloadEntry.caseworker_id == Absence.caseworker_id)
    )


def _standing_in(narrow: Narrow) -> Part:
    """Whose meeting today she holds in somebody's place."""
    no_absence = sa.cast(sa.null(), sa.Uuid())
    return (
        _part(
            narrow,
            citizen=Appointment.citizen_id,
            deputy=Rearrangement.stand_in_id,
            absence=no_absence,
            because=sa.literal(Because.MEETING),
        )
        .select_from(Appointment)
        .join(
            Rearrangement,
            sa.and_(Rearrangement.appointment_id == Appointment.id, Rearrangement.revision == Appointment.revision),
        )
        .where(Rearrangement.decision == Decision.STAND_IN, *_today())
    )


def _today() -> tuple[sa.ColumnElement[bool], ...]:
    return Appointment.starts_at >= BEGINS, Appointment.starts_at < ENDS
