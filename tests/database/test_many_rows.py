"""Many rows at once: put down in their order with their defaults, changed by their ids, and counted on."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.changes import Change
from messaging.database.engine import Database
from messaging.database.many_rows import count_on, insert_many, update_many
from messaging.journal.models import JournalStream
from messaging.people.models import Unit


@pytest.fixture
def units(database: Database) -> list[uuid.UUID]:
    """Three teams, the last of them added to the session that puts down the others."""
    ids = [new_id() for _ in range(3)]
    with database.write() as session:
        session.add(Unit(id=ids[2], name="C"))
        insert_many(session, Unit, [{"id": ids[0], "name": "A"}, {"id": ids[1], "name": "B"}])
    return ids


def names(database: Database) -> dict[uuid.UUID, str]:
    with database.read() as session:
        return dict(session.execute(sa.select(Unit.id, Unit.name)).all())


def test_rows_are_put_down_beside_what_the_session_adds(database: Database, units: list[uuid.UUID]) -> None:
    assert names(database) == dict(zip(units, "ABC", strict=True))


def test_rows_keep_their_order_and_get_the_defaults_of_the_database(database: Database) -> None:
    things = [new_id() for _ in range(20)]
    with database.write() as session:
        insert_many(session, Change, [{"kind": "unit.seen", "object_id": thing} for thing in things])

    with database.read() as session:
        rows = session.scalars(sa.select(Change).order_by(Change.position)).all()
        assert [row.object_id for row in rows] == things
        assert all(row.happened_at for row in rows)


def test_refused_row_is_sqlalchemys_error_and_nothing_stays(database: Database, units: list[uuid.UUID]) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.write() as session:
        insert_many(session, Unit, [{"id": new_id(), "name": "D"}, {"id": units[0], "name": "E"}])

    assert sorted(names(database).values()) == ["A", "B", "C"]


def test_error_tells_nothing_of_what_was_to_be_put_down(database: Database, units: list[uuid.UUID]) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, database.write() as session:
        insert_many(session, Unit, [{"id": new_id(), "name": "Hemmelig"}, {"id": units[0], "name": "Hemmelig"}])

    assert "Hemmelig" not in str(caught.value)


def test_transaction_goes_on_after_a_savepoint_was_taken_back(database: Database, units: list[uuid.UUID]) -> None:
    with database.write() as session:
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            insert_many(session, Unit, [{"id": units[0], "name": "E"}])
        insert_many(session, Unit, [{"id": new_id(), "name": "D"}])

    assert sorted(names(database).values()) == ["A", "B", "C", "D"]


def test_only_the_rows_that_are_named_change(database: Database, units: list[uuid.UUID]) -> None:
    with database.write() as session:
        update_many(session, Unit, [{"id": units[1], "name": "E"}, {"id": units[0], "name": "D"}])

    assert names(database) == dict(zip(units, "DEC", strict=True))


def test_counting_on_makes_what_is_missing_and_adds_to_what_is_there(database: Database) -> None:
    one, two = new_id(), new_id()
    with database.write() as session:
        first = count_on(session, JournalStream, [{"id": one, "last_seq": 2}], counter="last_seq")
        both = [{"id": two, "last_seq": 1}, {"id": one, "last_seq": 3}]
        second = count_on(session, JournalStream, both, counter="last_seq")

    assert (first, second) == ({one: 2}, {one: 5, two: 1})


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.read() as session:
        insert_many(session, Unit, [])
        update_many(session, Unit, [])

        assert count_on(session, JournalStream, [], counter="last_seq") == {}
