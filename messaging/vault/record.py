"""The form of a sealed value, version 1.

    version 1 | algorithm 1 | key id 16 | commitment 32 | nonce 12 | ciphertext | tag 16

Every value has its own AES-256-GCM key, HKDF-SHA512 of the owner's key, the row id and everything the value is bound
to. The same derivation gives the commitment: GCM alone would let a forger make one value that opens under two keys.
Released forms are kept for ever: a new version is added beside this one.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import compare_digest
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from messaging.vault.errors import CannotOpen
from messaging.vault.place import Place
from messaging.vault.sealed import OVERHEAD
from messaging.vault.wrapping import KEY_BYTES, NONCE_BYTES, framed

VERSION_AND_ALGORITHM = b"\x01\x01"
HEADER_BYTES = 18
COMMITMENT_END = HEADER_BYTES + 32
NONCE_END = COMMITMENT_END + NONCE_BYTES
SHA = SHA512()


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerKey:
    """A citizen's key in the clear: 256 random bits."""

    owner: UUID
    id: UUID
    secret: bytes = field(repr=False)


def seal_record(content: bytes, *, key: OwnerKey, place: Place) -> bytes:
    """Return the sealed form of `content`, 78 bytes longer; it opens with this key at this place only."""
    header = VERSION_AND_ALGORITHM + key.id.bytes
    bound_to = binding(header, place=place, owner=key.owner)
    record_key, commitment = derive_record_key(key.secret, row=place.row, bound_to=bound_to)
    nonce = os.urandom(NONCE_BYTES)
    return header + commitment + nonce + AESGCM(record_key).encrypt(nonce, content, bound_to)


def open_record(blob: bytes, *, key: OwnerKey, place: Place) -> bytes:
    """Return the content. Raises CannotOpen, always with the same text, if anything does not fit."""
    header = VERSION_AND_ALGORITHM + key.id.bytes
    if len(blob) < OVERHEAD or blob[:HEADER_BYTES] != header:
        raise CannotOpen
    bound_to = binding(header, place=place, owner=key.owner)
    record_key, commitment = derive_record_key(key.secret, row=place.row, bound_to=bound_to)
    if not compare_digest(blob[HEADER_BYTES:COMMITMENT_END], commitment):
        raise CannotOpen
    try:
        return AESGCM(record_key).decrypt(blob[COMMITMENT_END:NONCE_END], blob[NONCE_END:], bound_to)
    except InvalidTag:
        raise CannotOpen from None


def derive_record_key(secret: bytes, *, row: UUID, bound_to: bytes) -> tuple[bytes, bytes]:
    """Return the value's key and its commitment."""
    derived = HKDF(SHA, 2 * KEY_BYTES, row.bytes, bound_to).derive(secret)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def binding(header: bytes, *, place: Place, owner: UUID) -> bytes:
    """Return what a value is bound to; the parts behind the names have a fixed length."""
    return header + _names(place.table, place.column) + place.row.bytes + owner.bytes


@lru_cache(maxsize=256)
def _names(table: str, column: str) -> bytes:
    return framed(b"borgerdialog", table.encode(), column.encode())
