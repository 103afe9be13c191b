"""Many rows put down or changed by one statement, in the way that is cheap for each database.

SQLite runs one prepared statement for each row. PostgreSQL would open its tables and read all their CHECKs anew for
each; there new rows are copied in, and changes travel as one array of each column, dealt with by one statement.
"""

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from messaging.database.base import Base, table_of
from messaging.database.native_rows import native_rows
from messaging.database.upserts import INSERTS

Rows = Sequence[Mapping[str, Any]]
"""Values by column; each row has the same columns."""


def insert_many(session: Session, model: type[Base], rows: Rows) -> None:
    """Put rows into a model's table in the order given, after what the session has changed so far.

    Columns left out get their defaults; ids, and what else a function would have to make for each row, must be given.
    """
    if rows:
        session.flush()
        connection = session.connection()
        native_rows(model, tuple(rows[0]), connection.dialect).put_down(connection, rows)


def update_many(session: Session, model: type[Base], rows: Rows) -> None:
    """Change the rows with these ids to what stands beside the id, after what the session has changed so far.

    Objects that the session has read do not learn of it.
    """
    if rows:
        session.flush()
        if _takes_arrays(session):
            session.execute(_update(model, tuple(rows[0])), _arrays(rows))
        else:
            by_id = sa.update(table_of(model)).where(table_of(model).c.id == sa.bindparam("of"))
            session.execute(by_id, [_without_id(row) | {"of": row["id"]} for row in rows])


def count_on(
    session: Session, model: type[Base], rows: Rows, *, counter: str, renewed: str | None = None
) -> dict[uuid.UUID, int]:
    """Put each row down, or where one with its id is, add to its counter what is given here. Return the sums by id.

    `renewed` names a column that is given the new value in both cases. The ids differ; rows are taken in their order,
    so that two batches never wait for each other.
    """
    if not rows:
        return {}
    session.flush()
    rows = sorted(rows, key=lambda row: row["id"])
    names = tuple(rows[0])
    statement = _count(session.get_bind().dialect.name, model, names, counter=counter, renewed=renewed)
    summed = session.execute(statement, _arrays(rows) if _takes_arrays(session) else rows)
    return {row[0]: row[1] for row in summed}


def _takes_arrays(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _arrays(rows: Rows) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in rows[0]}


def _without_id(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


@cache
def _update(model: type[Base], names: tuple[str, ...]) -> sa.Update:
    given = _unfolded(model, names).subquery("given")
    changed = {name: given.c[name] for name in names if name != "id"}
    return sa.update(table_of(model)).where(table_of(model).c.id == given.c.id).values(changed)


@cache
def _count(
    dialect: str, model: type[Base], names: tuple[str, ...], *, counter: str, renewed: str | None
) -> sa.Executable:
    table = table_of(model)
    insert = cast("postgresql.Insert", INSERTS[dialect](table))
    if dialect == "postgresql":
        insert = insert.from_select(names, _unfolded(model, names))
    changed = {counter: table.c[counter] + insert.excluded[counter]}
    if renewed is not None:
        changed[renewed] = insert.excluded[renewed]
    upsert = insert.on_conflict_do_update(index_elements=[table.c.id], set_=changed)
    return upsert.returning(table.c.id, table.c[counter])


def _unfolded(model: type[Base], names: tuple[str, ...]) -> sa.Select[Any]:
    """Return the SELECT that makes rows of one array of each column; arrays of one length unfold side by side."""
    types = {name: table_of(model).c[name].type for name in names}
    arrays = {name: sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(type_)) for name, type_ in types.items()}
    return sa.select(*(sa.func.unnest(array, type_=types[name]).label(name) for name, array in arrays.items()))
