"""Asking whether something is one of very many, in one parameter: lists of them have a limit in every database."""

import uuid
from collections.abc import Collection
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session


class _WrittenIds(sa.types.UserDefinedType[str]):
    """Ids as PostgreSQL's own text of a list: the driver would take each of them through its adapter.

    It goes as what it is and is not cast from a text, which would hide from the database that the list never changes:
    then it looks through the whole list for each row.
    """

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type of the list."""
        return "UUID[]"


def is_among(session: Session, column: InstrumentedAttribute[int], numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """Return that the column holds one of the numbers."""
    if session.get_bind().dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(numbers), postgresql.ARRAY(sa.BigInteger)))
    each = sa.func.json_each(orjson.dumps(list(numbers)).decode()).table_valued("value")
    return column.in_(sa.select(each.c.value))


def is_one_of(
    session: Session, column: sa.ColumnElement[uuid.UUID], ids: Collection[uuid.UUID]
) -> sa.ColumnElement[bool]:
    """Return that the column holds one of the ids."""
    written = [id_.hex for id_ in ids]
    if session.get_bind().dialect.name == "postgresql":
        return column == sa.any_(sa.literal(f"{{{','.join(written)}}}", _WrittenIds()))
    each = sa.func.json_each(orjson.dumps(written).decode()).table_valued("value")
    return column.in_(sa.select(each.c.value))
