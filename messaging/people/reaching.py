"""From a number to people, and from a person to the number in use: the look-ups on every message's way.

A number matches nobody, one person or several. Only one person's number leads to a thread; nobody's and several
persons' go to triage, never to everyone and never to an arbitrary one.
"""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.models import ContactPoint, OptOut, PhoneNumber, Standing

SMS = "sms"

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
    """How a citizen can be reached by SMS now. `shared`: the number is several persons' or flagged as such."""

    contact_point_id: uuid.UUID | None
    number_id: uuid.UUID | None
    version: int
    shared: bool
    paused: bool
    opted_out: bool


def find_route(session: Session, number_index: bytes) -> Route | None:
    """Return whom a number belongs to, None if nobody ever mentioned it."""
    rows = session.execute(
        sa.select(PhoneNumber.id, PhoneNumber.version, PhoneNumber.shared, ContactPoint.citizen_id)
        .outerjoin(
            ContactPoint, sa.and_(ContactPoint.number_id == PhoneNumber.id, ContactPoint.standing == Standing.IN_USE)
        )
        .where(PhoneNumber.number_index == number_index)
        .order_by(ContactPoint.citizen_id)
    ).all()
    if not rows:
        return None
    citizens = tuple(row.citizen_id for row in rows if row.citizen_id is not None)
    first = rows[0]
    return Route(number_id=first.id, version=first.version, shared=first.shared, citizen_ids=citizens)


def reach(session: Session, citizen_id: uuid.UUID) -> Reach:
    """Return how this citizen can be reached by SMS now."""
    return reach_many(session, [citizen_id])[citizen_id]


def reach_many(session: Session, citizen_ids: list[uuid.UUID]) -> dict[uuid.UUID, Reach]:
    """As `reach`, for many citizens in two statements."""
    asked = {"citizen_ids": citizen_ids}
    by_citizen = {row.citizen_id: row for row in session.execute(_POINTS_IN_USE, asked)}
    out = set(session.scalars(_OPTED_OUT, asked))
    return {
        citizen_id: Reach(
            contact_point_id=row.id if (row := by_citizen.get(citizen_id)) else None,
            number_id=row.number_id if row else None,
            version=row.version if row else 0,
            shared=bool(row and row.shared),
            paused=bool(row and row.paused),
            opted_out=citizen_id in out,
        )
        for citizen_id in citizen_ids
    }


def _points_in_use() -> sa.Executable:
    holders = sa.orm.aliased(ContactPoint)
    several = (
        sa.select(sa.func.count())
        .where(holders.number_id == PhoneNumber.id, holders.standing == Standing.IN_USE)
        .scalar_subquery()
    )
    return (
        sa.select(
            ContactPoint.citizen_id,
            ContactPoint.id,
            PhoneNumber.id.label("number_id"),
            PhoneNumber.version,
            sa.or_(PhoneNumber.shared, several > 1).label("shared"),
            PhoneNumber.paused_since.is_not(None).label("paused"),
        )
        .join(PhoneNumber, PhoneNumber.id == ContactPoint.number_id)
        .where(
            ContactPoint.citizen_id.in_(sa.bindparam("citizen_ids", expanding=True)),
            ContactPoint.standing == Standing.IN_USE,
        )
    )


# Building them costs more than running them.
_POINTS_IN_USE = _points_in_use()
_OPTED_OUT = sa.select(OptOut.citizen_id).where(
    OptOut.citizen_id.in_(sa.bindparam("citizen_ids", expanding=True)), OptOut.medium == SMS, OptOut.lifted_at.is_(None)
)


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
