"""Asking whether a number is one of very many, in one parameter: lists of parameters have a limit in every database."""

from collections.abc import Collection

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session


def is_among(session: Session, column: InstrumentedAttribute[int], numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """Return that the column holds one of the numbers."""
    if session.get_bind().dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(numbers), postgresql.ARRAY(sa.BigInteger)))
    each = sa.func.json_each(orjson.dumps(list(numbers)).decode()).table_valued("value")
    return column.in_(sa.select(each.c.value))
