"""One of very many, in one parameter."""

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id, table_of
from messaging.database.engine import Database
from messaging.database.many_rows import insert_many
from messaging.database.sets import is_one_of
from messaging.people.models import Unit

UNITS = table_of(Unit).c


def test_rows_with_one_of_the_ids_are_found_and_no_others(database: Database) -> None:
    ids = [new_id() for _ in range(3)]
    with database.write() as session:
        insert_many(session, Unit, [{"id": id_, "name": f"Team {id_}"} for id_ in ids])

    with database.read() as session:
        found = session.scalars(sa.select(UNITS.id).where(is_one_of(session, UNITS.id, [ids[2], new_id(), ids[0]])))
        assert set(found) == {ids[0], ids[2]}
        assert session.scalars(sa.select(UNITS.id).where(is_one_of(session, UNITS.id, []))).all() == []


def test_there_may_be_more_of_them_than_a_statement_takes_parameters(database: Database) -> None:
    many = [new_id() for _ in range(70_000)]
    with database.write() as session:
        insert_many(session, Unit, [{"id": many[-1], "name": "Ungeteamet"}])

    with database.read() as session:
        assert session.scalars(sa.select(UNITS.id).where(is_one_of(session, UNITS.id, many))).all() == [many[-1]]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_postgresql_sees_that_the_list_is_the_same_for_every_row(database: Database) -> None:
    """A list that it takes for something to be worked out is looked through from its beginning for each row."""
    asked = new_id()
    with database.read() as session:
        statement = sa.select(UNITS.id).where(is_one_of(session, UNITS.id, [asked]))
        connection = session.connection()
        written = statement.compile(connection)
        plan = connection.exec_driver_sql(f"EXPLAIN {written}", written.params).scalars().all()

    assert any(f"ANY ('{{{asked}}}'::uuid[])" in line for line in plan), plan
