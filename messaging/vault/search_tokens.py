"""Tokens by which words are found again without opening what they stand in.

A token is eight bytes of an HMAC under a key derived from the owner's: equal words of two owners have unequal tokens,
and when the owner's key is gone, nobody can tell what a token stood for.
"""

import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from messaging.vault.record import SHA, OwnerKey
from messaging.vault.wrapping import KEY_BYTES, framed

TOKEN_BYTES = 8
LABEL = framed(b"borgerdialog", b"search tokens")


def derive_tokens(words: Sequence[str], *, key: OwnerKey) -> list[int]:
    """Return the owner's token of each word, as the signed 64-bit number that databases keep."""
    search_key = HKDF(SHA, KEY_BYTES, key.owner.bytes, LABEL).derive(key.secret)
    digests = (hmac.digest(search_key, word.encode(), "sha256") for word in words)
    return [int.from_bytes(digest[:TOKEN_BYTES], "big", signed=True) for digest in digests]
