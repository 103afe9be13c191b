"""K6: a new root and rewrapped keys below it, whatever interrupts the work."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.errors import ConfigurationError
from messaging.vault.epochs import Epochs
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import OwnerKeyRow
from messaging.vault.place import Place
from messaging.vault.rotation import keys_status, rewrap, rotate
from messaging.vault.sealed import Sealed
from messaging.vault.vault import TRIAGE, Vault

PLACE = Place("messages", "body", new_id())
OWNERS = 6


class Interrupted(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def letters(vault: Vault) -> dict[UUID, Sealed]:
    """One sealed text per owner, saying whose it is."""
    owners = [new_id() for _ in range(OWNERS)]
    vault.create_owners(owners)
    return {owner: vault.seal(str(owner), owner=owner, place=PLACE) for owner in owners}


@pytest.fixture
def rotated(letters: dict[UUID, Sealed], keyring: Keyring, keystore: Database) -> dict[UUID, Sealed]:
    """The letters, with a newer root in the key file and a newer epoch in the keystore."""
    rotate(keyring)
    with keystore.write() as session:
        Epochs(keystore, keyring).begin(session)
    return letters


def unreadable(letters: dict[UUID, Sealed], keyring: Keyring, keystore: Database) -> list[UUID]:
    vault = Vault(Keyring.load(keyring.path), keystore)
    return [owner for owner, letter in letters.items() if vault.open(letter, owner=owner, place=PLACE) != str(owner)]


@contextmanager
def ending_before_commit(database: Database, number: int) -> Iterator[None]:
    """End the work when it is about to commit for the `number`th time."""
    commits = iter(range(number))

    def count(_: sa.Connection) -> None:
        if next(commits, None) is None:
            raise Interrupted

    sa.event.listen(database.engine, "commit", count)
    try:
        yield
    finally:
        sa.event.remove(database.engine, "commit", count)


def without_old_roots(keyring: Keyring, path: Path) -> Keyring:
    document = json.loads(keyring.path.read_text())
    document["roots"] = document["roots"][-1:]
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return Keyring.load(path)


def test_k6_both_versions_open_while_nothing_is_rewrapped(
    rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database
) -> None:
    assert unreadable(rotated, keyring, keystore) == []


@pytest.mark.parametrize("commits", range(OWNERS + 2))
def test_k6_rewrap_interrupted_at_any_commit_goes_on_where_it_was(
    rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database, commits: int
) -> None:
    with pytest.raises(Interrupted), ending_before_commit(keystore, commits):
        rewrap(keyring, keystore, batch=1)
    left = keys_status(keyring, keystore).to_rewrap
    assert unreadable(rotated, keyring, keystore) == []
    rewrap(keyring, keystore, batch=1)

    # one epoch, every owner and the triage owner
    assert left == 1 + OWNERS + 1 - commits
    assert keys_status(keyring, keystore).to_rewrap == 0
    assert unreadable(rotated, keyring, keystore) == []


def test_k6_old_root_is_not_needed_when_the_rewrap_is_done(
    rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database, tmp_path: Path
) -> None:
    rewrap(keyring, keystore)

    assert unreadable(rotated, without_old_roots(keyring, tmp_path / "new.key"), keystore) == []


def test_k6_old_root_is_needed_until_the_rewrap_is_done(
    rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError):
        Vault(without_old_roots(keyring, tmp_path / "new.key"), keystore)


def test_k6_process_with_the_old_key_file_in_memory_reads_on(
    rotated: dict[UUID, Sealed], vault: Vault, keyring: Keyring, keystore: Database
) -> None:
    running = Vault(Keyring.load(keyring.path), keystore, cache_seconds=0)
    rotate(keyring)
    rewrap(keyring, keystore)

    assert all(running.open(letter, owner=owner, place=PLACE) == str(owner) for owner, letter in rotated.items())


def test_owner_created_by_a_running_process_after_the_rewrap_is_readable(
    rotated: dict[UUID, Sealed], vault: Vault, keyring: Keyring, keystore: Database
) -> None:
    rewrap(keyring, keystore)
    vault.create_owner(owner := new_id())
    letter = vault.seal(str(owner), owner=owner, place=PLACE)

    assert unreadable({owner: letter}, keyring, keystore) == []


def test_two_rewraps_at_once_do_no_harm(rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: rewrap(keyring, keystore, batch=2), range(4)))

    with keystore.read() as session:
        versions = set(session.scalars(sa.select(OwnerKeyRow.version)))
    assert versions == {2}
    assert unreadable(rotated, keyring, keystore) == []


def test_key_that_does_not_open_is_reported_and_left(
    rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database
) -> None:
    damaged = min(rotated)
    with keystore.write() as session:
        session.execute(sa.update(OwnerKeyRow).filter_by(owner=damaged).values(wrapped=bytes(60)))
    done = rewrap(keyring, keystore, batch=2)

    assert (done.unopened, done.owners, done.epochs) == ([damaged], OWNERS, 1)


def test_rewrap_tells_how_far_it_is(rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database) -> None:
    heard: list[tuple[int, int]] = []
    rewrap(keyring, keystore, batch=3, progress=lambda done, total: heard.append((done, total)))

    assert heard == [(3, 7), (6, 7), (7, 7)]


def test_status_tells_what_hangs_on_each_version(
    letters: dict[UUID, Sealed], keyring: Keyring, keystore: Database
) -> None:
    first = keyring.newest
    second = rotate(keyring)
    status = keys_status(keyring, keystore)

    assert [(root.id, root.epochs) for root in status.roots] == [(first, 1), (second, 0)]
    assert [(epoch.number, epoch.root, epoch.owners) for epoch in status.epochs] == [(1, first, OWNERS + 1)]
    assert status.to_rewrap == 1


def test_rewrap_moves_the_triage_owner_too(rotated: dict[UUID, Sealed], keyring: Keyring, keystore: Database) -> None:
    rewrap(keyring, keystore)

    with keystore.read() as session:
        assert session.get_one(OwnerKeyRow, TRIAGE).epoch == 2
