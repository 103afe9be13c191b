"""The attack that key commitment is for: one ciphertext and tag that AES-GCM takes under two keys.

GCM's tag is a polynomial in a value H that depends on the key, so one free block of ciphertext makes the tags of two
keys meet. Arithmetic in GF(2^128) as NIST SP 800-38D defines it: bit 0 is the leftmost.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 16
REDUCTION = 0xE1 << 120
ONE = 1 << 127


def ciphertext_for_two_keys(first: bytes, second: bytes, *, nonce: bytes, associated: bytes) -> bytes:
    """Return 48 bytes of ciphertext and their tag of 16, valid under both keys."""
    chosen = bytes(range(2 * BLOCK))
    blank = chosen + bytes(BLOCK)
    difference = _tag(first, blank, nonce=nonce, associated=associated) ^ _tag(
        second, blank, nonce=nonce, associated=associated
    )
    # The last block of ciphertext stands at the second power of H, behind it only the block of lengths.
    squares = _times(_h(first), _h(first)) ^ _times(_h(second), _h(second))
    last = _times(difference, _inverse(squares))
    ciphertext = chosen + last.to_bytes(BLOCK, "big")
    return ciphertext + _tag(first, ciphertext, nonce=nonce, associated=associated).to_bytes(BLOCK, "big")


def _tag(key: bytes, ciphertext: bytes, *, nonce: bytes, associated: bytes) -> int:
    lengths = (8 * len(associated)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    hashed = 0
    for block in [*_blocks(associated), *_blocks(ciphertext), lengths]:
        hashed = _times(hashed ^ int.from_bytes(block, "big"), _h(key))
    return hashed ^ _aes(key, nonce + b"\0\0\0\1")


def _h(key: bytes) -> int:
    return _aes(key, bytes(BLOCK))


def _aes(key: bytes, block: bytes) -> int:
    return int.from_bytes(Cipher(AES256(key), ECB()).encryptor().update(block), "big")


def _blocks(data: bytes) -> list[bytes]:
    return [data[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, len(data), BLOCK)]


def _times(left: int, right: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if right >> bit & 1:
            product ^= left
        left = left >> 1 ^ (REDUCTION if left & 1 else 0)
    return product


def _inverse(value: int) -> int:
    """Return value to the power of 2^128 - 2."""
    result = ONE
    for _ in range(127):
        value = _times(value, value)
        result = _times(result, value)
    return result
