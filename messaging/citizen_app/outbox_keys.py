"""The key pair of a session: what waits on a phone for a connection is sealed to it, and only we can open it again.

The phone gets the public half, so nothing on it, nor the app itself, can read what waits there. The private half lies
here, sealed under the citizen's own key. It is gone when she signs out, her phone is closed, or she is erased.

Sealed is: a fresh P-256 point of the phone's, uncompressed, and what AES-256-GCM makes of the text under
HKDF-SHA256(ECDH of both; salt: that point, info: the place), with twelve zero bytes, for the key is used once. The
place names the session and the message, so that nothing can be put in the place of something else.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from messaging.citizen_app.models import AppSession, OutboxKey
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.vault.place import Place
from messaging.vault.vault import Vault

CURVE = ec.SECP256R1()
POINT = 65
"""Bytes of a point, uncompressed."""
SCALAR = 32
ONCE = bytes(12)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message as it lay on a phone, under the id that the phone gave it."""

    id: uuid.UUID
    session_id: uuid.UUID
    """The session in which it was written."""
    sealed: bytes


class CannotRead(InvalidInput):
    """This was not sealed to the key of this session for this message."""

    code = "cannot_read"


def make_key(act: Act, *, citizen_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """Give a session that begins its key pair."""
    private = ec.generate_private_key(CURVE)
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    scalar = private.private_numbers().private_value.to_bytes(SCALAR, "big")
    sealed = act.vault.seal_bytes(scalar, owner=citizen_id, place=_kept_at(session_id))
    act.session.add(OutboxKey(session_id=session_id, public=public, private=sealed))


def drop_keys(session: Session, *ended: sa.ColumnElement[bool]) -> None:
    """Let nobody read any more what waits in the sessions of which this is true."""
    session.execute(sa.delete(OutboxKey).where(OutboxKey.session_id.in_(sa.select(AppSession.id).where(*ended))))


def open_waiting(vault: Vault, key: OutboxKey, waiting: Waiting, *, citizen_id: uuid.UUID) -> str:
    """Return the text. Raises CannotRead."""
    scalar = vault.open_bytes(key.private, owner=citizen_id, place=_kept_at(key.session_id))
    private = ec.derive_private_key(int.from_bytes(scalar, "big"), CURVE)
    point, content = waiting.sealed[:POINT], waiting.sealed[POINT:]
    place = f"outbox {waiting.session_id} {waiting.id}".encode()
    try:
        secret = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
        once = HKDF(algorithm=SHA256(), length=32, salt=point, info=place).derive(secret)
        return AESGCM(once).decrypt(ONCE, content, place).decode()
    except (ValueError, InvalidTag):
        pass  # raised below, outside: such an error may carry the text with it
    raise CannotRead("this message cannot be read", field="sealed")


def _kept_at(session_id: uuid.UUID) -> Place:
    return Place("outbox_keys", "private", session_id)
