"""Events take the numbers of their stream without a gap, whoever writes them and by which path."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.journal.models import EventState, JournalEvent
from messaging.journal.recording import (
    EVENT_POSTGRESQL,
    EVENT_SQLITE,
    NewEvent,
    event_parameters,
    payload_place,
    record_many,
)
from messaging.vault.vault import Vault
from tests.journal.writing import NOON, events_of, received, write


def numbers_of(database: Database, stream_id: uuid.UUID) -> list[int]:
    return [event.seq for event in events_of(database, stream_id)]


def write_hot(database: Database, vault: Vault, event: NewEvent, *, gate: bool = True) -> None:
    """Write one event by the statements of the hot paths."""
    parameters = event_parameters(vault, event, dialect=database.dialect)
    with database.writing() as connection:
        if database.dialect == "postgresql":
            ctes = EVENT_POSTGRESQL.format(gate="gate")
            connection.exec_driver_sql(
                f"WITH gate AS (SELECT 1 WHERE %(passes)s), {ctes} SELECT 1", {**parameters, "passes": gate}
            )
        elif gate:
            for statement in EVENT_SQLITE:
                connection.exec_driver_sql(statement, parameters)


def test_first_event_of_a_stream_is_number_one(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    event = write(database, vault, received(citizen))

    assert event.seq == 1


def test_streams_count_apart(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    other = new_id()
    vault.create_owner(other)
    write(database, vault, received(citizen))
    write(database, vault, received(other))

    assert numbers_of(database, citizen) == numbers_of(database, other) == [1]


def test_new_event_is_pending_and_due_by_the_database_clock(
    database: Database, vault: Vault, citizen: uuid.UUID
) -> None:
    write(database, vault, received(citizen))
    write_hot(database, vault, received(citizen))
    with database.write() as session:
        record_many(session, vault, events=[received(citizen)])
    slowest, quickest = events_of(database, citizen)[0], events_of(database, citizen)[-1]

    assert {event.state for event in events_of(database, citizen)} == {EventState.PENDING}
    assert slowest.next_try_at <= quickest.next_try_at


def test_facts_are_sealed_in_canonical_form(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    event = write(database, vault, received(citizen, text="Æble"))
    facts = vault.open_bytes(event.payload, owner=citizen, place=payload_place(event.id))

    assert facts == '{"author":"citizen","channel":"sms","direction":"in","text":"Æble"}'.encode()


def test_rolled_back_event_leaves_no_gap(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    with database.write() as session:
        record_many(session, vault, events=[received(citizen)])
        session.rollback()
    write(database, vault, received(citizen))

    assert numbers_of(database, citizen) == [1]


def test_r16_twenty_parallel_writers_leave_no_gap(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    """R16, by the three ways of writing at once."""

    def bulk(database: Database, vault: Vault, event: NewEvent) -> None:
        with database.write() as session:
            record_many(session, vault, events=[event, event])

    ways = (write, write_hot, bulk)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: ways[n % 3](database, vault, received(citizen)), range(60)))

    assert numbers_of(database, citizen) == list(range(1, 81))


def test_bulk_keeps_the_order_of_each_stream(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    other = new_id()
    vault.create_owner(other)
    write(database, vault, received(other))
    planned = [received((citizen, other)[n % 2]) for n in range(10)]
    with database.write() as session:
        record_many(session, vault, events=planned)

    for stream_id, before in ((citizen, 0), (other, 1)):
        written = [event.subject_id for event in events_of(database, stream_id)[before:]]
        assert written == [event.subject_id for event in planned if event.stream_id == stream_id]
    assert numbers_of(database, other) == list(range(1, 7))


def test_bulk_takes_as_many_statements_for_many_events_as_for_one(database: Database, vault: Vault) -> None:
    owners = [new_id() for _ in range(20)]
    vault.create_owners(owners)
    seen: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *heard: seen.append(heard[2]))
    with database.write() as session:
        record_many(session, vault, events=[received(owners[0])])
    alone = len(seen)
    with database.write() as session:
        record_many(session, vault, events=[received(owner) for owner in owners * 5])

    assert (len(seen), len(events_of(database, owners[3]))) == (2 * alone, 5)


def test_bulk_of_nothing_writes_nothing(database: Database, vault: Vault) -> None:
    with database.write() as session:
        record_many(session, vault, events=[])

    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(JournalEvent)) == 0


def test_hot_path_writes_the_same_row_as_the_slow_one(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    happening = received(citizen)
    write(database, vault, happening)
    write_hot(database, vault, happening)
    slow, hot = events_of(database, citizen)

    own = {"id", "seq", "payload", "pending_since", "next_try_at"}
    columns = [column.key for column in JournalEvent.__table__.columns if column.key not in own]
    assert {name: getattr(slow, name) for name in columns} == {name: getattr(hot, name) for name in columns}
    assert json.loads(vault.open(hot.payload, owner=citizen, place=payload_place(hot.id))) == happening.facts


def test_hot_path_writes_nothing_when_the_gate_is_shut(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    write_hot(database, vault, received(citizen), gate=False)
    write_hot(database, vault, received(citizen))

    assert numbers_of(database, citizen) == [1]


@pytest.mark.parametrize(
    ("type_", "facts"), [("message.dreamt", {}), ("message.received", {"shoe_size": 43})], ids=["type", "fact"]
)
def test_what_is_not_in_the_list_of_events_is_refused(
    database: Database, vault: Vault, citizen: uuid.UUID, type_: str, facts: dict[str, int]
) -> None:
    event = NewEvent(stream_id=citizen, type=type_, subject_id=new_id(), occurred_at=NOON, facts=facts)
    with pytest.raises(ValueError, match=r"dreamt|shoe_size"):
        write(database, vault, event)

    assert events_of(database, citizen) == []
