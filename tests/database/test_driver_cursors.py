"""Cursors are lent to one thread at a time, kept, and never more than allowed."""

import pytest
import sqlalchemy as sa

from messaging.database.driver_cursors import DriverCursors
from messaging.database.engine import Database
from messaging.errors import DatabaseBusy


def test_one_cursor_is_lent_again_and_two_at_once_are_two(database: Database) -> None:
    cursors = DriverCursors(database.engine, limit=2)
    with cursors.one() as first:
        pass
    with cursors.one() as again, cursors.one() as other:
        assert again is first
        assert other is not first
    cursors.close()


def test_who_finds_all_in_use_is_told_so_after_its_patience(database: Database) -> None:
    cursors = DriverCursors(database.engine, limit=1, patience=0.01)
    with cursors.one() as cursor:
        with pytest.raises(DatabaseBusy), cursors.one():
            pytest.fail("a second cursor was lent")
        cursor.execute("SELECT 1")
        assert tuple(cursor.fetchone()) == (1,)
    cursors.close()


def test_error_of_the_driver_becomes_one_of_sqlalchemy_and_spoils_no_cursor(database: Database) -> None:
    cursors = DriverCursors(database.engine, limit=1)
    with pytest.raises(sa.exc.DBAPIError), cursors.one() as cursor:
        cursor.execute("SELECT nonsense FROM nowhere")
    if database.dialect == "postgresql":
        with cursors.one() as cursor:
            cursor.execute("ROLLBACK")
    with cursors.one() as cursor:
        cursor.execute("SELECT 1")
        assert tuple(cursor.fetchone()) == (1,)
    cursors.close()
