"""Tokens of words: equal for one owner, unequal between owners, gone with the key."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import OwnerKeyRow
from messaging.vault.record import OwnerKey
from messaging.vault.search_tokens import derive_tokens
from messaging.vault.vault import Vault

SARA, AHMED = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def vault(keyring: Keyring, keystore: Database) -> Vault:
    """A vault with two owners."""
    vault = Vault(keyring, keystore)
    vault.create_owners([SARA, AHMED])
    return vault


def test_tokens_stay_as_they_were() -> None:
    key = OwnerKey(owner=uuid.UUID(int=1), id=uuid.UUID(int=2), secret=bytes(range(32)))

    assert derive_tokens(["stem moed", "prefix samtal"], key=key) == [
        5798380108158100779,
        6759073402406353234,
    ]


def test_a_word_has_the_same_token_every_time(vault: Vault) -> None:
    assert vault.search_tokens(["sygdom"], owners=[SARA]) == vault.search_tokens(["sygdom"], owners=[SARA])


def test_equal_words_of_two_owners_have_unequal_tokens(vault: Vault) -> None:
    tokens = vault.search_tokens(["sygdom"], owners=[SARA, AHMED])

    assert tokens[SARA] != tokens[AHMED]


def test_tokens_come_in_the_order_of_the_words(vault: Vault) -> None:
    (first, second) = vault.search_tokens(["sygdom", "bil"], owners=[SARA])[SARA]

    assert [second, first] == vault.search_tokens(["bil", "sygdom"], owners=[SARA])[SARA]


def test_tokens_fill_the_signed_numbers_of_databases_and_no_more(vault: Vault) -> None:
    tokens = vault.search_tokens([f"ord {number}" for number in range(200)], owners=[SARA])[SARA]

    assert all(-(2**63) <= token < 2**63 for token in tokens)
    assert min(tokens) < 0 < max(tokens)


def test_owner_whose_key_is_gone_has_no_tokens(keyring: Keyring, keystore: Database, vault: Vault) -> None:
    with keystore.write() as session:
        session.execute(sa.delete(OwnerKeyRow).where(OwnerKeyRow.owner == SARA))
    fresh = Vault(keyring, keystore)

    assert set(fresh.search_tokens(["sygdom"], owners=[SARA, AHMED])) == {AHMED}


def test_keys_of_many_owners_are_read_in_one_statement(keyring: Keyring, keystore: Database, vault: Vault) -> None:
    owners = [uuid.uuid4() for _ in range(50)]
    vault.create_owners(owners)
    fresh = Vault(keyring, keystore, cache_size=10)
    fresh.search_tokens(["sygdom"], owners=[SARA])
    statements: list[str] = []
    sa.event.listen(keystore._reader, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    assert len(fresh.search_tokens(["sygdom"], owners=owners)) == 50
    assert len([statement for statement in statements if statement != "BEGIN"]) == 1
