"""A key file, an empty keystore of either kind, and a vault that stands on both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messaging.database.engine import Database
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase
from messaging.vault.vault import Vault


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "borgerdialog.key"


@pytest.fixture
def keyring(key_file: Path) -> Keyring:
    key_file.parent.mkdir()
    return Keyring.create(key_file)


@pytest.fixture
def keystore(new_database_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(new_database_url("keystore"))
    KeystoreBase.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def vault(keyring: Keyring, keystore: Database) -> Vault:
    return Vault(keyring, keystore)
