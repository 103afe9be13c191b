"""The databases of a rehearsal: files of its own on SQLite, or two fresh databases on a PostgreSQL server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from messaging.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Where the service keeps rows and keys; `folder` is the server's own data folder, if it can be read from here."""

    service: str
    keystore: str
    folder: Path | None = None


def in_files(folder: Path) -> Databases:
    """Return two SQLite files in the service's folder."""
    return Databases(service=f"sqlite:///{folder / 'borgerdialog.db'}", keystore=f"sqlite:///{folder / 'keystore.db'}")


@contextmanager
def on_server(url: str) -> Iterator[Databases]:
    """Make two databases on the server of this URL, and drop them when the block ends."""
    given = sa.make_url(url)
    if given.get_backend_name() != "postgresql":
        raise ConfigurationError("--database must be a postgresql:// URL; SQLite is the default")
    given = given.set(drivername="postgresql+psycopg")
    server = sa.create_engine(given, isolation_level="AUTOCOMMIT")
    names = [f"rehearsal_{secrets.token_hex(4)}_{part}" for part in ("service", "keys")]
    with server.connect() as connection:
        for name in names:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        folder = Path(connection.execute(sa.text("SHOW data_directory")).scalar_one())
    service, keystore = (given.set(database=name).render_as_string(hide_password=False) for name in names)
    try:
        yield Databases(service=service, keystore=keystore, folder=folder if _is_readable(folder) else None)
    finally:
        with server.connect() as connection:
            for name in names:
                connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        server.dispose()


def settle_on_disk(databases: Databases) -> None:
    """Let everything in the server's memory reach its files, so that a search of the files sees all."""
    if not databases.service.startswith("postgresql"):
        return
    engine = sa.create_engine(databases.service, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CHECKPOINT"))
    engine.dispose()


def _is_readable(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
