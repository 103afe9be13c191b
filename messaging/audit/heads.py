"""Signed heads of the chain, kept outside the database: whoever cuts or rewrites the chain cannot reach them.

A head is one line of JSON. It goes to an append-only file, best on another machine or medium, and may go to the case
system as well; anyone with the public key can check it.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from messaging.vault.vault import Vault
from messaging.vault.wrapping import framed

HEADS_FILE = "audit-heads.jsonl"
"""Its name in the data folder."""
BEGINS = b'{"position":'
"""How the line of every head begins."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The chain was `position` links long at that moment, and its last link was `chain`."""

    position: int
    chain: bytes
    at: datetime


class Heads:
    """The file of signed heads; lines are only ever added."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, line: bytes) -> None:
        """Add a signed head, durably, on a line of its own even if a writer before was ended in the midst of one."""
        with open(self._path, "ab+", buffering=0, opener=_for_ourselves) as file:
            end = file.seek(0, os.SEEK_END)
            is_torn = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
            unwritten = b"\n" * is_torn + line + b"\n"
            while unwritten:
                unwritten = unwritten[file.write(unwritten) :]
            os.fsync(file.fileno())

    def lines(self) -> list[bytes]:
        """Return all lines, oldest first; none if there is no file yet.

        Left out is a head whose line was never written to its end, because the process was ended, or writes it now:
        it has not left. The chain does not count it as signed, so a later line tells of as many links.
        """
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return [line for line in lines if not _is_torn(line)]


def _is_torn(line: bytes) -> bool:
    begins = BEGINS.startswith(line) or line.startswith(BEGINS)
    return begins and not line.endswith(b"}")


def sign(vault: Vault, head: Head) -> bytes:
    """Return a head as a signed line."""
    signature = _signing_key(vault).sign(_signed_bytes(head))
    told = {"position": head.position, "chain": head.chain.hex(), "at": head.at.isoformat()}
    return orjson.dumps({**told, "signature": signature.hex()})


def read_signed(line: bytes, key: Ed25519PublicKey) -> Head | None:
    """Return the head of a line, or None if it is damaged or was signed by someone else."""
    try:
        told: dict[str, Any] = orjson.loads(line)
        head = Head(
            position=int(told["position"]),
            chain=bytes.fromhex(told["chain"]),
            at=datetime.fromisoformat(told["at"]),
        )
        key.verify(bytes.fromhex(told["signature"]), _signed_bytes(head))
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None
    return head


def public_key(vault: Vault) -> Ed25519PublicKey:
    """Return the key with which anyone can check a head."""
    return _signing_key(vault).public_key()


def _signing_key(vault: Vault) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.branch("audit heads"))


def _signed_bytes(head: Head) -> bytes:
    return framed(b"audit head", str(head.position).encode(), head.chain, head.at.isoformat().encode())


def _for_ourselves(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
