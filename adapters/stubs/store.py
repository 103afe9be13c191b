"""The stub's ledgers: one SQLite file, `stub.db`, in which a fact is on disk before anyone is told of it.

Tables, for whoever judges a rehearsal by them (times are ISO 8601 in UTC; `position` is the order of arrival):

messages    position, id, channel, direction (in/out), sender, recipient, text, status, error_code, created_at, sent_at,
            callback_url, attempt_id, valid_for, segments, media (JSON list of {id, content_type, data})
posts       position, message_id, word (message, or the status told), answer (HTTP status, 0 for none), at
events      position, event_id, stream_id, seq, type, occurred_at, received_at, body, receipt, deliveries
anchors     position, received_at, body, receipt
push_subscriptions  id, private, auth, server_key, gone (a browser's secrets, and the key it subscribed for)
pushes      position, id, subscription, payload (opened), sender, contact, ttl, urgency, topic, at
blocked     number (citizens whose STOP the provider acted on by itself)

One thread writes. It commits what has gathered while the last commit went to the disk, so a slow disk makes larger
commits and not fewer facts.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, direction TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, text TEXT NOT NULL, status TEXT NOT NULL, error_code TEXT,
    created_at TEXT NOT NULL, sent_at TEXT, callback_url TEXT, attempt_id TEXT, valid_for INTEGER,
    segments INTEGER NOT NULL, media TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, position);
CREATE INDEX IF NOT EXISTS messages_by_sender ON messages (sender, position);
CREATE TABLE IF NOT EXISTS posts (
    position INTEGER PRIMARY KEY, message_id TEXT NOT NULL, word TEXT NOT NULL, answer INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, stream_id TEXT NOT NULL, seq INTEGER NOT NULL,
    type TEXT NOT NULL, occurred_at TEXT NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL,
    receipt TEXT NOT NULL, deliveries INTEGER NOT NULL DEFAULT 1, UNIQUE (stream_id, seq)
);
CREATE TABLE IF NOT EXISTS anchors (
    position INTEGER PRIMARY KEY, received_at TEXT NOT NULL, body BLOB NOT NULL, receipt TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS push_subscriptions (
    id TEXT PRIMARY KEY, private TEXT NOT NULL, auth TEXT NOT NULL, server_key TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS pushes (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, subscription TEXT NOT NULL, payload TEXT NOT NULL,
    sender TEXT NOT NULL, contact TEXT NOT NULL, ttl INTEGER NOT NULL, urgency TEXT NOT NULL, topic TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS blocked (number TEXT PRIMARY KEY);
"""
_MOST_TOGETHER = 200


class Store:
    """Reads anywhere, writes through the one writer. `close` waits for what is under way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._work: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._readers = threading.local()
        self._writer = threading.Thread(target=self._write_all, name="stub-writer", daemon=True)
        with self._connection() as connection:
            connection.executescript(_SCHEMA)
        self._writer.start()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the next commit and return its result once that commit is on disk."""
        return self.begin(work).result()

    def begin(self, work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """The same without waiting."""
        done: Future[T] = Future()
        self._work.put((work, done))
        return done

    def read(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """The rows of one statement."""
        if not hasattr(self._readers, "connection"):
            self._readers.connection = self._open()
        return list(self._readers.connection.execute(statement, parameters))

    def close(self) -> None:
        """Write what was asked for and stop."""
        self._work.put(None)
        self._writer.join()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        try:
            yield connection
        finally:
            connection.close()

    def _write_all(self) -> None:
        with self._connection() as connection:
            while (first := self._work.get()) is not None:
                batch = [first]
                while len(batch) < _MOST_TOGETHER and not self._work.empty():
                    following = self._work.get()
                    if following is None:
                        self._commit(connection, batch)
                        return
                    batch.append(following)
                self._commit(connection, batch)

    def _commit(self, connection: sqlite3.Connection, batch: list[tuple[Work, Future[Any]]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        outcomes = [_outcome(connection, work, done) for work, done in batch]
        connection.execute("COMMIT")
        for tell in outcomes:
            tell()


def _outcome(connection: sqlite3.Connection, work: Work, done: Future[Any]) -> Callable[[], None]:
    """Do one piece of work; what is returned tells its owner, once the commit is on disk."""
    connection.execute("SAVEPOINT one")
    try:
        tell = partial(done.set_result, work(connection))
    except Exception as error:  # noqa: BLE001  # one bad fact must not take its neighbours along
        connection.execute("ROLLBACK TO one")
        tell = partial(done.set_exception, error)
    connection.execute("RELEASE one")
    return tell
