"""K9: what was sealed by a released version opens for ever, from key file to text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import Epoch, KeyCheck, OwnerKeyRow
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDEN / "format_1.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def golden_vault(golden: dict[str, Any], keystore: Database, tmp_path: Path) -> Vault:
    """A vault as a deployment of that time left it."""
    key_file = tmp_path / "golden.key"
    key_file.write_text(json.dumps(golden["key_file"]))
    key_file.chmod(0o600)
    tables = {KeyCheck: "key_checks", Epoch: "epochs", OwnerKeyRow: "owner_keys"}
    with keystore.write() as session:
        for table, name in tables.items():
            session.execute(sa.insert(table), [_decoded(row) for row in golden[name]])
    return Vault(Keyring.load(key_file), keystore)


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    decode: dict[str, Callable[[str], Any]] = {
        "value": bytes.fromhex,
        "wrapped": bytes.fromhex,
        "root": UUID,
        "owner": UUID,
        "key_id": UUID,
    }
    return {name: decode[name](value) if name in decode else value for name, value in row.items()}


def test_k9_sealed_values_of_format_1_open(golden: dict[str, Any], golden_vault: Vault) -> None:
    texts = [
        golden_vault.open(
            Sealed(bytes.fromhex(value["blob"])),
            owner=UUID(value["owner"]),
            place=Place(value["table"], value["column"], UUID(value["row"])),
        )
        for value in golden["sealed"]
    ]

    assert texts == [value["text"] for value in golden["sealed"]]
    assert len(texts) == 5


def test_k9_look_up_values_stay_as_they_were(golden: dict[str, Any], golden_vault: Vault) -> None:
    derived = {
        "phone_index +4520123456": golden_vault.phone_index("+4520123456"),
        "cpr_index 0101010101": golden_vault.cpr_index("0101010101"),
        "fingerprint idempotency": golden_vault.fingerprint(b"content", purpose="idempotency"),
        "branch audit": golden_vault.branch("audit"),
    }

    assert {name: value.hex() for name, value in derived.items()} == golden["derived"]
