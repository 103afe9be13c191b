"""K1: the cryptography under us, on this machine, agrees with published vectors in the form we use it.

The vectors come from the distribution `cryptography-vectors`: NIST's CAVS for AES-256-GCM, RFC 5869 for HKDF.
"""

import hmac
from importlib.resources import files

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

FULL_TAG = "128"
SHORT_NONCE = "8"


def vectors(*path: str) -> list[dict[str, str]]:
    """Return the vectors of a response file; each begins with its count, `[Name = value]` holds for all that follow."""
    section: dict[str, str] = {}
    found: list[dict[str, str]] = []
    for line in files("cryptography_vectors").joinpath(*path).read_text().splitlines():
        name, _, value = (part.strip() for part in line.strip("[]").partition("="))
        if line.startswith("["):
            section[name] = value
        elif name.lower() == "count":
            found.append({**section})
        elif name and not line.startswith("#"):
            found[-1][name] = value
    return found


def gcm(vector: dict[str, str]) -> bytes | None:
    """Return what the vector's ciphertext opens to, or None if it is refused."""
    key, nonce, ciphertext, associated, tag = (
        bytes.fromhex(vector[name]) for name in ("Key", "IV", "CT", "AAD", "Tag")
    )
    try:
        return AESGCM(key).decrypt(nonce, ciphertext + tag, associated)
    except InvalidTag:
        return None


def decryptions() -> list[dict[str, str]]:
    path = ("ciphers", "AES", "GCM", "gcmDecrypt256.rsp")
    return [vector for vector in vectors(*path) if vector["Taglen"] == FULL_TAG]


def test_k1_aes_256_gcm_opens_and_refuses_as_nist_says() -> None:
    usable = [vector for vector in decryptions() if vector["IVlen"] != SHORT_NONCE]
    wrong = [vector for vector in usable if gcm(vector) != (None if "FAIL" in vector else bytes.fromhex(vector["PT"]))]

    assert wrong == []
    assert len(usable) == 750


def test_k1_library_refuses_nonces_shorter_than_eight_bytes() -> None:
    short = [vector for vector in decryptions() if vector["IVlen"] == SHORT_NONCE]
    for vector in short:
        with pytest.raises(ValueError, match="Nonce must be between 8 and 128 bytes"):
            gcm(vector)

    assert len(short) == 375


def test_k1_aes_256_gcm_seals_as_nist_says() -> None:
    path = ("ciphers", "AES", "GCM", "gcmEncryptExtIV256.rsp")
    usable = [vector for vector in vectors(*path) if vector["Taglen"] == FULL_TAG and vector["IVlen"] != SHORT_NONCE]
    for vector in usable:
        key, nonce, content, associated = (bytes.fromhex(vector[name]) for name in ("Key", "IV", "PT", "AAD"))
        assert AESGCM(key).encrypt(nonce, content, associated).hex() == vector["CT"] + vector["Tag"]

    assert len(usable) == 750


def test_k1_hkdf_derives_as_rfc_5869_says() -> None:
    found = vectors("KDF", "rfc-5869-HKDF-SHA256.txt")
    for vector in found:
        secret, salt, info = (bytes.fromhex(vector[name]) for name in ("IKM", "salt", "info"))
        assert HKDF(SHA256(), int(vector["L"]), salt, info).derive(secret).hex() == vector["OKM"]

    assert len(found) == 3


@given(secret=st.binary(min_size=32, max_size=32), salt=st.binary(min_size=16, max_size=16), info=st.binary())
def test_k1_hkdf_sha512_is_extract_and_one_expansion(secret: bytes, salt: bytes, info: bytes) -> None:
    extracted = hmac.digest(salt, secret, "sha512")

    assert HKDF(SHA512(), 64, salt, info).derive(secret) == hmac.digest(extracted, info + b"\x01", "sha512")
