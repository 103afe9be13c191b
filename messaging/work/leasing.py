"""Claims on rows that are their own queue entries: taken in one statement, judged by the database's clock alone.

A claim is only a lease: who dies holding one loses it when it runs out, and the row counts the death. A row at which
three processes died is poison: nobody can claim it any more, and its room parks it.

Rows that were held by a process that died are suspects. A claim of one row may take a suspect as well as another. Who
claims batches asks for either: a batch of clean rows, or one suspect alone, so that the innocent ones of a batch are
never counted a second time for the guilty one, and a process that is killed from outside has hardly ever a suspect in
hand.
"""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from messaging.database.moments import database_now

DEATHS_ALLOWED = 3
"""So many processes may die holding a row alone before it is poison."""

DEATHS_IN_BATCHES = 1 + DEATHS_ALLOWED
"""The same where rows are claimed in batches: the first death is the batch's, and accuses none of its rows."""

NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})

FREED: dict[str, Any] = {"lease_token": None, "lease_until": None, "deaths": 0}
"""What a room sets, beside its own columns, on a row it is done with for now: nobody died of it."""

Model = type[DeclarativeBase]
"""A table with the columns `id`, `lease_token`, `lease_until` and `deaths`."""

Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]


class Kind(enum.Enum):
    """Which rows a claim may take."""

    ANY = enum.auto()
    CLEAN = enum.auto()
    SUSPECT = enum.auto()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The rows one claim got, in the order of their ids: each is its id and then the columns that were asked for."""

    token: uuid.UUID
    rows: tuple[sa.Row[Any], ...]

    @property
    def ids(self) -> tuple[uuid.UUID, ...]:
        """The ids of the rows."""
        return tuple(row[0] for row in self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


def claim(
    session: Session,
    model: Model,
    *,
    due: sa.ColumnElement[bool],
    order_by: Sequence[Column],
    limit: int,
    seconds: float,
    columns: Sequence[Column] = (),
    kind: Kind = Kind.ANY,
    deaths_allowed: int = DEATHS_ALLOWED,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
) -> Claim:
    """Lease up to `limit` rows that are `due` and free for `seconds`, and return them with `columns`.

    One round trip. Claims at the same moment never get the same row and never wait for each other. Commit at once:
    the work itself is done with no transaction open. Whoever claims often hands in the same `due` each time, with
    `parameters` for what changes: the statement is then built only once.
    """
    token = uuid.uuid4()
    chosen = _choice(_table(model), due, tuple(order_by), limit, kind, deaths_allowed)
    statement = _claiming(_table(model), chosen, tuple(columns))
    values = {"claim_token": token, "claim_seconds": seconds, **parameters}
    rows = session.connection().execute(statement, values).all()
    return Claim(token=token, rows=tuple(sorted(rows, key=lambda row: row[0].int)))


@lru_cache(maxsize=64)
def _claiming(table: sa.Table, chosen: sa.CTE, columns: tuple[Column, ...]) -> sa.Executable:
    until = database_now(sa.bindparam("claim_seconds", type_=sa.Float()))
    return (
        sa.update(table)
        .where(table.c.id.in_(sa.select(chosen.c.id)))
        .values(lease_token=sa.bindparam("claim_token"), lease_until=until, deaths=_deaths_by_now(table))
        .returning(table.c.id, *columns)
    )


def release(session: Session, model: Model, *, claim: Claim, ids: Sequence[uuid.UUID] | None = None) -> None:
    """Give back what was claimed and not begun, all or `ids` of it; what others have taken over meanwhile is theirs."""
    table = _table(model)
    session.execute(
        sa.update(table)
        .where(table.c.id.in_(claim.ids if ids is None else ids), table.c.lease_token == claim.token)
        .values(lease_token=None, lease_until=None)
    )


def release_all(session: Session, model: Model, *, among: sa.ColumnElement[bool]) -> int:
    """Free every leased row `among` those still to be done; return how many. Each counts a death.

    For the start of the only worker: whoever held a lease is dead.
    """
    table = _table(model)
    freed = session.execute(
        sa.update(table)
        .where(among, table.c.lease_token.is_not(None))
        .values(lease_token=None, lease_until=None, deaths=table.c.deaths + 1)
        .returning(table.c.id)
    )
    return len(freed.all())


def poisoned(
    session: Session, model: Model, *, among: sa.ColumnElement[bool], deaths_allowed: int = DEATHS_ALLOWED
) -> list[uuid.UUID]:
    """Return the rows `among` those still to be done that no claim takes any more; their room parks them."""
    table = _table(model)
    return list(
        session.scalars(
            sa.select(table.c.id)
            .where(among, _is_free(table), _deaths_by_now(table) >= deaths_allowed)
            .order_by(table.c.id)
        )
    )


@lru_cache(maxsize=64)
def _choice(
    table: sa.Table,
    due: sa.ColumnElement[bool],
    order_by: tuple[Column, ...],
    limit: int,
    kind: Kind,
    deaths_allowed: int,
) -> sa.CTE:
    """Choose the rows to lease. As a common table expression with locks it runs once, so `limit` is a limit.

    Clean rows are told by plain columns, which the planner can estimate; the sub-query for the first suspect runs only
    when there is one, because OR stops at its first true side and AND at its first false one.
    """
    clean = sa.and_(table.c.lease_token.is_(None), table.c.deaths == 0)
    is_suspect = sa.and_(_is_free(table), _deaths_by_now(table).between(1, deaths_allowed - 1))
    first_suspect = sa.select(table.c.id).where(due, is_suspect).order_by(*order_by).limit(1).scalar_subquery()
    suspect = sa.and_(is_suspect, table.c.id == first_suspect)
    which = {Kind.ANY: sa.or_(clean, suspect), Kind.CLEAN: clean, Kind.SUSPECT: suspect}[kind]
    return (
        sa.select(table.c.id)
        .where(due, which)
        .order_by(*order_by)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )


def _table(model: Model) -> sa.Table:
    return cast("sa.Table", model.__table__)


def _is_free(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.lease_until.is_(None), table.c.lease_until < database_now())


def _deaths_by_now(table: sa.Table) -> sa.ColumnElement[int]:
    """Count the deaths at a free row: a lease that ran out without being given back is one more."""
    return table.c.deaths + sa.case((table.c.lease_token.is_not(None), 1), else_=0)
