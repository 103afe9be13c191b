"""The driver's own cursors, for the hot paths: there SQLAlchemy's execution costs more than the statement."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import sqlalchemy as sa

from messaging.errors import DatabaseBusy


class _Kept(NamedTuple):
    connection: sa.PoolProxiedConnection
    cursor: Any


class DriverCursors:
    """Up to `limit` cursors with a connection each, made by an engine and kept. Errors are SQLAlchemy's.

    Safe between threads; a thread that finds all in use waits `patience` seconds and gets DatabaseBusy.
    """

    def __init__(self, engine: sa.Engine, *, limit: int, patience: float = 5.0) -> None:
        self._engine = engine
        self._errors = engine.dialect.loaded_dbapi.Error
        self._patience = patience
        self._turns = threading.Semaphore(limit)
        self._idle: deque[_Kept] = deque()

    @contextmanager
    def one(self) -> Iterator[Any]:
        """Lend a cursor until the block ends."""
        if not self._turns.acquire(timeout=self._patience):
            raise DatabaseBusy("no connection to the database was free in time")
        kept = None
        try:
            kept = self._take()
            yield kept.cursor
        except self._errors as error:
            if kept is not None and self._is_lost(kept, error):
                kept.connection.invalidate(error)
                kept = None
                self.close()  # the others have most likely gone the same way
            raise sa.exc.DBAPIError.instance(
                None, None, error, self._errors, hide_parameters=True, dialect=self._engine.dialect
            ) from error
        finally:
            if kept is not None:
                self._idle.append(kept)
            self._turns.release()

    def close(self) -> None:
        """Give back all connections that are not in use."""
        with suppress(IndexError):
            while True:
                self._idle.pop().connection.close()
        self._engine.dispose()

    def _take(self) -> _Kept:
        with suppress(IndexError):
            return self._idle.pop()
        connection = self._engine.raw_connection()
        return _Kept(connection, connection.cursor())

    def _is_lost(self, kept: _Kept, error: Any) -> bool:
        return self._engine.dialect.is_disconnect(error, kept.connection.driver_connection, None)
