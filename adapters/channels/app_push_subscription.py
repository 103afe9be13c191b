"""A browser's subscription to pushes, as `PushSubscription.toJSON()` gives it, and encrypting for it."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from pywebpush import WebPusher

LONGEST = 4096


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What a browser hands out: where to push, and for which keys to encrypt."""

    endpoint: str = field(repr=False)
    public_key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read one; ValueError for anything else."""
        try:
            told: Any = json.loads(text) if len(text) <= LONGEST else None
            subscription = cls(
                endpoint=_text(told["endpoint"]),
                public_key=_text(told["keys"]["p256dh"]).rstrip("="),
                secret=_text(told["keys"]["auth"]).rstrip("="),
            )
            subscription._check()
        except (TypeError, KeyError, RecursionError):
            raise ValueError("shape") from None
        return subscription

    @property
    def host(self) -> str:
        """The push service's host, with its port unless that is the usual one."""
        parts = urlsplit(self.endpoint)
        port = f":{parts.port}" if parts.port not in {None, 443} else ""
        return f"{parts.hostname}{port}"

    def sealed(self, word: str) -> bytes:
        """Encrypt a word for the phone (RFC 8291)."""
        keys = {"p256dh": self.public_key, "auth": self.secret}
        return bytes(WebPusher({"endpoint": self.endpoint, "keys": keys}).encode(word.encode())["body"])

    def _check(self) -> None:
        """ValueError unless the address has a host and the keys are keys."""
        parts = urlsplit(self.endpoint)
        if (
            not parts.hostname
            or parts.port == 0
            or parts.netloc != parts.netloc.strip()
            or "@" in parts.netloc
            or parts.fragment
        ):
            raise ValueError("endpoint")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(self.public_key, length=65))
        _bytes(self.secret, length=16)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _bytes(text: str, *, length: int) -> bytes:
    """Decode strictly: the library's own decoding passes over what does not belong."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(raw) != length:
        raise ValueError("length")
    return raw
