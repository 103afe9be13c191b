"""The key file: the versions of the root key, and the secret from which the branches (index, audit, session) grow.

A key management service may stand in for the file by offering what `Roots` asks for.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from messaging.database.base import new_id
from messaging.errors import ConfigurationError
from messaging.vault.errors import WrongKey
from messaging.vault.wrapping import KEY_BYTES, new_key, unwrap, wrap

VARIABLE = "BORGERDIALOG_KEY_FILE"
FORMAT = 1


class Roots(Protocol):
    """The top of the key tree: wraps the epochs' keys and holds the branch secret."""

    @property
    def newest(self) -> UUID:
        """The version that wraps from now on."""
        ...

    @property
    def branch_secret(self) -> bytes:
        """32 bytes that never change."""
        ...

    def wrap(self, key: bytes, *, root: UUID, bound_to: bytes) -> bytes:
        """Return `key` wrapped by that version. Raises WrongKey if there is no such version."""
        ...

    def unwrap(self, wrapped: bytes, *, root: UUID, bound_to: bytes) -> bytes:
        """Return the key again. Raises WrongKey if there is no such version or it does not fit."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """The key file as read; roots from oldest to newest."""

    roots: dict[UUID, bytes] = field(repr=False)
    branch_secret: bytes = field(repr=False)


class Keyring:
    """The key file of one deployment. Versions that another process adds are found when they are needed."""

    def __init__(self, path: Path, contents: _Contents) -> None:
        self.path = path
        self._contents = contents

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key file that only this user may read. Raises ConfigurationError if there is one already."""
        contents = _Contents(roots={new_id(): new_key()}, branch_secret=new_key())
        try:
            _write_new(path, contents)
        except FileExistsError:
            raise ConfigurationError(f"{VARIABLE}: {path} exists already and is not overwritten") from None
        _settle(path.parent)
        return cls(path, contents)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key file. Raises ConfigurationError if it is missing, open to others or not a key file."""
        return cls(path, _read(path))

    @property
    def newest(self) -> UUID:
        """The version that wraps from now on."""
        return next(reversed(self._contents.roots))

    @property
    def branch_secret(self) -> bytes:
        """32 bytes that never change."""
        return self._contents.branch_secret

    @property
    def versions(self) -> list[UUID]:
        """All versions, oldest first."""
        return list(self._contents.roots)

    def wrap(self, key: bytes, *, root: UUID, bound_to: bytes) -> bytes:
        """Return `key` wrapped by that version. Raises WrongKey if there is no such version."""
        return wrap(key, under=AESGCM(self._root(root)), bound_to=bound_to)

    def unwrap(self, wrapped: bytes, *, root: UUID, bound_to: bytes) -> bytes:
        """Return the key again. Raises WrongKey if there is no such version or it does not fit."""
        return unwrap(wrapped, under=AESGCM(self._root(root)), bound_to=bound_to)

    def add_root(self) -> UUID:
        """Add a new version to the file, durably, before anything can be wrapped by it; return its id."""
        with _one_writer(self.path.parent):
            current = _read(self.path)
            added = new_id()
            contents = _Contents(roots={**current.roots, added: new_key()}, branch_secret=current.branch_secret)
            _replace(self.path, contents)
        self._contents = contents
        return added

    def _root(self, root: UUID) -> bytes:
        if root not in self._contents.roots:
            self._contents = _read(self.path)
        try:
            return self._contents.roots[root]
        except KeyError:
            raise WrongKey from None


def created_at(root: UUID) -> datetime:
    """Return when a version was made; a UUIDv7 begins with its milliseconds."""
    return datetime.fromtimestamp(int.from_bytes(root.bytes[:6], "big") / 1000, UTC)


def _read(path: Path) -> _Contents:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError as error:
        raise ConfigurationError(f"{VARIABLE}: {path} cannot be read ({error.strerror})") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"{VARIABLE}: {path} is open to other users; its mode must be 0600")
    contents = _parse(text)
    if contents is None:
        raise ConfigurationError(f"{VARIABLE}: {path} is not a key file of this service")
    return contents


def _parse(text: bytes) -> _Contents | None:
    """Return None for anything malformed: an error of the parser would carry the file's text with it."""
    try:
        document: dict[str, Any] = json.loads(text)
        roots = {UUID(root["id"]): bytes.fromhex(root["key"]) for root in document["roots"]}
        branch_secret = bytes.fromhex(document["branches"])
        known = document["format"] == FORMAT and len(roots) == len(document["roots"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    well_formed = known and roots and {len(key) for key in (branch_secret, *roots.values())} == {KEY_BYTES}
    return _Contents(roots=roots, branch_secret=branch_secret) if well_formed else None


def _write_new(path: Path, contents: _Contents) -> None:
    roots = [
        {"id": str(root), "key": key.hex(), "created": created_at(root).isoformat()}
        for root, key in contents.roots.items()
    ]
    document = {"format": FORMAT, "roots": roots, "branches": contents.branch_secret.hex()}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, contents: _Contents) -> None:
    """Put a new file in the place of the old one: a crash leaves the one or the other, whole."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, contents)
    fresh.replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Two rotations at once would lose one's root, and with it all that it had wrapped."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
