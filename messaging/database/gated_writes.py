"""The writes of the hot paths: one row decides whether anything is written, and everything else follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging.database.engine import Database


@dataclass(frozen=True, kw_only=True)
class GatedWrite:
    """One write in both spellings, with named parameters in the driver's own style.

    `postgresql` is one statement that gives how many rows passed the gate. SQLite knows no writing common table
    expressions: there the `sqlite_effects` follow the `sqlite_gate` if it wrote a row.
    """

    postgresql: str
    sqlite_gate: str
    sqlite_effects: tuple[str, ...]

    def run(self, database: Database, parameters: Mapping[str, Any]) -> bool:
        """Write and commit; False, with nothing written, if nothing passed the gate."""
        if database.dialect == "postgresql":
            return self._on_postgresql(database, parameters)
        return database.group.run(lambda cursor: self._on_sqlite(cursor, parameters))

    def _on_postgresql(self, database: Database, parameters: Mapping[str, Any]) -> bool:
        with database.cursor() as cursor:
            cursor.execute(self.postgresql, parameters, prepare=True)
            return bool(cursor.fetchone()[0])

    def _on_sqlite(self, cursor: Any, parameters: Mapping[str, Any]) -> bool:
        if cursor.execute(self.sqlite_gate, parameters).rowcount == 0:
            return False
        for effect in self.sqlite_effects:
            cursor.execute(effect, parameters)
        return True
