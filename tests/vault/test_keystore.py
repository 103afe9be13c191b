"""Key file and keystore must fit each other, and what is in use cannot be deleted."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.errors import ConfigurationError
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import Epoch, KeyCheck
from messaging.vault.vault import Vault
from tests.vault.snapshot import snapshot


def altered(keyring: Keyring, path: Path, **changes: str) -> Keyring:
    """Return a key file as `keyring` with another id, key or branch secret."""
    document = json.loads(keyring.path.read_text())
    document["branches"] = changes.pop("branches", document["branches"])
    document["roots"][0].update(changes)
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return Keyring.load(path)


@pytest.mark.parametrize(
    "change",
    [{"key": "00" * 32}, {"id": str(uuid4())}, {"branches": "00" * 32}],
    ids=["same id, other key", "other id", "other branch secret"],
)
def test_k10_wrong_root_key_stops_the_start_and_writes_nothing(
    vault: Vault, keyring: Keyring, keystore: Database, tmp_path: Path, change: dict[str, str]
) -> None:
    before = snapshot(keystore)
    wrong = altered(keyring, tmp_path / "wrong.key", **change)

    with pytest.raises(ConfigurationError, match="BORGERDIALOG_KEY_FILE: the key file does not fit the keystore"):
        Vault(wrong, keystore)
    assert snapshot(keystore) == before


def test_k10_wrong_root_key_stops_the_start_when_only_an_old_epoch_needs_it(
    vault: Vault, keyring: Keyring, keystore: Database, tmp_path: Path
) -> None:
    old = json.loads(keyring.path.read_text())["roots"][0]
    keyring.add_root()
    wrong = altered(keyring, tmp_path / "wrong.key", id=old["id"], key="00" * 32)

    with pytest.raises(ConfigurationError):
        Vault(wrong, keystore)


def test_processes_that_start_at_once_agree_on_one_epoch(keyring: Keyring, keystore: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault(Keyring.load(keyring.path), keystore), range(8)))

    rows = snapshot(keystore)
    assert len(vaults) == 8
    assert (len(rows["key_checks"]), len(rows["epochs"]), len(rows["owner_keys"])) == (1, 1, 1)


def test_of_two_key_files_at_an_empty_keystore_one_is_refused(
    keyring: Keyring, keystore: Database, tmp_path: Path
) -> None:
    other = Keyring.create(tmp_path / "other.key")
    Vault(keyring, keystore)

    with pytest.raises(ConfigurationError):
        Vault(other, keystore)


def test_epoch_that_is_still_referenced_cannot_be_deleted(vault: Vault, keystore: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), keystore.write() as session:
        session.execute(sa.delete(Epoch))


def test_check_value_is_not_the_secret_it_checks(vault: Vault, keyring: Keyring, keystore: Database) -> None:
    with keystore.read() as session:
        value = session.scalars(sa.select(KeyCheck.value)).one()

    assert value not in (keyring.branch_secret, vault.branch("audit"))
