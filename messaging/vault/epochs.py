"""The keys between root and owners: opened once, kept in memory, and the proof that key file and keystore fit."""

from functools import cache
from hmac import compare_digest
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from messaging.database.engine import Database
from messaging.database.upserts import insert_into
from messaging.errors import ConfigurationError
from messaging.vault.errors import WrongKey
from messaging.vault.keyring import VARIABLE, Roots
from messaging.vault.keystore import Epoch, KeyCheck
from messaging.vault.wrapping import KEY_BYTES, framed, new_key, unwrap, wrap

BRANCH_CHECK = "branches"
_ID_BYTES = (16).to_bytes(4, "big")
"""The length of an id as `framed` writes it."""


def branch_key(roots: Roots, purpose: str) -> bytes:
    """Return the 32-byte key of one purpose; no purpose's key tells anything about another's."""
    return HKDF(SHA512(), KEY_BYTES, None, framed(b"branch", purpose.encode())).derive(roots.branch_secret)


class Epochs:
    """The epochs of a keystore that fits its roots.

    Raises ConfigurationError, and writes nothing, if they do not fit. An empty keystore gets its first epoch.
    """

    def __init__(self, keystore: Database, roots: Roots) -> None:
        self._keystore = keystore
        self._roots = roots
        self._ciphers: dict[int, AESGCM] = {}
        with keystore.read() as session:
            is_new = session.scalar(sa.select(sa.func.count()).select_from(KeyCheck)) == 0
        if is_new:
            with keystore.write() as session:
                self._begin_keystore(session)
        with keystore.read() as session:
            self._check(session)

    def newest(self, session: Session) -> int:
        """Return the number of the epoch that wraps new keys."""
        return session.execute(sa.select(sa.func.max(Epoch.number))).scalar_one()

    def begin(self, session: Session) -> int:
        """Begin a new epoch and return its number."""
        number = (session.scalar(sa.select(sa.func.max(Epoch.number))) or 0) + 1
        key = new_key()
        root = self._roots.newest
        wrapped = self._roots.wrap(key, root=root, bound_to=epoch_binding(number))
        session.execute(sa.insert(Epoch).values(number=number, root=root, wrapped=wrapped))
        return number

    def wrap(self, session: Session, secret: bytes, *, epoch: int, owner: UUID, key_id: UUID) -> bytes:
        """Return an owner's key wrapped by an epoch."""
        return wrap(secret, under=self._cipher(session, epoch), bound_to=_owner_binding(epoch, owner, key_id))

    def unwrap(self, wrapped: bytes, *, epoch: int, owner: UUID, key_id: UUID) -> bytes:
        """Return an owner's key. Raises WrongKey if anything does not fit."""
        cipher = self._ciphers.get(epoch) or self._read(epoch)
        return unwrap(wrapped, under=cipher, bound_to=_owner_binding(epoch, owner, key_id))

    def _read(self, number: int) -> AESGCM:
        with self._keystore.read() as session:
            return self._cipher(session, number)

    def _cipher(self, session: Session, number: int) -> AESGCM:
        if number not in self._ciphers:
            row = session.execute(sa.select(Epoch.root, Epoch.wrapped).filter_by(number=number)).one()
            key = self._roots.unwrap(row.wrapped, root=row.root, bound_to=epoch_binding(number))
            self._ciphers[number] = AESGCM(key)
        return self._ciphers[number]

    def _begin_keystore(self, session: Session) -> None:
        """Fill an empty keystore. Of two processes at once, the one that writes the check value goes on."""
        check = insert_into(session, KeyCheck).values(name=BRANCH_CHECK, value=self._branch_check())
        if session.execute(check.on_conflict_do_nothing().returning(KeyCheck.name)).first():
            self.begin(session)

    def _check(self, session: Session) -> None:
        """Compare the check value and open every epoch: there are few, and each proves its root."""
        stored = session.execute(sa.select(KeyCheck.value).filter_by(name=BRANCH_CHECK)).scalar_one()
        if not (compare_digest(stored, self._branch_check()) and self._every_epoch_opens(session)):
            raise ConfigurationError(f"{VARIABLE}: the key file does not fit the keystore; nothing was written")

    def _every_epoch_opens(self, session: Session) -> bool:
        try:
            for number in session.scalars(sa.select(Epoch.number)).all():
                self._cipher(session, number)
        except WrongKey:
            return False
        return True

    def _branch_check(self) -> bytes:
        return branch_key(self._roots, "key check value")


def epoch_binding(number: int) -> bytes:
    """Return what an epoch's wrapped key is bound to."""
    return framed(b"epoch", str(number).encode())


def _owner_binding(epoch: int, owner: UUID, key_id: UUID) -> bytes:
    return _framed_epoch(epoch) + _ID_BYTES + owner.bytes + _ID_BYTES + key_id.bytes


@cache
def _framed_epoch(number: int) -> bytes:
    return framed(b"owner key", str(number).encode())
