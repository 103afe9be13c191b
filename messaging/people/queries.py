"""What screens and the API show of people: names and numbers opened, a page at a time."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.changes import SeenChange
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen, ContactPoint, OptOut, PauseReason, PhoneNumber, Standing, Unit
from messaging.people.reaching import SMS
from messaging.people.visibility import find_citizen, known_to, visible_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault

EVERYBODY = uuid.UUID(int=0)
"""The object of an audit entry about no single citizen."""


@dataclass(frozen=True, kw_only=True)
class NumberView:
    """A number of a citizen, as it stands. `id` is the contact point's; `several`: another citizen uses it now."""

    id: uuid.UUID
    number: str = field(repr=False)
    standing: Standing
    source: str
    valid_from: datetime
    valid_to: datetime | None
    shared: bool
    several: bool
    paused_since: datetime | None
    pause_reason: PauseReason | None
    provider_blocked_since: datetime | None

    @property
    def paused(self) -> bool:
        """Whether nothing is sent to it until a human has looked."""
        return self.paused_since is not None


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
    """Return the next citizens this actor may know of, in the order they were registered."""
    chosen = sa.select(Citizen).where(known_to(actor)).order_by(Citizen.id).limit(limit)
    if after is not None:
        chosen = chosen.where(Citizen.id > after)
    return session.scalars(chosen).all()


def note_listing(act: Act, *, count: int) -> None:
    """Note that somebody was shown the names and numbers of so many citizens."""
    act.audit("citizens.listed", object_kind="citizens", object_id=EVERYBODY, facts={"count": count})


def citizens_concerned(changes: Collection[SeenChange]) -> set[uuid.UUID]:
    """Return whom some changes concern as citizens; those of other rooms concern none here."""
    return {change.object_id for change in changes if change.kind.startswith("citizen.")}


def find_by_cpr(session: Session, vault: Vault, actor: Actor, *, cpr: str) -> Sequence[Citizen]:
    """Return the citizen of this CPR number, if there is one this actor may see."""
    chosen = sa.select(Citizen).where(Citizen.cpr_index == vault.cpr_index(cpr), visible_to(actor))
    return session.scalars(chosen).all()


def find_caseworker(session: Session, *, initials: str) -> uuid.UUID:
    """Return the id of who works here under these initials. Raises InvalidInput if nobody does."""
    found = session.scalar(sa.select(Caseworker.id).filter_by(initials=initials, active=True))
    if found is None:
        raise InvalidInput("there is no such caseworker", field="caseworker")
    return found


def find_unit(session: Session, *, name: str) -> uuid.UUID:
    """Return the id of the unit of this name. Raises InvalidInput if there is none."""
    found = session.scalar(sa.select(Unit.id).filter_by(name=name))
    if found is None:
        raise InvalidInput("there is no such unit", field="unit")
    return found


def find_point(session: Session, actor: Actor, *, citizen_id: uuid.UUID, point_id: uuid.UUID) -> ContactPoint:
    """Return a number that is, or may become, this citizen's, before something is done with it. Raises NotFound."""
    find_citizen(session, actor, citizen_id)
    chosen = sa.select(ContactPoint).filter_by(id=point_id, citizen_id=citizen_id)
    point = session.scalar(chosen.where(ContactPoint.standing != Standing.ENDED).with_for_update())
    if point is None:
        raise NotFound("the citizen has no such number")
    return point


def find_proposed(session: Session, actor: Actor, *, citizen_id: uuid.UUID, point_id: uuid.UUID) -> ContactPoint:
    """As `find_point`, for a number that waits for a human. Raises Conflict if it is in use already."""
    point = find_point(session, actor, citizen_id=citizen_id, point_id=point_id)
    if point.standing is not Standing.PROPOSED:
        raise Conflict("the number is in use already")
    return point


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


def first_names(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the first names of these citizens, for who knows them but is not of our staff."""
    vault.warm(ids)
    citizens = session.scalars(sa.select(Citizen).where(Citizen.id.in_(ids)))
    return {citizen.id: _open(vault, citizen, "first_name") for citizen in citizens}


def name_staff(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of these members of staff."""
    return dict(session.execute(sa.select(Caseworker.id, Caseworker.name).where(Caseworker.id.in_(ids))).all())


def numbers_in_use(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the number in use of each of these citizens who has one. Whoever shows it leaves an audit entry."""
    vault.warm(ids)
    points = session.scalars(
        sa.select(ContactPoint).where(ContactPoint.citizen_id.in_(ids), ContactPoint.standing == Standing.IN_USE)
    )
    return {
        point.citizen_id: vault.open(
            point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id)
        )
        for point in points
    }


def _standing_wish() -> sa.ColumnElement[bool]:
    return sa.and_(OptOut.medium == SMS, OptOut.lifted_at.is_(None))


def _numbers(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[NumberView]]:
    holders = sa.orm.aliased(ContactPoint)
    several = sa.exists().where(
        holders.number_id == PhoneNumber.id,
        holders.standing == Standing.IN_USE,
        holders.citizen_id != ContactPoint.citizen_id,
    )
    rows = session.execute(
        sa.select(ContactPoint, PhoneNumber, several)
        .join(PhoneNumber, PhoneNumber.id == ContactPoint.number_id)
        .where(ContactPoint.citizen_id.in_(ids))
        .order_by(ContactPoint.id.desc())
    )
    numbers: dict[uuid.UUID, list[NumberView]] = {}
    for point, number, has_several in rows:
        view = NumberView(
            id=point.id,
            number=vault.open(point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id)),
            standing=point.standing,
            source=point.source,
            valid_from=point.valid_from,
            valid_to=point.valid_to,
            shared=number.shared,
            several=bool(has_several),
            paused_since=number.paused_since,
            pause_reason=number.pause_reason,
            provider_blocked_since=number.provider_blocked_since,
        )
        numbers.setdefault(point.citizen_id, []).append(view)
    return numbers


def _open(vault: Vault, citizen: Citizen, column: str) -> str:
    return vault.open(getattr(citizen, column), owner=citizen.id, place=Place("citizens", column, citizen.id))
