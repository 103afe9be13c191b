"""INSERT with an ON CONFLICT clause, which SQLAlchemy spells per dialect."""

from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_into(session: Session, table: Any) -> postgresql.Insert:
    """Return the insert of the session's dialect; both offer the same `on_conflict_do_…` methods."""
    return cast("postgresql.Insert", _INSERTS[session.get_bind().dialect.name](table))
