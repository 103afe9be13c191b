"""Staff and citizens enter the service: from the staff list, the booking system's file, or the API."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messaging.database.base import new_id
from messaging.database.upserts import insert_into
from messaging.errors import Conflict, InvalidInput
from messaging.journal import recording
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.models import (
    CaseloadEntry,
    Caseworker,
    Citizen,
    ContactPoint,
    PhoneNumber,
    Role,
    Standing,
    Unit,
)
from messaging.vault.place import Place


@dataclass(frozen=True, kw_only=True)
class Person:
    """A citizen as another system names one. `cpr` is ten digits."""

    cpr: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)


class AlreadyRegistered(Conflict):
    """Somebody has this CPR number already; the caller may look her up and use her id."""

    code = "already_registered"

    def __init__(self) -> None:
        super().__init__("there is a citizen of this CPR number already")


class NumberInUse(Conflict):
    """Another citizen uses the number: from then on it would be both theirs. A human says first that it is shared."""

    code = "number_in_use"

    def __init__(self) -> None:
        super().__init__("another citizen uses the number; flag it as shared first, if that is what it is")


def register_unit(act: Act, *, name: str) -> Unit:
    """Return the unit of this name, made if there is none."""
    unit = act.session.scalar(sa.select(Unit).filter_by(name=name))
    if unit is None:
        unit = Unit(name=name)
        act.session.add(unit)
        act.session.flush()
    return unit


def register_caseworker(
    act: Act, *, initials: str, name: str, email: str | None, unit_id: uuid.UUID, role: Role
) -> Caseworker:
    """Return the member of staff with these initials, made or brought up to date."""
    if not name.strip():
        raise InvalidInput("a member of staff needs a name: messages are signed with it", field="name")
    staff = act.session.scalar(sa.select(Caseworker).filter_by(initials=initials))
    if staff is None:
        staff = Caseworker(initials=initials, name=name, email=email, unit_id=unit_id, role=role, active=True)
        act.session.add(staff)
        act.session.flush()
        act.audit("staff.added", object_kind="caseworker", object_id=staff.id, facts={"role": role})
    elif (staff.name, staff.email, staff.unit_id, staff.role) != (name, email, unit_id, role):
        staff.name, staff.email, staff.unit_id, staff.role = name, email, unit_id, role
        act.audit("staff.changed", object_kind="caseworker", object_id=staff.id, facts={"role": role})
    return staff


def register_citizens(act: Act, *, people: Sequence[Person]) -> dict[str, Citizen]:
    """Return the citizens of these CPR numbers, made or with their names brought up to date.

    The key of a new citizen commits in the keystore before the citizen does here: a citizen without a key could never
    be read, a key without a citizen is only a spare.
    """
    wanted = {person.cpr: person for person in people}
    indexes = {act.vault.cpr_index(cpr): cpr for cpr in wanted}
    known = act.session.scalars(sa.select(Citizen).where(Citizen.cpr_index.in_(indexes)))
    citizens = {indexes[citizen.cpr_index]: citizen for citizen in known}
    act.vault.warm([citizen.id for citizen in citizens.values()])
    for cpr, citizen in citizens.items():
        _rename(act, citizen, wanted[cpr])
    fresh = {cpr: Citizen(id=new_id()) for cpr in wanted if cpr not in citizens}
    act.vault.create_owners([citizen.id for citizen in fresh.values()])
    for index, cpr in indexes.items():
        if cpr in fresh:
            citizens[cpr] = _fill(act, fresh[cpr], wanted[cpr], index)
    act.session.flush()
    _journal_registered(act, {cpr: citizens[cpr] for cpr in fresh}, wanted)
    return citizens


def register_citizen(act: Act, *, citizen_id: uuid.UUID, person: Person) -> Citizen:
    """Enter one citizen who is not here yet, under this id. Raises AlreadyRegistered.

    Unlike an import, which knows that the booking system's names hold, this changes nobody who is here.
    """
    index = act.vault.cpr_index(person.cpr)
    if act.session.scalar(sa.select(Citizen.id).filter_by(cpr_index=index)) is not None:
        raise AlreadyRegistered
    act.vault.create_owners([citizen_id])
    citizen = _fill(act, Citizen(id=citizen_id), person, index)
    try:
        act.session.flush()
    except IntegrityError:
        raise AlreadyRegistered from None  # by somebody else since the look above
    _journal_registered(act, {person.cpr: citizen}, {person.cpr: person})
    return citizen


def name_number(act: Act, *, citizen_id: uuid.UUID, e164: str, source: str) -> Standing | None:
    """Note that `source` names this number for a citizen; return how it now stands, None if nothing changed.

    The first number is in use. Another one beside it is only proposed: shown to a human, never used by itself.
    """
    number = number_of(act, e164=e164)
    points = act.session.scalars(
        sa.select(ContactPoint).where(ContactPoint.citizen_id == citizen_id, ContactPoint.standing != Standing.ENDED)
    ).all()
    if any(point.number_id == number.id for point in points):
        return None
    in_use = any(point.standing is Standing.IN_USE for point in points)
    standing = Standing.PROPOSED if in_use else Standing.IN_USE
    _add_point(act, citizen_id=citizen_id, number=number, e164=e164, standing=standing, source=source)
    return standing


def accept_number(act: Act, *, contact_point_id: uuid.UUID) -> None:
    """Use a proposed number from now on; the one in use until now ends.

    Raises NumberInUse if another citizen uses it and nobody has flagged it as shared.
    """
    fresh = act.session.get_one(ContactPoint, contact_point_id)
    _refuse_if_anothers(act, fresh)
    old = act.session.scalar(
        sa.select(ContactPoint).filter_by(citizen_id=fresh.citizen_id, standing=Standing.IN_USE).with_for_update()
    )
    if old is not None:
        old.standing, old.valid_to = Standing.ENDED, act.now
        _move_version(act, old.number_id)
        act.session.flush()
    fresh.standing = Standing.IN_USE
    _move_version(act, fresh.number_id)
    act.audit("number.accepted", object_kind="citizen", object_id=fresh.citizen_id)
    act.journal("number.changed", stream=fresh.citizen_id, subject=fresh.id, facts={"standing": Standing.IN_USE})


def propose_number(act: Act, *, citizen_id: uuid.UUID, number: PhoneNumber, e164: str, source: str) -> ContactPoint:
    """Note a number for a citizen that is not used before it is accepted."""
    return _add_point(act, citizen_id=citizen_id, number=number, e164=e164, standing=Standing.PROPOSED, source=source)


def end_number(act: Act, *, contact_point_id: uuid.UUID) -> None:
    """Use a number, in use or proposed, no more; nothing if it has ended already."""
    point = act.session.get_one(ContactPoint, contact_point_id, with_for_update=True, populate_existing=True)
    if point.standing is Standing.ENDED:
        return
    was = point.standing
    point.standing, point.valid_to = Standing.ENDED, act.now
    _move_version(act, point.number_id)
    act.audit("number.ended", object_kind="citizen", object_id=point.citizen_id, facts={"was": was})
    act.journal(EventType.NUMBER_ENDED, stream=point.citizen_id, subject=point.id, facts={"was": was})


def _refuse_if_anothers(act: Act, point: ContactPoint) -> None:
    """The row of the number is locked: of two citizens for whom it is accepted at once, the second is refused."""
    number = act.session.get_one(PhoneNumber, point.number_id, with_for_update=True, populate_existing=True)
    others = sa.exists().where(
        ContactPoint.number_id == number.id,
        ContactPoint.standing == Standing.IN_USE,
        ContactPoint.citizen_id != point.citizen_id,
    )
    if not number.shared and act.session.scalar(sa.select(others)):
        raise NumberInUse


def number_of(act: Act, *, e164: str) -> PhoneNumber:
    """Return the row of a number, made if nobody has mentioned it before; of two at once, both get the same."""
    index = act.vault.phone_index(e164)
    known = sa.select(PhoneNumber).filter_by(number_index=index)
    number = act.session.scalar(known)
    if number is None:
        fresh = insert_into(act.session, PhoneNumber).values(id=new_id(), number_index=index, shared=False, version=1)
        act.session.execute(fresh.on_conflict_do_nothing())
        number = act.session.scalars(known).one()
    return number


def assign(act: Act, *, citizen_id: uuid.UUID, caseworker_id: uuid.UUID) -> None:
    """Let this caseworker look after the citizen from now on."""
    present = act.session.scalar(sa.select(CaseloadEntry).filter_by(citizen_id=citizen_id, valid_to=None))
    if present is not None and present.caseworker_id == caseworker_id:
        return
    if present is not None:
        present.valid_to = act.now
        act.session.flush()
    act.session.add(CaseloadEntry(citizen_id=citizen_id, caseworker_id=caseworker_id, valid_from=act.now))
    act.audit("citizen.assigned", object_kind="citizen", object_id=citizen_id, facts={"to": str(caseworker_id)})


def _fill(act: Act, citizen: Citizen, person: Person, index: bytes) -> Citizen:
    citizen.cpr_index = index
    citizen.cpr = act.seal(person.cpr, owner=citizen.id, table="citizens", column="cpr", row=citizen.id)
    citizen.created_at = act.now
    _name(act, citizen, person)
    act.session.add(citizen)
    act.audit("citizen.added", object_kind="citizen", object_id=citizen.id)
    return citizen


def _journal_registered(act: Act, fresh: dict[str, Citizen], people: dict[str, Person]) -> None:
    recording.record_many(
        act.session,
        act.vault,
        events=[
            recording.NewEvent(
                stream_id=citizen.id,
                type=EventType.CITIZEN_REGISTERED,
                subject_id=citizen.id,
                occurred_at=act.now,
                facts={"cpr": cpr, "first_name": people[cpr].first_name, "last_name": people[cpr].last_name},
            )
            for cpr, citizen in fresh.items()
        ],
    )


def _rename(act: Act, citizen: Citizen, person: Person) -> None:
    names = tuple(
        act.vault.open(sealed, owner=citizen.id, place=Place("citizens", column, citizen.id))
        for column, sealed in (("first_name", citizen.first_name), ("last_name", citizen.last_name))
    )
    if names != (person.first_name, person.last_name):
        _name(act, citizen, person)
        act.audit("citizen.renamed", object_kind="citizen", object_id=citizen.id)


def _name(act: Act, citizen: Citizen, person: Person) -> None:
    for column, text in (("first_name", person.first_name), ("last_name", person.last_name)):
        setattr(citizen, column, act.seal(text, owner=citizen.id, table="citizens", column=column, row=citizen.id))


def _add_point(
    act: Act, *, citizen_id: uuid.UUID, number: PhoneNumber, e164: str, standing: Standing, source: str
) -> ContactPoint:
    point = ContactPoint(
        id=new_id(),
        citizen_id=citizen_id,
        number_id=number.id,
        standing=standing,
        source=source,
        valid_from=act.now,
    )
    point.number = act.seal(e164, owner=citizen_id, table="contact_points", column="number", row=point.id)
    act.session.add(point)
    _move_version(act, number.id)
    act.audit("number.named", object_kind="citizen", object_id=citizen_id, facts={"standing": standing})
    return point


def move_routes(act: Act, *, citizen_id: uuid.UUID) -> None:
    """Tell whoever has looked up this citizen by her number, or the number by her, to look again."""
    numbers = sa.select(ContactPoint.number_id).filter_by(citizen_id=citizen_id, standing=Standing.IN_USE)
    for number_id in act.session.scalars(numbers):
        _move_version(act, number_id)


def _move_version(act: Act, number_id: uuid.UUID) -> None:
    """Tell every cached route to this number that it is out of date."""
    act.session.execute(
        sa.update(PhoneNumber).where(PhoneNumber.id == number_id).values(version=PhoneNumber.version + 1)
    )
