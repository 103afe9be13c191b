"""Updating many rows, each by values of its own, in one round trip on either database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Columns = Mapping[str, sa.ColumnElement[Any]]


class RowUpdate:
    """An UPDATE written once, by `build`, in terms of the columns of one row; `types` are those columns' types.

    PostgreSQL gets all rows as one JSON array in one statement, which is several times as fast as a statement for
    each; SQLite, which is in this process, gets them one by one.
    """

    def __init__(self, build: Callable[[Columns], sa.Update], *, types: Mapping[str, TypeEngine[Any]]) -> None:
        self._one_by_one = build({name: sa.bindparam(f"row_{name}", type_=type_) for name, type_ in types.items()})
        array = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON())
        records = sa.func.json_to_recordset(array).table_valued(*(sa.column(*column) for column in types.items()))
        self._at_once = build(dict(records.render_derived(name="given", with_types=True).c))

    def execute(self, session: Session, rows: Sequence[Mapping[str, Any]], **common: Any) -> None:
        """Update by all `rows`; `common` are the values of the statement's own parameters."""
        if not rows:
            return
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            each = [{**common, **{f"row_{name}": value for name, value in row.items()}} for row in rows]
            connection.execute(self._one_by_one, each)
        else:
            connection.execute(self._at_once, {**common, "rows": orjson.dumps(rows).decode()})
