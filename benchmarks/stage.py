"""All servers of a run, up at the same time: the yardstick, and the product on PostgreSQL and on SQLite."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
import sqlalchemy as sa

from benchmarks import floor
from benchmarks.rounds import Leg, floor_leg, hello_leg, inbound_leg, outbound_leg
from benchmarks.service import Service, free_port, running, running_service
from tests.postgresql import PostgresqlServer, running_postgresql

EMBEDDED_THREADS = 8
SEED = 20270302


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What there is to load: `hello` to know the generator by, and the legs of a round in their order."""

    hello: Leg
    legs: tuple[Leg, ...]
    services: tuple[Service, ...]
    postgresql: str
    """The version of the server."""


@contextmanager
def running_stage(*, citizens: int) -> Iterator[Stage]:
    """Start everything; stop and remove it when the block ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="borgerdialog-benchmark-")))
        server = stack.enter_context(running_postgresql())
        postmaster = int((server.data_folder / "postmaster.pid").read_text().split()[0])
        floor_port, floor_pid, floor_database = stack.enter_context(_running_floor(server, folder))
        large = stack.enter_context(
            running_service(
                folder / "postgresql",
                database_url=server.url(database=server.create_database()),
                keystore_url=server.url(database=server.create_database()),
                workers=floor.WORKERS,
                threads=floor.THREADS,
                citizens=citizens,
            )
        )
        embedded = stack.enter_context(
            running_service(
                folder / "sqlite",
                database_url=f"sqlite:///{folder / 'sqlite' / 'borgerdialog.db'}",
                keystore_url=f"sqlite:///{folder / 'sqlite' / 'keystore.db'}",
                workers=1,
                threads=EMBEDDED_THREADS,
                citizens=citizens,
            )
        )
        chance = Random(SEED)
        on_floor = {"server": floor_pid, "postgresql": postmaster}
        on_large = {"server": large.pid, "postgresql": postmaster}
        yield Stage(
            hello=hello_leg(port=floor_port, pid=floor_pid),
            legs=(
                floor_leg(
                    "F32", port=floor_port, trees=on_floor, database=floor_database, connections=32, chance=chance
                ),
                inbound_leg("inbound", service=large, trees=on_large, connections=32, chance=chance),
                outbound_leg("outbound", service=large, trees=on_large, connections=32, chance=chance),
                floor_leg(
                    "F16", port=floor_port, trees=on_floor, database=floor_database, connections=16, chance=chance
                ),
                inbound_leg(
                    "inbound, SQLite", service=embedded, trees={"server": embedded.pid}, connections=16, chance=chance
                ),
            ),
            services=(large, embedded),
            postgresql=_version(floor_database),
        )


@contextmanager
def _running_floor(server: PostgresqlServer, folder: Path) -> Iterator[tuple[int, int, str]]:
    """The yardstick's server: its port, its process and its database."""
    url = sa.make_url(server.url(database=server.create_database()))
    database = f"host={server.socket_folder} user={url.username} dbname={url.database}"
    with psycopg.connect(database) as connection:
        connection.execute(floor.TABLE)
    port = free_port()
    environment = {floor.DATABASE: database}
    with running(
        "benchmarks.floor", str(port), environment=environment, log=folder / "floor.log", port=port
    ) as process:
        yield port, process.pid, database


def _version(database: str) -> str:
    with psycopg.connect(database) as connection:
        return connection.info.parameter_status("server_version") or "unknown"
