"""The reads of the hot paths: SQLAlchemy's statements, compiled once and run on the driver's own cursor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from messaging.database.engine import Database

Change = Callable[[Any], Any]


class LookUp:
    """A SELECT with named bind parameters. Values come back as the columns' types give them."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, database: Database, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows, as of what is committed now. Raises DatabaseBusy."""
        compiled = self._compiled.get(database.dialect)
        if compiled is None:
            compiled = self._compiled[database.dialect] = _compile(self._statement, database.engine.dialect)
        with database.reading_cursor() as cursor:
            found = cursor.execute(compiled.text, compiled.bound(parameters), **compiled.options).fetchall()
        return [compiled.row(values) for values in found]


@dataclass(frozen=True, kw_only=True)
class _Compiled:
    text: str
    constants: dict[str, Any]
    binds: Mapping[str, Change | None]
    results: Sequence[Change | None]
    options: dict[str, Any]

    def bound(self, parameters: dict[str, Any]) -> dict[str, Any]:
        given = {name: self._bind(name, value) for name, value in parameters.items()}
        return self.constants | given

    def row(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([change(value) if change else value for change, value in zip(self.results, values, strict=True)])

    def _bind(self, name: str, value: Any) -> Any:
        change = self.binds[name]
        return change(value) if change else value


def _compile(statement: sa.Select[*tuple[Any, ...]], dialect: sa.Dialect) -> _Compiled:
    is_postgresql = dialect.name == "postgresql"
    named: sa.Dialect = dialect if is_postgresql else sqlite.dialect(paramstyle="named")
    compiled = statement.compile(dialect=named)
    binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return _Compiled(
        text=str(compiled),
        constants={
            name: change(value) if (change := binds[name]) else value
            for name, value in compiled.params.items()
            if value is not None
        },
        binds=binds,
        results=[
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns
        ],
        options={"prepare": True} if is_postgresql else {},
    )
