"""The key by which push services know us (VAPID, RFC 8292): making one, reading it, and signing for one request."""

import base64
import time
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

GOOD_FOR = 12 * 3600
"""Seconds. Apple refuses more than a day, and clocks differ."""


def new_key() -> str:
    """Return a new private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def web_text(raw: bytes) -> str:
    """Return bytes as browsers and push services write them: base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Vapid:
    """One key with its contact. `public` is what a browser subscribes with. ValueError if the PEM holds no such key."""

    def __init__(self, pem: str, *, contact: str) -> None:
        try:
            key = serialization.load_pem_private_key(pem.encode(), password=None)
        except (TypeError, UnsupportedAlgorithm):
            raise ValueError("not a key") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("not a key on P-256")
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.public = web_text(point)
        self._contact = contact
        self._signer = Vapid02(key)

    def authorization(self, endpoint: str) -> str:
        """Return the header for a request to an endpoint. It is good for that push service alone, by the real clock."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + GOOD_FOR,
            "sub": self._contact,
        }
        return str(self._signer.sign(claims)["Authorization"])
