"""Values as the drivers themselves take them, for the few statements that go past SQLAlchemy's column types."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.database.base import sqlite_moment


def native(values: Mapping[str, Any], *, dialect: str) -> dict[str, Any]:
    """Return the values for `exec_driver_sql`: ids and moments as SQLite keeps them, sealed content as bytes."""
    change = _for_sqlite if dialect == "sqlite" else _for_postgresql
    return {name: change(value) for name, value in values.items()}


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return sqlite_moment(value)
    return _for_postgresql(value)


def _for_postgresql(value: Any) -> Any:
    return getattr(value, "blob", value)
