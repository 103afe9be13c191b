"""What the scopes of a database promise."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.database.changes import Change, announce
from messaging.database.engine import Database
from messaging.errors import DatabaseBusy


def test_read_refuses_to_write(database: Database) -> None:
    with pytest.raises((DatabaseBusy, sa.exc.InternalError)), database.read() as session:
        announce(session, "message.received", object_id=uuid.uuid4())


def test_read_sees_what_was_written(database: Database) -> None:
    with database.write() as session:
        announce(session, "message.received", object_id=uuid.uuid4())

    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == 1
