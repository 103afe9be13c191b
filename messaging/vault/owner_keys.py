"""Making and reading owners' keys in the keystore."""

from collections.abc import Iterator, Sequence
from typing import cast
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.engine import Database
from messaging.database.look_ups import LookUp
from messaging.database.sets import is_one_of
from messaging.database.upserts import insert_into
from messaging.vault.epochs import Epochs
from messaging.vault.keystore import OwnerKeyRow
from messaging.vault.record import OwnerKey
from messaging.vault.wrapping import new_key

BATCH = 500

_ROWS = cast("sa.Table", OwnerKeyRow.__table__).c
_KEY = sa.select(_ROWS.owner, _ROWS.key_id, _ROWS.epoch, _ROWS.wrapped)
_LOOK_UP_KEY = LookUp(_KEY.where(_ROWS.owner == sa.bindparam("of_owner")))


class OwnerKeys:
    """The owners' keys, wrapped at rest, opened on the way out."""

    def __init__(self, keystore: Database, epochs: Epochs) -> None:
        self._keystore = keystore
        self._epochs = epochs

    def create(self, owners: Sequence[UUID]) -> None:
        """Make a key for each owner that has none, and commit."""
        for batch in _batches(owners):
            with self._keystore.write() as session:
                epoch = self._epochs.newest(session)
                rows = [self._new_row(session, owner, epoch=epoch) for owner in batch]
                session.execute(insert_into(session, OwnerKeyRow).on_conflict_do_nothing(), rows)

    def find(self, owner: UUID) -> OwnerKey | None:
        """Return the owner's key, if it has one. Raises WrongKey if it does not open."""
        rows = _LOOK_UP_KEY.rows(self._keystore, of_owner=owner)
        return self._opened(*rows[0]) if rows else None

    def load(self, owners: Sequence[UUID]) -> list[OwnerKey]:
        """Return the keys of those owners that have one. Raises WrongKey if one does not open."""
        keys: list[OwnerKey] = []
        with self._keystore.read() as session:
            for batch in _batches(owners):
                rows = session.execute(_KEY.where(is_one_of(session, _ROWS.owner, batch))).all()
                keys += [self._opened(*row) for row in rows]
        return keys

    def _new_row(self, session: Session, owner: UUID, *, epoch: int) -> dict[str, object]:
        key_id = uuid4()
        wrapped = self._epochs.wrap(session, new_key(), epoch=epoch, owner=owner, key_id=key_id)
        return {"owner": owner, "key_id": key_id, "epoch": epoch, "wrapped": wrapped}

    def _opened(self, owner: UUID, key_id: UUID, epoch: int, wrapped: bytes) -> OwnerKey:
        secret = self._epochs.unwrap(wrapped, epoch=epoch, owner=owner, key_id=key_id)
        return OwnerKey(owner=owner, id=key_id, secret=secret)


def _batches(owners: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(owners), BATCH):
        yield owners[start : start + BATCH]
