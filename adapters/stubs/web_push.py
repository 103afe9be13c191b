"""A phone's and a push service's part of Web Push: keys of a subscription, opening what is encrypted for it (RFC 8291
over RFC 8188), and judging who sent it (RFC 8292). Written after the RFCs, apart from the library that the service
encrypts and signs with, so that the two check each other.
"""

import base64
import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_LONGEST_TOKEN_SECONDS = 24 * 3600
_HEADER = re.compile(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)", re.ASCII)


class NotForUs(Exception):
    """A push cannot be opened, or does not come from whom it should. `reason` is a word such as Apple's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """The secrets that a browser keeps for one subscription."""

    private: int
    auth: bytes

    @classmethod
    def new(cls) -> "Receiver":
        """A fresh pair and secret."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(private=key.private_numbers().private_value, auth=secrets.token_bytes(16))

    def keys(self) -> dict[str, str]:
        """What the browser gives away, as in `PushSubscription.toJSON()`."""
        return {"p256dh": to_text(_point(self._key.public_key())), "auth": to_text(self.auth)}

    def open(self, body: bytes) -> bytes:
        """The clear text of one push; NotForUs if it was not encrypted for this subscription."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20] if len(body) > 20 else 0
        sender, record = body[21 : 21 + length], body[21 + length :]
        if len(record) > size:
            raise NotForUs("TwoRecords")  # RFC 8291: a push is one record
        try:
            other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
            shared = self._key.exchange(ec.ECDH(), other)
            info = b"WebPush: info\x00" + _point(self._key.public_key()) + sender
            secret = _derived(shared, salt=self.auth, info=info, length=32)
            key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
            nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
            padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        except (ValueError, InvalidTag):
            raise NotForUs("Undecryptable") from None
        if not padded.endswith(b"\x02"):
            raise NotForUs("NoLastRecord")
        return padded[:-1]

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.private, ec.SECP256R1())


def sender_of(authorization: str, *, origin: str) -> tuple[str, dict[str, Any]]:
    """Whose key signed a request to this origin, and what it claims; NotForUs as strict as the strictest service."""
    found = _HEADER.fullmatch(authorization)
    if not found:
        raise NotForUs("MissingJwtToken")
    head, claims, signature, key = found.groups()
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to_bytes(key))
        numbers = to_bytes(signature)
        r, s = int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big")
        public.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        told: dict[str, Any] = json.loads(to_bytes(claims))
        left = told["exp"] - time.time()
        good = (
            json.loads(to_bytes(head))["alg"] == "ES256"
            and told["aud"] == origin
            and 0 < left <= _LONGEST_TOKEN_SECONDS
            and re.fullmatch(r"(mailto:[^@\s]+@|https://)[\w-]+(\.[\w-]+)+", told["sub"])
        )
    except (ValueError, KeyError, TypeError, InvalidSignature):
        raise NotForUs("BadJwtToken") from None
    if not good:
        raise NotForUs("BadJwtToken")
    return key, told


def to_text(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    """The same back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)
