"""One key kept under another: AES-256-GCM over a 32-byte key, bound to what the key is for."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from messaging.vault.errors import WrongKey

KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> bytes:
    """Return 32 fresh random bytes."""
    return os.urandom(KEY_BYTES)


def framed(*parts: bytes) -> bytes:
    """Join parts so that no two different lists give the same bytes: each goes behind its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def wrap(key: bytes, *, under: AESGCM, bound_to: bytes) -> bytes:
    """Return nonce, ciphertext and tag (60 bytes) of `key` under another key. Fewer than 2^32 per wrapping key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + under.encrypt(nonce, key, bound_to)


def unwrap(wrapped: bytes, *, under: AESGCM, bound_to: bytes) -> bytes:
    """Return the key again. Raises WrongKey if anything does not fit."""
    try:
        return under.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise WrongKey from None
