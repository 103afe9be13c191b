"""The vault as the rooms use it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.errors import InvalidInput
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import OwnerKeyRow
from messaging.vault.place import Place
from messaging.vault.vault import MANY, TRIAGE, Vault

PLACE = Place("messages", "body", new_id())


@pytest.fixture
def owner(vault: Vault) -> UUID:
    owner = new_id()
    vault.create_owner(owner)
    return owner


def stored_keys(keystore: Database) -> dict[UUID, bytes]:
    with keystore.read() as session:
        return {row.owner: row.wrapped for row in session.scalars(sa.select(OwnerKeyRow))}


@pytest.mark.parametrize("text", ["", "Hej Mette, jeg kommer kl. 10.30", "æøå 🙂 \u202e\x00\x1b", "x" * 5000])
def test_sealed_text_opens_for_its_owner_at_its_place(vault: Vault, owner: UUID, text: str) -> None:
    sealed = vault.seal(text, owner=owner, place=PLACE)

    assert vault.open(sealed, owner=owner, place=PLACE) == text


def test_sealed_text_opens_in_another_process(vault: Vault, owner: UUID, keyring: Keyring, keystore: Database) -> None:
    sealed = vault.seal("tekst", owner=owner, place=PLACE)

    other = Vault(Keyring.load(keyring.path), keystore)
    assert other.open(sealed, owner=owner, place=PLACE) == "tekst"


def test_k2_text_of_one_citizen_does_not_open_for_another(vault: Vault, owner: UUID) -> None:
    vault.create_owner(other := new_id())
    sealed = vault.seal("tekst", owner=owner, place=PLACE)

    with pytest.raises(CannotOpen, match=str(CannotOpen())):
        vault.open(sealed, owner=other, place=PLACE)


def test_k2_wrapped_key_moved_to_another_owner_does_not_open(vault: Vault, owner: UUID, keystore: Database) -> None:
    vault.create_owner(thief := new_id())
    sealed = vault.seal("tekst", owner=owner, place=PLACE)
    with keystore.write() as session:
        row = session.get_one(OwnerKeyRow, owner)
        stolen = {"key_id": row.key_id, "wrapped": row.wrapped}
        session.delete(row)
        session.flush()
        session.execute(sa.update(OwnerKeyRow).filter_by(owner=thief).values(**stolen))

    with pytest.raises(CannotOpen, match=str(CannotOpen())):
        vault.open(sealed, owner=thief, place=PLACE)


def test_content_of_an_unknown_owner_does_not_open(vault: Vault, owner: UUID) -> None:
    sealed = vault.seal("tekst", owner=owner, place=PLACE)

    with pytest.raises(CannotOpen, match=str(CannotOpen())):
        vault.open(sealed, owner=uuid4(), place=PLACE)


def test_sealed_bytes_that_are_no_text_do_not_open_as_text(vault: Vault, owner: UUID) -> None:
    sealed = vault.seal_bytes(b"\xff", owner=owner, place=PLACE)

    with pytest.raises(CannotOpen, match=str(CannotOpen())) as refusal:
        vault.open(sealed, owner=owner, place=PLACE)
    assert refusal.value.__context__ is None


def test_nothing_is_sealed_for_an_owner_without_a_key(vault: Vault) -> None:
    with pytest.raises(UnknownOwner):
        vault.seal("tekst", owner=uuid4(), place=PLACE)


def test_half_a_surrogate_pair_is_refused_without_repeating_the_text(vault: Vault, owner: UUID) -> None:
    with pytest.raises(InvalidInput) as refusal:
        vault.seal("hemmeligt \ud83d", owner=owner, place=PLACE)

    assert "hemmeligt" not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_messages_of_unknown_senders_have_an_owner_from_the_start(vault: Vault) -> None:
    sealed = vault.seal("tekst", owner=TRIAGE, place=PLACE)

    assert vault.open(sealed, owner=TRIAGE, place=PLACE) == "tekst"


def test_owner_keeps_the_key_when_created_again(vault: Vault, owner: UUID, keystore: Database) -> None:
    before = stored_keys(keystore)
    vault.create_owner(owner)
    vault.create_owners([owner, owner])

    assert stored_keys(keystore) == before


def test_twenty_threads_creating_one_owner_give_one_key(vault: Vault, keystore: Database) -> None:
    owner = new_id()
    start = threading.Barrier(20, timeout=30)

    def create(number: int) -> bytes:
        start.wait()
        vault.create_owner(owner)
        return vault.seal(str(number), owner=owner, place=PLACE).blob[2:18]

    with ThreadPoolExecutor(20) as threads:
        key_ids = set(threads.map(create, range(20)))

    assert len(key_ids) == 1


def test_owners_of_an_import_are_created_and_read_in_batches(vault: Vault) -> None:
    owners = [new_id() for _ in range(1201)]
    vault.create_owners(owners)
    vault.warm(owners[:900])
    before = vault.cache_statistics()
    for owner in owners[:900]:
        vault.seal("tekst", owner=owner, place=PLACE)
    after = vault.cache_statistics()

    assert all(vault.has_owner(owner) for owner in owners)
    assert (after.hits - before.hits, after.misses - before.misses) == (900, 0)


def test_owner_created_after_a_failed_look_up_is_found(vault: Vault) -> None:
    owner = new_id()
    known_before = vault.has_owner(owner)
    vault.create_owner(owner)

    assert (known_before, vault.has_owner(owner)) == (False, True)


def test_k8_equal_numbers_have_equal_indexes_and_others_do_not(vault: Vault) -> None:
    indexes = [vault.phone_index("+4520123456"), vault.phone_index("+4520123456"), vault.phone_index("+4520123457")]

    assert indexes[0] == indexes[1] != indexes[2]
    assert {len(index) for index in indexes} == {32}


def test_look_up_values_of_different_purposes_have_nothing_in_common(vault: Vault) -> None:
    data = "0101010101"
    values = {
        vault.phone_index(data),
        vault.cpr_index(data),
        vault.fingerprint(data.encode(), purpose="idempotency"),
        vault.fingerprint(data.encode(), purpose="media"),
    }

    assert len(values) == 4


def test_branches_differ_by_purpose_and_stay_the_same(vault: Vault, keyring: Keyring, keystore: Database) -> None:
    again = Vault(Keyring.load(keyring.path), keystore)

    assert vault.branch("audit") == again.branch("audit")
    assert vault.branch("audit") != vault.branch("audit-checkpoint")
    assert len(vault.branch("session")) == 32


def test_box_seals_and_opens_what_the_vault_does(vault: Vault, owner: UUID) -> None:
    place = Place("messages", "body", uuid4())
    box = vault.boxes([owner])[owner]

    assert vault.open(box.seal("hej", place=place), owner=owner, place=place) == "hej"
    assert box.open(vault.seal("hej", owner=owner, place=place), place=place) == "hej"
    with pytest.raises(CannotOpen):
        box.open(vault.seal("hej", owner=owner, place=place), place=Place("messages", "body", uuid4()))


def test_there_is_no_box_for_an_owner_without_a_key(vault: Vault, owner: UUID) -> None:
    assert vault.boxes([owner, uuid4()]).keys() == {owner}


def test_boxes_of_very_many_push_no_key_out_of_memory(vault: Vault, owner: UUID) -> None:
    many = [uuid4() for _ in range(MANY)]
    vault.create_owners(many)
    vault.has_owner(owner)
    held = vault.cache_statistics().held

    assert vault.boxes(many).keys() == set(many)
    assert vault.cache_statistics().held == held
