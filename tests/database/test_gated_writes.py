"""A gated write is all or nothing, and its errors and lost connections are named like everybody's."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.database.gated_writes import GatedWrite
from messaging.errors import DatabaseBusy
from tests.conftest import NewDatabaseUrl

TABLES = ("CREATE TABLE gates (id INTEGER PRIMARY KEY)", "CREATE TABLE effects (id INTEGER PRIMARY KEY)")

WRITE = GatedWrite(
    postgresql="""
        WITH gate AS (INSERT INTO gates VALUES (%(gate)s) ON CONFLICT DO NOTHING RETURNING id),
        effect AS (INSERT INTO effects SELECT %(effect)s FROM gate)
        SELECT count(*) FROM gate
    """,
    sqlite_gate="INSERT INTO gates VALUES (:gate) ON CONFLICT DO NOTHING",
    sqlite_effects=("INSERT INTO effects VALUES (:effect)",),
)


@pytest.fixture
def two_tables(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as connection:
        for table in TABLES:
            connection.execute(sa.text(table))
    yield database
    database.close()


def rows(database: Database) -> tuple[int, int]:
    with database.read() as session:
        gates, effects = (session.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in ("gates", "effects"))
        return gates or 0, effects or 0


def test_what_passes_the_gate_is_written_whole(two_tables: Database) -> None:
    passed = WRITE.run(two_tables, {"gate": 1, "effect": 1})

    assert passed
    assert rows(two_tables) == (1, 1)


def test_what_does_not_pass_the_gate_leaves_nothing(two_tables: Database) -> None:
    WRITE.run(two_tables, {"gate": 1, "effect": 1})

    passed = WRITE.run(two_tables, {"gate": 1, "effect": 2})

    assert not passed
    assert rows(two_tables) == (1, 1)


def test_effect_that_fails_takes_the_gate_back_with_it(two_tables: Database) -> None:
    WRITE.run(two_tables, {"gate": 1, "effect": 1})

    with pytest.raises(sa.exc.IntegrityError):
        WRITE.run(two_tables, {"gate": 2, "effect": 1})

    assert rows(two_tables) == (1, 1)
    assert WRITE.run(two_tables, {"gate": 2, "effect": 2})


def test_lost_connection_is_busy_once_and_replaced(new_postgresql_url: NewDatabaseUrl) -> None:
    database = Database(new_postgresql_url("lost"))
    with database.writing() as connection:
        for table in TABLES:
            connection.execute(sa.text(table))
    WRITE.run(database, {"gate": 1, "effect": 1})
    with database.writing() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(sa.text(f"{others} AND pid <> pg_backend_pid()"))

    with pytest.raises(DatabaseBusy):
        WRITE.run(database, {"gate": 2, "effect": 2})

    assert WRITE.run(database, {"gate": 2, "effect": 2})
    database.close()
