"""A phone's authenticator made of software: makes passkeys and signs with them, rightly or, if told so, wrongly."""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

HOST, ORIGIN = "localhost", "http://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def content(text_: str) -> bytes:
    return base64.urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))


@dataclass(kw_only=True)
class Authenticator:
    """Holds one passkey. `count` goes up with every use, as long as nobody turns it back."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user: bytes = b""
    count: int = 0

    def make(self, options: dict[str, Any], **wrong: Any) -> str:
        """Make the passkey and answer as a browser does."""
        self.user = content(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        data = self._data(ATTESTED, **wrong) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client(options, type_="webauthn.create", **wrong)
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(statement)})

    def prove(self, options: dict[str, Any], **wrong: Any) -> str:
        """Sign the challenge and answer as a browser does."""
        self.count += 1
        data = self._data(0, **wrong)
        client = self._client(options, type_="webauthn.get", **wrong)
        key = wrong.get("key", self.key)
        signed = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signed),
                "userHandle": text(wrong.get("user", self.user)),
            }
        )

    def _data(self, more: int, **wrong: Any) -> bytes:
        flags = more | wrong.get("flags", PRESENT | VERIFIED)
        host = hashlib.sha256(wrong.get("host", HOST).encode()).digest()
        return host + struct.pack(">BI", flags, wrong.get("count", self.count))

    def _client(self, options: dict[str, Any], *, type_: str, **wrong: Any) -> bytes:
        told = {
            "type": wrong.get("type", type_),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", ORIGIN),
        }
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )
