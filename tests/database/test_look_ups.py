"""A look-up gives what the same statement gives by a session, on either database."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from messaging.database.changes import Change
from messaging.database.engine import Database
from messaging.database.look_ups import LookUp
from messaging.errors import DatabaseBusy

CHANGES = LookUp(
    sa.select(Change.object_id, Change.kind, Change.happened_at)
    .where(
        Change.object_id == sa.bindparam("of"),
        Change.kind == "message.received",
        Change.happened_at > sa.bindparam("since"),
    )
    .order_by(Change.position)
)
LONG_AGO, AT = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)


def write(database: Database, *, kind: str, object_id: uuid.UUID, at: datetime = AT) -> None:
    with database.write() as session:
        session.execute(sa.insert(Change).values(kind=kind, object_id=object_id, happened_at=at))


def test_values_come_back_in_the_types_of_their_columns(database: Database) -> None:
    wanted = uuid.uuid4()
    write(database, kind="message.received", object_id=wanted)
    write(database, kind="message.written", object_id=wanted)
    write(database, kind="message.received", object_id=uuid.uuid4())

    assert CHANGES.rows(database, of=wanted, since=LONG_AGO) == [(wanted, "message.received", AT)]


def test_it_sees_what_was_committed_since_it_was_last_asked(database: Database) -> None:
    wanted = uuid.uuid4()
    before = CHANGES.rows(database, of=wanted, since=LONG_AGO)
    write(database, kind="message.received", object_id=wanted)

    assert (before, len(CHANGES.rows(database, of=wanted, since=LONG_AGO))) == ([], 1)


def test_parameter_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(KeyError):
        CHANGES.rows(database, of=uuid.uuid4(), till=LONG_AGO)


def test_database_that_is_gone_is_busy() -> None:
    nobody = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout=1)

    with pytest.raises(DatabaseBusy):
        CHANGES.rows(nobody, of=uuid.uuid4(), since=LONG_AGO)
