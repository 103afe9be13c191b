"""The sealed column type and the CHECK that stands behind it."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from messaging.database.base import NAMING, new_id
from messaging.database.engine import Database
from messaging.vault.sealed import OVERHEAD, Sealed, SealedType, sealed_column, sealed_form
from tests.conftest import NewDatabaseUrl


class NoteBase(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


class Note(NoteBase):
    __tablename__ = "notes"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    body: Mapped[Sealed] = sealed_column("body")
    remark: Mapped[Sealed | None] = sealed_column("remark", nullable=True)


WELL_FORMED = Sealed(b"\x01" + bytes(OVERHEAD - 1))


@pytest.fixture
def notes(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    NoteBase.metadata.create_all(database.engine)
    yield database
    database.close()


def test_sealed_value_comes_back_as_it_was_stored(notes: Database) -> None:
    with notes.write() as session:
        session.add(Note(body=WELL_FORMED))

    with notes.read() as session:
        stored = session.scalars(sa.select(Note)).one()
    assert (stored.body, stored.remark) == (WELL_FORMED, None)


@pytest.mark.parametrize("content", ["tekst", b"\x01" + bytes(100), bytearray(100), 7])
def test_sealed_column_refuses_what_the_vault_has_not_sealed(notes: Database, content: object) -> None:
    with pytest.raises(sa.exc.StatementError) as refused, notes.write() as session:
        session.execute(sa.insert(Note).values(body=content))

    assert isinstance(refused.value.orig, TypeError)


def test_sealed_column_cannot_be_compared_with_text(notes: Database) -> None:
    with pytest.raises(sa.exc.StatementError), notes.read() as session:
        session.execute(sa.select(Note).where(Note.body == "tekst"))


@pytest.mark.parametrize("column", ["body", "remark"])
@pytest.mark.parametrize(
    "value",
    [b"", b"\x01", b"\x01" + bytes(OVERHEAD - 2), b"\x00" + bytes(OVERHEAD), b"\x02" + bytes(OVERHEAD)],
    ids=["empty", "version only", "one byte short", "version 0", "version 2"],
)
def test_database_refuses_raw_values_that_are_not_sealed(notes: Database, column: str, value: bytes) -> None:
    raw = {"id": uuid.uuid4().hex, "body": WELL_FORMED.blob, "remark": None, column: value}

    with pytest.raises(sa.exc.IntegrityError, match=f"ck_notes_{column}_sealed"), notes.writing() as connection:
        connection.execute(sa.text("INSERT INTO notes (id, body, remark) VALUES (:id, :body, :remark)"), raw)


def test_sqlite_refuses_text_in_a_sealed_column(new_sqlite_url: NewDatabaseUrl) -> None:
    database = Database(new_sqlite_url("messaging"))
    NoteBase.metadata.create_all(database.engine)
    text = {"id": uuid.uuid4().hex, "body": "\x01" + "a" * OVERHEAD}

    with pytest.raises(sa.exc.IntegrityError, match="ck_notes_body_sealed"), database.writing() as connection:
        connection.execute(sa.text("INSERT INTO notes (id, body) VALUES (:id, :body)"), text)
    database.close()


def test_migration_can_state_the_check(notes: Database) -> None:
    with notes.writing() as connection:
        Operations(MigrationContext.configure(connection, opts={"target_metadata": NoteBase.metadata})).create_table(
            "letters",
            sa.Column("body", SealedType(), nullable=False),
            sa.CheckConstraint(sealed_form("body"), name="body_sealed"),
        )

    with pytest.raises(sa.exc.IntegrityError, match="ck_letters_body_sealed"), notes.writing() as connection:
        connection.execute(sa.text("INSERT INTO letters (body) VALUES (:body)"), {"body": b"tekst"})


def test_sealed_value_does_not_show_itself() -> None:
    assert repr(Sealed(b"\x01hemmeligt")) == "<Sealed 10 bytes>"
