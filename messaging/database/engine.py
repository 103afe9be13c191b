"""The database: engines with the right settings, and the two scopes in which it may be used.

`write()` is a transaction that commits when its block ends well; `read()` cannot write. Edges open them, rooms get the
session. Nothing calls the network while one is open.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from messaging.database.driver_cursors import DriverCursors
from messaging.database.group_commit import GroupCommit
from messaging.database.sqlite_writers import SqliteWriters
from messaging.errors import ConfigurationError, DatabaseBusy

POSTGRESQL_OPTIONS = {
    "statement_timeout": "15s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
READ_ONLY = {"default_transaction_read_only": "on"}
SINGLE_STATEMENTS: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
"""Each statement is its own transaction: no round trips to begin and end one."""
OVERFLOW = 2
"""Connections beyond the pool's size, for moments."""
SQLITE_READERS = 4
"""Cursors kept for the look-ups of hot paths, each shorter than a millisecond."""
KEEPALIVES = {"keepalives": 1, "keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 8}


class Database:
    """One database, SQLite or PostgreSQL, by its URL."""

    def __init__(self, url: str, *, pool_size: int = 5, connect_timeout: int = 5) -> None:
        self.url = sa.make_url(url)
        if self.url.get_backend_name() == "sqlite":
            self._open_sqlite()
        elif self.url.get_backend_name() == "postgresql":
            self._open_postgresql(pool_size, connect_timeout)
        else:
            raise ConfigurationError("the database URL must begin with sqlite:/// or postgresql+psycopg://")
        self.group = GroupCommit(self.cursor)
        self._write_sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._read_sessions = sessionmaker(self._reader, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write; commits at the end of the block, rolls back if it raises."""
        with self.writing() as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """As `write`, for statements that need no session."""
        if self._writers is None:
            with _busy_is_named(), self.engine.begin() as connection:
                yield connection
        else:
            with self._writers.turn(), _busy_is_named(), self.engine.begin() as connection:
                yield connection

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """The driver's own cursor for a hot path. Errors are SQLAlchemy's.

        On PostgreSQL each statement commits by itself; on SQLite all commit at the end of the block.
        """
        if self._writers is None:
            with _busy_is_named(), self._cursors.one() as cursor:
                yield cursor
        else:
            with self._writers.turn(), _busy_is_named(), self._cursors.one() as cursor, _immediate(cursor):
                yield cursor

    @contextmanager
    def reading_cursor(self) -> Iterator[Any]:
        """As `cursor`, for single statements that write nothing."""
        with _busy_is_named(), self._reading_cursors.one() as cursor:
            yield cursor

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A look at the database that refuses to write; on PostgreSQL each statement sees what is committed by then."""
        with _busy_is_named(), self._read_sessions() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self._cursors.close()
        self._reading_cursors.close()
        for engine in (self.engine, self._reader):
            engine.dispose()
        if self._writers is not None:
            self._writers.close()

    def _open_sqlite(self) -> None:
        if not self.url.database or self.url.database == ":memory:":
            raise ConfigurationError(
                "a SQLite database needs a file: nothing that is accepted may live in memory alone"
            )
        path = Path(self.url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writers: SqliteWriters | None = SqliteWriters(path.with_name(path.name + ".lock"))
        self.engine = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", query_only=False)
        self._reader = _sqlite_engine(self.url, begin="BEGIN", query_only=True)
        self._cursors = DriverCursors(self.engine, limit=1)
        self._reading_cursors = DriverCursors(self._reader, limit=SQLITE_READERS)

    def _open_postgresql(self, pool_size: int, connect_timeout: int) -> None:
        self._writers = None

        def engine(options: Mapping[str, str], **more: Any) -> sa.Engine:
            spelled = " ".join(f"-c {name}={value}" for name, value in options.items())
            return sa.create_engine(
                self.url.set(drivername="postgresql+psycopg"),
                pool_size=pool_size,
                max_overflow=OVERFLOW,
                pool_timeout=5,
                pool_pre_ping=False,
                hide_parameters=True,
                connect_args={"options": spelled, "connect_timeout": connect_timeout, **KEEPALIVES},
                **more,
            )

        self.engine = engine(POSTGRESQL_OPTIONS)
        self._reader = engine(POSTGRESQL_OPTIONS | READ_ONLY, **SINGLE_STATEMENTS)
        statements = engine(POSTGRESQL_OPTIONS, **SINGLE_STATEMENTS)
        self._cursors = DriverCursors(statements, limit=pool_size + OVERFLOW)
        self._reading_cursors = self._cursors


@contextmanager
def _immediate(cursor: Any) -> Iterator[None]:
    """A transaction of SQLite that may write."""
    cursor.execute("BEGIN IMMEDIATE")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        cursor.connection.rollback()
        raise


def _sqlite_engine(url: sa.URL, *, begin: str, query_only: bool) -> sa.Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": 5, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if query_only:
            connection.execute("PRAGMA query_only=ON")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _busy_is_named() -> Iterator[None]:
    """Turn lock and statement time-outs and lost connections into DatabaseBusy: the caller may try again."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise DatabaseBusy("the database could not take this now") from error
    except sa.exc.TimeoutError as error:
        raise DatabaseBusy("no connection to the database was free in time") from error
