"""From a number to people, and from a person to the number in use: the look-ups on every message's way.

A number matches nobody, one person or several. Only one person's number leads to a thread; nobody's and several
persons' go to triage, never to everyone and never to an arbitrary one. So does one's whose case is closed.
"""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.engine import Database
from messaging.database.look_ups import LookUp
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.card_models import CaseClosing
from messaging.people.models import Citizen, ContactPoint, OptOut, PhoneNumber, Standing

SMS = "sms"
APP = "app"

IdColumn = sa.ColumnElement[uuid.UUID] | sa.orm.InstrumentedAttribute[uuid.UUID]

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whom a number belongs to, as of `version` of the number's row."""

    number_id: uuid.UUID
    version: int
    citizen_ids: tuple[uuid.UUID, ...]
    shared: bool

    @property
    def citizen_id(self) -> uuid.UUID | None:
        """The one person whose thread a message from this number belongs to; None sends it to triage."""
        return self.citizen_ids[0] if len(self.citizen_ids) == 1 and not self.shared else None


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How a citizen can be reached by SMS now. `shared`: the number is several persons' or flagged as such.

    `blocked`: the provider itself refuses to send to it, until the citizen sends START. `closed`: her case is. `arm`:
    hers in the trial, None if she is in none.
    """

    contact_point_id: uuid.UUID | None
    number_id: uuid.UUID | None
    version: int
    shared: bool
    paused: bool
    blocked: bool
    opted_out: bool
    closed: bool
    arm: Arm | None = None


def find_route(session: Session, number_index: bytes) -> Route | None:
    """Return whom a number belongs to, None if nobody ever mentioned it."""
    return _route([tuple(row) for row in session.execute(_HOLDERS, {"number_index": number_index})])


def look_up_route(database: Database, number_index: bytes) -> Route | None:
    """As `find_route`, outside any transaction: what it says may be out of date when it is used."""
    return _route(_LOOK_UP_HOLDERS.rows(database, number_index=number_index))


def _route(rows: list[tuple[Any, ...]]) -> Route | None:
    if not rows:
        return None
    number_id, version, shared, _ = rows[0]
    citizens = tuple(citizen_id for *_, citizen_id in rows if citizen_id is not None)
    return Route(number_id=number_id, version=version, shared=shared, citizen_ids=citizens)


def is_closed(citizen_id: IdColumn) -> sa.Exists:
    """Return the condition that this citizen's case is closed; closing and reopening move her numbers' versions."""
    return sa.exists().where(CaseClosing.citizen_id == citizen_id, CaseClosing.reopened_at.is_(None))


def is_without_sms(citizen_id: IdColumn) -> sa.ColumnElement[bool]:
    """Return the condition that SMS cannot reach a citizen: no usable number, or STOP. Closed cases are left out."""
    usable = sa.exists().where(
        ContactPoint.citizen_id == citizen_id,
        ContactPoint.standing == Standing.IN_USE,
        PhoneNumber.id == ContactPoint.number_id,
        PhoneNumber.paused_since.is_(None),
        PhoneNumber.provider_blocked_since.is_(None),
    )
    return sa.and_(sa.or_(~usable, _has_opted_out(citizen_id)), ~is_closed(citizen_id))


def _has_opted_out(citizen_id: IdColumn) -> sa.Exists:
    return sa.exists().where(OptOut.citizen_id == citizen_id, OptOut.medium == SMS, OptOut.lifted_at.is_(None))


_HOLDERS = (
    sa.select(PhoneNumber.id, PhoneNumber.version, PhoneNumber.shared, ContactPoint.citizen_id)
    .outerjoin(
        ContactPoint,
        sa.and_(
            ContactPoint.number_id == PhoneNumber.id,
            ContactPoint.standing == Standing.IN_USE,
            ~is_closed(ContactPoint.citizen_id),
        ),
    )
    .where(PhoneNumber.number_index == sa.bindparam("number_index"))
    .order_by(ContactPoint.citizen_id)
)
_LOOK_UP_HOLDERS = LookUp(_HOLDERS)


def reach(session: Session, citizen_id: uuid.UUID) -> Reach:
    """Return how this citizen can be reached by SMS now."""
    return reach_many(session, [citizen_id])[citizen_id]


def reach_many(session: Session, citizen_ids: list[uuid.UUID]) -> dict[uuid.UUID, Reach]:
    """As `reach`, for many citizens in one statement."""
    among = Citizen.id.in_(sa.bindparam("citizen_ids", expanding=True))
    return dict(_reach(*row) for row in session.execute(_REACHES.where(among), {"citizen_ids": citizen_ids}))


def look_up_reach(database: Database, citizen_id: uuid.UUID) -> Reach | None:
    """As `reach`, outside any transaction: it may be out of date when it is used. None if there is no such citizen."""
    rows = _LOOK_UP_REACH.rows(database, citizen_id=citizen_id)
    return _reach(*rows[0])[1] if rows else None


def _reach(citizen_id: uuid.UUID, opted_out: Any, closed: Any, arm: Any, *point: Any) -> tuple[uuid.UUID, Reach]:
    contact_point_id, number_id, version, shared, several, paused_since, blocked_since = point
    return citizen_id, Reach(
        contact_point_id=contact_point_id,
        number_id=number_id,
        version=version or 0,
        shared=bool(shared or several),
        paused=paused_since is not None,
        blocked=blocked_since is not None,
        opted_out=bool(opted_out),
        closed=bool(closed),
        arm=Arm(arm) if arm is not None else None,
    )


def _reaches() -> sa.Select[*tuple[Any, ...]]:
    others = sa.orm.aliased(ContactPoint)
    another_holder = sa.exists().where(
        others.number_id == PhoneNumber.id, others.standing == Standing.IN_USE, others.id != ContactPoint.id
    )
    in_use = sa.and_(ContactPoint.citizen_id == Citizen.id, ContactPoint.standing == Standing.IN_USE)
    return (
        sa.select(
            Citizen.id,
            _has_opted_out(Citizen.id),
            is_closed(Citizen.id),
            TrialArm.arm,
            ContactPoint.id,
            PhoneNumber.id,
            PhoneNumber.version,
            PhoneNumber.shared,
            another_holder,
            PhoneNumber.paused_since,
            PhoneNumber.provider_blocked_since,
        )
        .select_from(Citizen)
        .outerjoin(TrialArm, sa.and_(TrialArm.citizen_id == Citizen.id, TrialArm.ended_at.is_(None)))
        .outerjoin(ContactPoint, in_use)
        .outerjoin(PhoneNumber, PhoneNumber.id == ContactPoint.number_id)
    )


# Building them costs more than running them.
_REACHES = _reaches()
_LOOK_UP_REACH = LookUp(_REACHES.where(Citizen.id == sa.bindparam("citizen_id")))


class Recent(Generic[K, V]):
    """The look-ups of late, up to `size`. What it says is only a guess that the gated write checks again."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def get(self, key: K) -> V | None:
        """Return what was found lately, if anything was."""
        with self._lock:
            value = self._values.get(key)
            if value is None:
                self.misses += 1
            else:
                self.hits += 1
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remember a look-up, forgetting the one used longest ago."""
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._size:
                self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget what has proved out of date."""
        with self._lock:
            self._values.pop(key, None)
