"""The key file: made once, refused when it is wrong, extended by rotation."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from messaging.errors import ConfigurationError
from messaging.vault.errors import WrongKey
from messaging.vault.keyring import Keyring, created_at


def rewrite(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")


def test_new_key_file_is_readable_by_its_user_only(keyring: Keyring) -> None:
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600


def test_key_file_is_never_overwritten(keyring: Keyring) -> None:
    before = keyring.path.read_bytes()
    with pytest.raises(ConfigurationError, match="exists already"):
        Keyring.create(keyring.path)

    assert keyring.path.read_bytes() == before


def test_loaded_key_file_holds_what_was_created(keyring: Keyring) -> None:
    loaded = Keyring.load(keyring.path)
    wrapped = keyring.wrap(b"k" * 32, root=keyring.newest, bound_to=b"epoch")

    assert loaded.unwrap(wrapped, root=keyring.newest, bound_to=b"epoch") == b"k" * 32
    assert loaded.branch_secret == keyring.branch_secret


def test_missing_key_file_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"BORGERDIALOG_KEY_FILE: .*absent.key cannot be read"):
        Keyring.load(tmp_path / "absent.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_key_file_open_to_others_is_refused(keyring: Keyring, mode: int) -> None:
    keyring.path.chmod(mode)

    with pytest.raises(ConfigurationError, match=r"BORGERDIALOG_KEY_FILE: .* its mode must be 0600"):
        Keyring.load(keyring.path)


@pytest.mark.parametrize(
    "fault",
    [
        lambda document: document.update(format=2),
        lambda document: document.pop("format"),
        lambda document: document.update(roots=[]),
        lambda document: document.update(roots="x"),
        lambda document: document.update(branches="zz"),
        lambda document: document.update(branches=document["branches"][:-2]),
        lambda document: document.pop("branches"),
        lambda document: document["roots"][0].update(key=document["roots"][0]["key"] + "00"),
        lambda document: document["roots"][0].update(id="first"),
        lambda document: document["roots"].append(document["roots"][0]),
    ],
)
def test_malformed_key_file_is_refused_without_showing_a_key(keyring: Keyring, fault: Any) -> None:
    document = json.loads(keyring.path.read_text())
    secrets = [document["roots"][0]["key"], document["branches"]]
    fault(document)
    rewrite(keyring.path, document)

    with pytest.raises(ConfigurationError, match=r"BORGERDIALOG_KEY_FILE: .* is not a key file") as refusal:
        Keyring.load(keyring.path)
    assert not any(secret[:8] in str(refusal.value) for secret in secrets)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}'])
def test_file_of_something_else_is_refused(keyring: Keyring, text: bytes) -> None:
    keyring.path.write_bytes(text)

    with pytest.raises(ConfigurationError, match="is not a key file"):
        Keyring.load(keyring.path)


def test_rotation_adds_a_root_and_keeps_the_others(keyring: Keyring) -> None:
    first = keyring.newest
    second = keyring.add_root()

    loaded = Keyring.load(keyring.path)
    assert (loaded.versions, loaded.newest) == ([first, second], second)
    assert loaded.branch_secret == keyring.branch_secret
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600


def test_rotation_survives_the_leftover_of_a_crash(keyring: Keyring) -> None:
    keyring.path.with_name(keyring.path.name + ".new").write_text("half a fi")
    added = keyring.add_root()

    assert Keyring.load(keyring.path).newest == added
    assert list(keyring.path.parent.iterdir()) == [keyring.path]


def test_rotations_at_the_same_time_lose_no_root(keyring: Keyring) -> None:
    others = [Keyring.load(keyring.path) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        added = set(threads.map(Keyring.add_root, others))

    assert set(Keyring.load(keyring.path).versions) == {keyring.versions[0], *added}
    assert len(added) == 8


def test_root_added_by_another_process_is_found_when_needed(keyring: Keyring) -> None:
    running = Keyring.load(keyring.path)
    added = keyring.add_root()
    wrapped = keyring.wrap(b"k" * 32, root=added, bound_to=b"epoch")

    assert running.unwrap(wrapped, root=added, bound_to=b"epoch") == b"k" * 32


def test_wrapped_key_opens_for_what_it_was_bound_to_only(keyring: Keyring) -> None:
    wrapped = keyring.wrap(b"k" * 32, root=keyring.newest, bound_to=b"epoch 1")

    with pytest.raises(WrongKey):
        keyring.unwrap(wrapped, root=keyring.newest, bound_to=b"epoch 2")


def test_root_tells_when_it_was_made(keyring: Keyring) -> None:
    assert abs(created_at(keyring.newest) - datetime.now(UTC)) < timedelta(minutes=1)
