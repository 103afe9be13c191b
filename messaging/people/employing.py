"""Who works here, as the superuser keeps it: units, people, their roles, first passwords, and who has left.

A change of role or unit ends the sessions of the old one. Somebody who leaves keeps her name in all she has written.
"""

import secrets
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people import signing_in
from messaging.people.acting import Act
from messaging.people.models import Caseworker, Role, Unit

LONGEST = 100
PASSWORD_BYTES = 12
"""Sixteen characters, shown once."""


class LastSuperuser(Conflict):
    """Somebody must be left who can let others in."""

    code = "last_superuser"


class Yourself(Conflict):
    """Nobody shuts herself out or gives herself another role."""

    code = "yourself"


class NameTaken(Conflict):
    """Another unit or member of staff has this name, these initials or this address."""

    code = "name_taken"


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What is known of a member of staff."""

    initials: str
    name: str
    email: str | None
    unit_id: uuid.UUID
    role: Role


def add_unit(act: Act, *, unit_id: uuid.UUID, name: str) -> None:
    """Make a unit; the same id again is the same unit. Raises NameTaken, InvalidInput."""
    if act.session.get(Unit, unit_id) is None:
        act.session.add(Unit(id=unit_id, name=_word(name, field="name")))
        _flush(act)
        act.audit("unit.added", object_kind="unit", object_id=unit_id)


def rename_unit(act: Act, *, unit_id: uuid.UUID, name: str) -> None:
    """Give a unit another name. Raises NotFound, NameTaken, InvalidInput."""
    unit = act.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("there is no such unit")
    unit.name = _word(name, field="name")
    _flush(act)
    act.audit("unit.renamed", object_kind="unit", object_id=unit_id)


def add_staff(act: Act, *, staff_id: uuid.UUID, particulars: Particulars) -> None:
    """Let somebody work here; the same id again is the same person. Raises NameTaken, NotFound, InvalidInput."""
    if act.session.get(Caseworker, staff_id) is not None:
        return
    checked = _checked(act, particulars, besides=staff_id)
    act.session.add(
        Caseworker(
            id=staff_id,
            initials=checked.initials,
            name=checked.name,
            email=checked.email,
            unit_id=checked.unit_id,
            role=checked.role,
            active=True,
        )
    )
    _flush(act)
    act.audit("staff.added", object_kind="caseworker", object_id=staff_id, facts={"role": checked.role})


def change_staff(act: Act, *, staff_id: uuid.UUID, particulars: Particulars) -> None:
    """Bring a member of staff up to date. Raises Yourself, LastSuperuser, NameTaken, NotFound, InvalidInput."""
    staff = find_staff(act, staff_id)
    checked = _checked(act, particulars, besides=staff_id)
    moved = (staff.role, staff.unit_id) != (checked.role, checked.unit_id)
    if staff.role is not checked.role:
        _refuse_if_nobody_is_left(act, staff)
        act.audit(
            "staff.role_changed",
            object_kind="caseworker",
            object_id=staff_id,
            facts={"from": staff.role, "to": checked.role},
        )
    staff.initials, staff.name, staff.email = checked.initials, checked.name, checked.email
    staff.unit_id, staff.role = checked.unit_id, checked.role
    _flush(act)
    if moved:
        signing_in.end_sessions(act, caseworker_id=staff_id)
    act.audit("staff.changed", object_kind="caseworker", object_id=staff_id, facts={"role": staff.role})


def shut_out(act: Act, *, staff_id: uuid.UUID) -> None:
    """Let a member of staff sign in no more. Raises Yourself, LastSuperuser, NotFound."""
    staff = find_staff(act, staff_id)
    _refuse_if_nobody_is_left(act, staff)
    if staff.active:
        signing_in.disable(act, staff=staff)


def let_in_again(act: Act, *, staff_id: uuid.UUID) -> None:
    """Let somebody who had left sign in again. Raises NotFound."""
    staff = find_staff(act, staff_id)
    if not staff.active:
        staff.active = True
        act.audit("staff.enabled", object_kind="caseworker", object_id=staff_id)


def give_password(act: Act, *, staff_id: uuid.UUID) -> str:
    """Give a member of staff a fresh password and return it, to be shown once. Raises NotFound."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    signing_in.set_password(act, caseworker_id=find_staff(act, staff_id).id, password=password)
    return password


def find_staff(act: Act, staff_id: uuid.UUID) -> Caseworker:
    """Return a member of staff. Raises NotFound."""
    staff = act.session.get(Caseworker, staff_id, with_for_update=True)
    if staff is None:
        raise NotFound("there is no such member of staff")
    return staff


def _refuse_if_nobody_is_left(act: Act, staff: Caseworker) -> None:
    """All superusers are held meanwhile: of two who remove each other at the same moment, one is told."""
    if staff.id == act.actor.id:
        raise Yourself("another superuser does this")
    if staff.role is Role.SUPERUSER and staff.active:
        superusers = sa.select(Caseworker.id).filter_by(role=Role.SUPERUSER, active=True)
        if set(act.session.scalars(superusers.order_by(Caseworker.id).with_for_update())) <= {staff.id}:
            raise LastSuperuser("a superuser must be left")


def _checked(act: Act, particulars: Particulars, *, besides: uuid.UUID) -> Particulars:
    """Return them tidied. Raises InvalidInput, NotFound or NameTaken."""
    initials, name = _word(particulars.initials, field="initials"), _word(particulars.name, field="name")
    email = (particulars.email or "").strip() or None
    if email is not None and ("@" not in email or len(email) > LONGEST or any(map(str.isspace, email))):
        raise InvalidInput("this is no e-mail address", field="email")
    if act.session.get(Unit, particulars.unit_id) is None:
        raise NotFound("there is no such unit")
    same = sa.func.lower(Caseworker.initials) == initials.lower()
    if email is not None:
        same = sa.or_(same, sa.func.lower(Caseworker.email) == email.lower())
    if act.session.scalar(sa.select(Caseworker.id).where(same, Caseworker.id != besides).limit(1)) is not None:
        raise NameTaken("somebody else signs in by this")
    return Particulars(initials=initials, name=name, email=email, unit_id=particulars.unit_id, role=particulars.role)


def _word(word: str, *, field: str) -> str:
    plain = " ".join(word.split())
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise InvalidInput("something short must stand here", field=field)
    return plain


def _flush(act: Act) -> None:
    try:
        act.session.flush()
    except IntegrityError:
        raise NameTaken("there is one of this name already") from None
