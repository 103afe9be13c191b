"""What screens and the API show of people: names and numbers opened, a page at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.actors import Actor
from messaging.people.models import Citizen, ContactPoint, OptOut, PhoneNumber, Standing
from messaging.people.reaching import SMS
from messaging.people.visibility import visible_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class NumberView:
    """A number of a citizen, as it stands."""

    id: uuid.UUID
    number: str = field(repr=False)
    standing: Standing
    source: str
    valid_from: datetime
    valid_to: datetime | None
    shared: bool
    paused: bool


@dataclass(frozen=True, kw_only=True)
class CitizenView:
    """A citizen with her numbers, newest first."""

    id: uuid.UUID
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    created_at: datetime
    opted_out: bool
    numbers: tuple[NumberView, ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def number_in_use(self) -> NumberView | None:
        """The number that messages go to."""
        return next((number for number in self.numbers if number.standing is Standing.IN_USE), None)


def list_citizens(session: Session, actor: Actor, *, after: uuid.UUID | None, limit: int) -> Sequence[Citizen]:
    """Return the next citizens this actor may see, in the order they were registered."""
    chosen = sa.select(Citizen).where(visible_to(actor)).order_by(Citizen.id).limit(limit)
    if after is not None:
        chosen = chosen.where(Citizen.id > after)
    return session.scalars(chosen).all()


def find_by_cpr(session: Session, vault: Vault, actor: Actor, *, cpr: str) -> Sequence[Citizen]:
    """Return the citizen of this CPR number, if there is one this actor may see."""
    chosen = sa.select(Citizen).where(Citizen.cpr_index == vault.cpr_index(cpr), visible_to(actor))
    return session.scalars(chosen).all()


def describe(session: Session, vault: Vault, citizens: Sequence[Citizen]) -> list[CitizenView]:
    """Open names and numbers of these citizens."""
    ids = [citizen.id for citizen in citizens]
    vault.warm(ids)
    out = set(session.scalars(sa.select(OptOut.citizen_id).where(OptOut.citizen_id.in_(ids), _standing_wish())))
    numbers = _numbers(session, vault, ids)
    return [
        CitizenView(
            id=citizen.id,
            first_name=_open(vault, citizen, "first_name"),
            last_name=_open(vault, citizen, "last_name"),
            created_at=citizen.created_at,
            opted_out=citizen.id in out,
            numbers=tuple(numbers.get(citizen.id, ())),
        )
        for citizen in citizens
    ]


def name_citizens(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of these citizens, for lists."""
    vault.warm(ids)
    citizens = session.scalars(sa.select(Citizen).where(Citizen.id.in_(ids)))
    return {
        citizen.id: f"{_open(vault, citizen, 'first_name')} {_open(vault, citizen, 'last_name')}"
        for citizen in citizens
    }


def _standing_wish() -> sa.ColumnElement[bool]:
    return sa.and_(OptOut.medium == SMS, OptOut.lifted_at.is_(None))


def _numbers(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[NumberView]]:
    rows = session.execute(
        sa.select(ContactPoint, PhoneNumber)
        .join(PhoneNumber, PhoneNumber.id == ContactPoint.number_id)
        .where(ContactPoint.citizen_id.in_(ids))
        .order_by(ContactPoint.id.desc())
    )
    numbers: dict[uuid.UUID, list[NumberView]] = {}
    for point, number in rows:
        view = NumberView(
            id=point.id,
            number=vault.open(point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id)),
            standing=point.standing,
            source=point.source,
            valid_from=point.valid_from,
            valid_to=point.valid_to,
            shared=number.shared,
            paused=number.paused_since is not None,
        )
        numbers.setdefault(point.citizen_id, []).append(view)
    return numbers


def _open(vault: Vault, citizen: Citizen, column: str) -> str:
    return vault.open(getattr(citizen, column), owner=citizen.id, place=Place("citizens", column, citizen.id))
