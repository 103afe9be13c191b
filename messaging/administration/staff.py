"""Who works here, for those who look after it: units, people, and how many citizens each still has. Read only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import NotFound
from messaging.people.models import CaseloadEntry, Caseworker, Role, Unit


@dataclass(frozen=True, kw_only=True)
class StaffLine:
    """A member of staff. `citizens` is how many she looks after; of one who has left they wait for somebody else."""

    id: uuid.UUID
    initials: str
    name: str
    email: str | None
    role: Role
    active: bool
    has_password: bool
    unit_id: uuid.UUID
    citizens: int


def list_units(session: Session) -> Sequence[Unit]:
    """Return all units by name."""
    return session.scalars(sa.select(Unit).order_by(Unit.name)).all()


def list_staff(session: Session) -> Sequence[StaffLine]:
    """Return all members of staff by unit and name, those who have left last."""
    in_order = _lines().order_by(Caseworker.active.desc(), Unit.name, Caseworker.name)
    return [_line(*row) for row in session.execute(in_order)]


def find_line(session: Session, staff_id: uuid.UUID) -> StaffLine:
    """Return one member of staff. Raises NotFound."""
    row = session.execute(_lines().where(Caseworker.id == staff_id)).first()
    if row is None:
        raise NotFound("there is no such member of staff")
    return _line(*row)


def _lines() -> sa.Select[Caseworker, Any]:
    present = (
        sa.select(CaseloadEntry.caseworker_id, sa.func.count().label("citizens"))
        .where(CaseloadEntry.valid_to.is_(None))
        .group_by(CaseloadEntry.caseworker_id)
        .subquery()
    )
    return (
        sa.select(Caseworker, sa.func.coalesce(present.c.citizens, 0))
        .join(Unit, Unit.id == Caseworker.unit_id)
        .outerjoin(present, present.c.caseworker_id == Caseworker.id)
    )


def _line(staff: Caseworker, citizens: int) -> StaffLine:
    return StaffLine(
        id=staff.id,
        initials=staff.initials,
        name=staff.name,
        email=staff.email,
        role=staff.role,
        active=staff.active,
        has_password=staff.password_hash is not None,
        unit_id=staff.unit_id,
        citizens=citizens,
    )
