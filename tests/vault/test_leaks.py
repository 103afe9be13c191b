"""What must not lie on disk: content in the clear, and any key outside the key file."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.vault.keyring import Keyring
from messaging.vault.place import Place
from messaging.vault.vault import Vault
from tests.vault.test_sealed import Note, NoteBase


@pytest.fixture
def canary() -> str:
    """A text of each test's own: PostgreSQL's write-ahead log still holds what earlier tests wrote."""
    return secrets.token_hex(16)


@pytest.fixture
def notes(new_database_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(new_database_url("messaging"))
    NoteBase.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def written(
    database_kind: str, tmp_path: Path, keyring: Keyring, request: pytest.FixtureRequest
) -> Callable[[], bytes]:
    """Gives every byte that both databases have on disk, write-ahead logs included."""
    folder = tmp_path
    if database_kind == "postgresql":
        folder = request.getfixturevalue("postgresql_server").data_folder

    def read() -> bytes:
        files = (file for file in folder.rglob("*") if file.is_file() and file != keyring.path)
        return b"".join(file.read_bytes() for file in files)

    return read


def store(vault: Vault, notes: Database, text: str) -> None:
    owner, row = uuid4(), new_id()
    vault.create_owner(owner)
    with notes.write() as session:
        session.add(Note(id=row, body=vault.seal(text, owner=owner, place=Place("notes", "body", row))))


def test_k5_sealed_content_is_nowhere_on_disk_in_the_clear(
    vault: Vault, notes: Database, written: Callable[[], bytes], canary: str
) -> None:
    store(vault, notes, f"Jeg har det skidt {canary}")

    assert canary.encode() not in written()


def test_k5_sweep_finds_content_that_is_in_the_clear(
    notes: Database, written: Callable[[], bytes], canary: str
) -> None:
    with notes.writing() as connection:
        connection.execute(sa.text("CREATE TABLE leak (body TEXT)"))
        connection.execute(sa.text("INSERT INTO leak (body) VALUES (:body)"), {"body": canary})

    assert canary.encode() in written()


def test_k8_keys_of_roots_branches_and_owners_are_in_neither_database(
    vault: Vault, keyring: Keyring, notes: Database, written: Callable[[], bytes]
) -> None:
    store(vault, notes, "tekst")
    vault.phone_index("+4520123456")
    roots = [bytes.fromhex(root["key"]) for root in json.loads(keyring.path.read_text())["roots"]]
    branches = [vault.branch(purpose) for purpose in ("phone index", "cpr index", "audit", "session")]
    on_disk = written()

    for key in [keyring.branch_secret, *roots, *branches]:
        assert key not in on_disk
        assert key.hex().encode() not in on_disk


def test_hardened_process_leaves_no_core_file() -> None:
    program = (
        "import resource; from messaging.vault.process import harden_process; harden_process();"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "(0, 0)"
