"""Messages become findable in the background: whatever came when, once, under the right key."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.conversations.assigning import assign_message
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Message, SearchToken
from messaging.conversations.search_words import terms_of
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.vault.sealed import Sealed
from messaging.vault.vault import TRIAGE
from tests.conversations.conftest import Town

UNKNOWN = "+4526262626"


@pytest.fixture
def indexer(runtime: Runtime) -> SearchIndexer:
    return SearchIndexer(runtime)


def stored(town: Town, message_id: uuid.UUID) -> set[int]:
    return {row.token for row in town.rows(SearchToken, message_id=message_id)}


def expected(town: Town, text: str, *, owner: uuid.UUID) -> set[int]:
    return set(town.runtime.vault.search_tokens(sorted(terms_of(text)), owners=[owner])[owner])


def test_what_a_citizen_writes_gets_its_tokens(town: Town, indexer: SearchIndexer) -> None:
    sara = town.citizen()
    town.hears("Jeg er syg i dag")
    indexer.drain()

    (message,) = town.messages()
    assert stored(town, message.id) == expected(town, "Jeg er syg i dag", owner=sara) != set()


def test_what_we_write_gets_its_tokens(town: Town, indexer: SearchIndexer) -> None:
    sara = town.citizen()
    message_id = town.writes(sara, "Vi ses til samtalen")
    indexer.drain()

    assert stored(town, message_id) == expected(town, "Vi ses til samtalen", owner=sara) != set()


def test_message_in_triage_gets_none_until_it_has_found_its_thread(town: Town, indexer: SearchIndexer) -> None:
    sara = town.citizen()
    town.hears("Det er Sara, nyt nummer", sender=UNKNOWN)
    (message,) = town.messages()
    indexer.drain()
    before = stored(town, message.id)
    with town.runtime.act(SYSTEM) as act:
        assign_message(act, message_id=message.id, citizen_id=sara)
    indexer.drain()

    assert before == set()
    assert stored(town, message.id) == expected(town, "Det er Sara, nyt nummer", owner=sara)
    assert not stored(town, message.id) & expected(town, "Det er Sara, nyt nummer", owner=TRIAGE)


def test_indexer_that_starts_late_takes_in_what_was_there(town: Town, runtime: Runtime) -> None:
    sara = town.citizen()
    ids = [town.writes(sara, f"Besked nummer {number}") for number in range(3)]
    late = SearchIndexer(runtime)
    late.drain()

    assert all(stored(town, message_id) for message_id in ids)
    assert late.drain() == 0


def test_indexer_that_died_before_its_place_was_kept_stores_nothing_twice(town: Town, runtime: Runtime) -> None:
    sara = town.citizen()
    town.writes(sara, "Vi ses til samtalen")
    SearchIndexer(runtime).drain()
    once = len(town.rows(SearchToken))
    with runtime.database.write() as session:
        session.execute(sa.text("DELETE FROM tail_positions"))
    SearchIndexer(runtime).drain()

    assert len(town.rows(SearchToken)) == once > 0


def test_message_that_cannot_be_opened_keeps_no_other_from_being_found(town: Town, indexer: SearchIndexer) -> None:
    sara = town.citizen()
    broken, whole = town.writes(sara, "Den første"), town.writes(sara, "Den anden")
    with town.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(id=broken).values(body=Sealed(b"\x01" + bytes(90))))
    indexer.drain()

    assert stored(town, broken) == set()
    assert stored(town, whole)


def test_tokens_of_a_deleted_message_go_with_it(town: Town, indexer: SearchIndexer) -> None:
    sara = town.citizen()
    message_id = town.writes(sara, "Vi ses til samtalen")
    indexer.drain()
    with town.runtime.database.write() as session:
        session.execute(sa.delete(Message).filter_by(id=message_id))

    assert stored(town, message_id) == set()
