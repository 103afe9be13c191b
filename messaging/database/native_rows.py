"""Rows in the driver's own form: put down past SQLAlchemy, which takes each value of each row through its own hands."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from messaging.database.base import Base, Moment, table_of

Change = Callable[[Any], Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class NativeRows:
    """How rows of some columns of a table are put down, and what becomes of the values of each on the way."""

    statement: str
    types: tuple[str, ...]
    """Of PostgreSQL, which must be told them."""
    changes: Mapping[str, Change | None]
    defaults: Row
    """The model's, of columns that are left out; those of the database it knows itself."""

    def put_down(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows down in their order. Errors are SQLAlchemy's."""
        if connection.dialect.name == "postgresql":
            self._copy(connection, self._native(rows))
        else:
            connection.exec_driver_sql(self.statement, list(self._native(rows)))

    def _native(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        columns: list[Iterable[Any]] = [
            [change(row[name]) for row in rows] if change else [row[name] for row in rows]
            for name, change in self.changes.items()
        ]
        return zip(*columns, *map(itertools.repeat, self.defaults), strict=False)  # a default has no end

    def _copy(self, connection: sa.Connection, rows: Iterable[Row]) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(self.statement) as copy:
                copy.set_types(self.types)
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            found: Any = error
            if connection.dialect.is_disconnect(found, driver, None):
                connection.invalidate(error)
            raise sa.exc.DBAPIError.instance(
                None, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
            ) from error


_known: dict[tuple[str, type[Base], tuple[str, ...]], NativeRows] = {}


def native_rows(model: type[Base], names: tuple[str, ...], dialect: sa.Dialect) -> NativeRows:
    """Return how rows of these columns are put into a model's table."""
    key = dialect.name, model, names
    if key not in _known:
        _known[key] = _native_rows(model, names, dialect)
    return _known[key]


def _native_rows(model: type[Base], names: tuple[str, ...], dialect: sa.Dialect) -> NativeRows:
    table = table_of(model)
    left_out = {
        column: column.default.arg
        for column in table.c
        if column.name not in names and isinstance(column.default, ScalarElementColumnDefault)
    }
    into = [*(table.c[name] for name in names), *left_out]
    changes = {column.name: _change(column.type, dialect) for column in into}
    return NativeRows(
        statement=_statement(table, into, dialect),
        types=tuple(column.type.compile(dialect=dialect).lower().partition("(")[0] for column in into),
        changes={name: changes[name] for name in names},
        defaults=tuple(
            change(value) if (change := changes[column.name]) else value for column, value in left_out.items()
        ),
    )


def _statement(table: sa.Table, into: Sequence[sa.Column[Any]], dialect: sa.Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    columns = f"{quote(table.name)} ({', '.join(quote(column.name) for column in into)})"
    if dialect.name == "postgresql":
        return f"COPY {columns} FROM STDIN (FORMAT BINARY)"
    return " ".join(("INSERT INTO", columns, "VALUES", f"({', '.join('?' for _ in into)})"))


def _change(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Change | None:
    change = cast("Change | None", type_.dialect_impl(dialect).bind_processor(dialect))
    # Of words and moments there are few in many rows.
    return lru_cache(maxsize=1024)(change) if change and isinstance(type_, sa.Enum | Moment) else change
