"""The migrated tables equal the models', as the databases themselves tell, and sealed columns have their CHECKs."""

import importlib
import pkgutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import messaging
from messaging.database import migrating
from messaging.database.base import Base, Moment
from messaging.database.engine import Database
from messaging.laying_out import is_laid_out
from messaging.vault import keystore
from messaging.vault.keystore import KeystoreBase
from messaging.vault.sealed import OVERHEAD, Sealed, SealedType
from tests.conftest import ROOT, NewDatabaseUrl
from tests.runtime import A_TUESDAY


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of migrations and the models it must lead to."""

    name: str
    versions: Path
    metadata: sa.MetaData


LINES = (
    Line(name="service", versions=migrating.VERSIONS, metadata=Base.metadata),
    Line(name="keystore", versions=keystore.VERSIONS, metadata=KeystoreBase.metadata),
)
SEALED = [
    (table.name, column.name)
    for line in LINES
    for table in line.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, SealedType)
]

SQLITE_CATALOG = {
    "everything": "SELECT type, name, tbl_name, sql FROM sqlite_master"
    " WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'",
}
POSTGRESQL_CATALOG = {
    "columns": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,"
    " a.attgenerated, pg_get_expr(d.adbin, d.adrelid)"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'"
    " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'alembic_version'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
    "indexes": "SELECT tablename, indexname, pg_get_indexdef(quote_ident(indexname)::regclass)"
    " FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences",
}


def told(url: str) -> dict[str, set[tuple[Any, ...]]]:
    """What the database at this address says of its tables, spaces and line breaks apart."""
    engine = sa.create_engine(url)
    catalog = SQLITE_CATALOG if engine.dialect.name == "sqlite" else POSTGRESQL_CATALOG
    with engine.connect() as connection:
        found = {
            name: {tuple(map(_without_spacing, row)) for row in connection.exec_driver_sql(query)}
            for name, query in catalog.items()
        }
    engine.dispose()
    return found


def _without_spacing(value: Any) -> Any:
    return " ".join(value.split()).replace("( ", "(").replace(" )", ")") if isinstance(value, str) else value


def migrated(url: str, line: Line) -> str:
    database = Database(url)
    migrating.migrate(database, versions=line.versions, metadata=line.metadata)
    database.close()
    return url


def lay_out_service(url: str) -> None:
    """Migrate the service's database."""
    migrated(url, LINES[0])


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_migrated_tables_are_what_the_models_say(line: Line, new_database_url: NewDatabaseUrl) -> None:
    modelled = new_database_url("modelled")
    engine = sa.create_engine(modelled)
    line.metadata.create_all(engine)
    engine.dispose()

    by_models = told(modelled)
    assert any(by_models.values())
    assert told(migrated(new_database_url("migrated"), line)) == by_models


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_database_is_current_only_after_its_migration(line: Line, new_database_url: NewDatabaseUrl) -> None:
    database = Database(new_database_url("fresh"))
    before = migrating.is_current(database, versions=line.versions)
    migrating.migrate(database, versions=line.versions, metadata=line.metadata)

    assert not before
    assert migrating.is_current(database, versions=line.versions)
    database.close()


def test_migrating_again_changes_nothing(new_database_url: NewDatabaseUrl) -> None:
    url = migrated(new_database_url("twice"), LINES[0])
    once = told(url)

    assert told(migrated(url, LINES[0])) == once


def test_messages_from_before_the_app_keep_their_place_and_may_be_read_by_any_sign_in(
    new_database_url: NewDatabaseUrl,
) -> None:
    database = Database(new_database_url("before-the-app"))
    messages = Base.metadata.tables["messages"]
    with database.writing() as connection:
        _go(connection, command.upgrade, "0014")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        row = {**plausible_row(messages), "direction": "in", "medium": "sms"}
        as_it_was = sa.table("messages", *(sa.column(name, messages.c[name].type) for name in row))
        connection.execute(sa.insert(as_it_was).values(**row))
    with database.writing() as connection:
        _go(connection, command.upgrade, "0015")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(sa.update(messages).values(lease_token=uuid.uuid4()))

    with database.writing() as connection:
        (kept,) = connection.execute(sa.select(messages.c.id, messages.c.content_class, messages.c.body)).all()
        whole = connection.dialect.name != "sqlite" or connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    assert (kept.id, kept.content_class, kept.body) == (row["id"], "sms_ok", row["body"])
    assert whole
    database.close()


def test_tables_before_the_app_are_as_they_were_once_it_is_taken_back(new_database_url: NewDatabaseUrl) -> None:
    url = new_database_url("back")
    database = Database(url)
    with database.writing() as connection:
        _go(connection, command.upgrade, "0014")
    before = told(url)
    for step, version in ((command.upgrade, "0015"), (command.downgrade, "0014")):
        with database.writing() as connection:
            _go(connection, step, version)

    database.close()
    assert told(url) == before


@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        ("booking_system", True, True),
        ("booking_system", False, False),
        ("jobportal", True, True),
        ("jobportal", False, None),  # its profile may have had no such column
        ("api:7", False, None),  # nothing said was a no
    ],
)
def test_only_what_was_said_of_huskeservice_is_kept(
    source: str, before: bool, after: bool | None, new_database_url: NewDatabaseUrl
) -> None:
    database = Database(url := new_database_url("others-remind"))
    with database.writing() as connection:
        _go(connection, command.upgrade, "0045")
    appointment_id, line_id = uuid.uuid4(), uuid.uuid4()
    was = {"reminded_elsewhere": before}
    _put(url, "appointments", was, id=appointment_id, source=source, row_digest=b"x")
    _put(url, "exposures", was, appointment_id=appointment_id)
    _put(url, "evaluation_lines", was, id=line_id)
    _put(url, "evaluation_line_links", {}, appointment_id=appointment_id, line_id=line_id)
    with database.writing() as connection:
        _go(connection, command.upgrade, "0046")
        kept = {
            name: connection.execute(sa.select(Base.metadata.tables[name])).one()
            for name in ("appointments", "exposures", "evaluation_lines")
        }
    with database.writing() as connection:
        _go(connection, command.downgrade, "0045")
        back = connection.scalar(sa.select(sa.table("appointments", sa.column("reminded_elsewhere", sa.Boolean()))))

    for row in kept.values():
        told = (row.reminded_by_huskeservice, row.reminded_by_nemsms, row.reminded_by_booking_system)
        assert told == (after, None, None)
    assert kept["appointments"].row_digest == b"x"  # the next import overwrites nothing that was changed here
    assert back is before
    database.close()


def _put(url: str, name: str, was: dict[str, bool], **given: Any) -> None:
    """Put a plausible row into a table as it was, with columns that it has no more, whatever rows it points at."""
    engine = sa.create_engine(url)
    table = Base.metadata.tables[name]
    row = plausible_row(table) | given
    columns = [sa.column(column, table.c[column].type) for column in row]
    as_it_was = sa.table(name, *columns, *(sa.column(column, sa.Boolean()) for column in was))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(sa.insert(as_it_was).values(row | was))
    engine.dispose()


def _go(connection: sa.Connection, step: Callable[[Config, str], None], version: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(migrating.HERE))
    settings.set_main_option("version_locations", str(migrating.VERSIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes.update(connection=connection, metadata=Base.metadata)
    step(settings, version)


def test_database_without_tables_is_told_from_a_laid_out_one(database_url: str) -> None:
    database = Database(database_url)

    assert not is_laid_out(database)
    database.close()


def test_laying_out_knows_every_table_of_every_room() -> None:
    known = subprocess.run(
        [sys.executable, "-c", "import messaging.laying_out as l; print(*sorted(l.Base.metadata.tables))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for module in pkgutil.walk_packages(messaging.__path__, "messaging."):
        if module.name.endswith((".models", ".changes", ".leadership")):
            importlib.import_module(module.name)

    assert known == sorted(Base.metadata.tables)


def test_sealed_columns_are_found() -> None:
    assert {("messages", "body"), ("inbound_events", "raw"), ("journal_events", "payload"), ("citizens", "cpr")} <= set(
        SEALED
    )


@pytest.fixture
def tables(new_database_url: NewDatabaseUrl) -> Iterator[sa.Connection]:
    """The migrated service's tables, in a transaction that asks nothing of foreign keys and is never committed."""
    engine = sa.create_engine(new_database_url("checked", prepare=lay_out_service))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
    engine.dispose()


@pytest.mark.parametrize(("table", "column"), SEALED, ids=lambda name: name)
def test_raw_sql_cannot_put_clear_text_into_a_sealed_column(table: str, column: str, tables: sa.Connection) -> None:
    tables.execute(sa.insert(Base.metadata.tables[table]).values(plausible_row(Base.metadata.tables[table])))
    clear: bytes | str = b"\x01" + b"klartekst"
    if tables.dialect.name == "sqlite":
        clear = "\x01" + "klartekst, der er lang nok til at ligne noget forseglet " * 3

    with pytest.raises(sa.exc.IntegrityError, match=f"ck_{table}_{column}_sealed"):
        tables.exec_driver_sql(
            f"UPDATE {table} SET {column} = {'?' if tables.dialect.name == 'sqlite' else '%s'}", (clear,)
        )


def plausible_row(table: sa.Table) -> dict[str, Any]:
    """A row that fits: something of the right type where there must be something, and all that is sealed."""
    return {
        column.name: _plausible(column)
        for column in table.columns
        if isinstance(column.type, SealedType) or (not column.nullable and column.server_default is None)
    }


def _plausible(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, SealedType):
        return Sealed(b"\x01" + bytes(OVERHEAD))
    if isinstance(column.type, sa.Enum):
        return next(iter(column.type.enum_class or ()))
    if isinstance(column.type, Moment):
        return A_TUESDAY
    by_type: dict[type, Any] = {uuid.UUID: uuid.uuid4(), bytes: b"x", str: "x", int: 1, bool: True}
    return by_type[column.type.python_type]
