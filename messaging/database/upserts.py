"""INSERT with an ON CONFLICT clause, which SQLAlchemy spells per dialect."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

INSERTS: Mapping[str, Callable[[Any], Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_into(session: Session, table: Any) -> postgresql.Insert:
    """Return the insert of the session's dialect; both offer the same `on_conflict_do_…` methods."""
    return cast("postgresql.Insert", INSERTS[session.get_bind().dialect.name](table))
