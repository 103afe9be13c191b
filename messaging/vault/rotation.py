"""Changing the keys at the top without touching any sealed value.

`rotate` adds a version of the root to the key file; `rewrap` moves the epochs to the newest root and the owners' keys
to the newest epoch. In between both versions open. `rewrap` may stop anywhere and be started again: every step commits
by itself and only where the row is still as it was read. When it is done, older roots are not needed any more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.vault.epochs import Epochs, epoch_binding
from messaging.vault.errors import WrongKey
from messaging.vault.keyring import Keyring, created_at
from messaging.vault.keystore import Epoch, OwnerKeyRow

BATCH = 500

OwnerRow = sa.Row[UUID, UUID, int, bytes, int]


@dataclass(frozen=True, kw_only=True)
class RootStatus:
    """A version of the root and how many epochs still hang on it."""

    id: UUID
    created: datetime
    epochs: int


@dataclass(frozen=True, kw_only=True)
class EpochStatus:
    """An epoch and how many owners' keys still hang on it."""

    number: int
    begun_at: datetime
    root: UUID
    owners: int


@dataclass(frozen=True, kw_only=True)
class KeysStatus:
    """What the key file and the keystore hold; no key among it."""

    roots: list[RootStatus]
    epochs: list[EpochStatus]

    @property
    def to_rewrap(self) -> int:
        """Epochs not under the newest root, and owners' keys not under the newest epoch."""
        older_roots = sum(root.epochs for root in self.roots[:-1])
        return older_roots + sum(epoch.owners for epoch in self.epochs[:-1])


@dataclass(frozen=True, kw_only=True)
class Rewrapped:
    """What one run of `rewrap` did; `unopened` are owners whose key did not open and was left as it is."""

    epochs: int
    owners: int
    unopened: list[UUID]


def keys_status(keyring: Keyring, keystore: Database) -> KeysStatus:
    """Say which versions there are and what hangs on them. Raises ConfigurationError if the two do not fit."""
    Epochs(keystore, keyring)
    with keystore.read() as session:
        epochs = [
            EpochStatus(number=number, begun_at=begun_at, root=root, owners=owners)
            for number, begun_at, root, owners in session.execute(_epochs_with_owners())
        ]
    roots = [
        RootStatus(id=root, created=created_at(root), epochs=sum(epoch.root == root for epoch in epochs))
        for root in keyring.versions
    ]
    return KeysStatus(roots=roots, epochs=epochs)


def rotate(keyring: Keyring) -> UUID:
    """Add a root to the key file and return its id. Copy the file to every machine before `rewrap`."""
    return keyring.add_root()


def rewrap(
    keyring: Keyring,
    keystore: Database,
    *,
    batch: int = BATCH,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rewrapped:
    """Move everything to the newest root and epoch; `progress` hears how many owners' keys of how many are done."""
    epochs = Epochs(keystore, keyring)
    moved_epochs = _rewrap_epochs(keyring, keystore)
    with keystore.read() as session:
        newest = epochs.newest(session)
        behind = sa.select(sa.func.count()).select_from(OwnerKeyRow).where(OwnerKeyRow.epoch != newest)
        total = session.execute(behind).scalar_one()
    owners, unopened = 0, list[UUID]()
    for rows in _owners_behind(keystore, newest=newest, batch=batch):
        failed = _move_owners(keystore, epochs, rows, newest=newest)
        owners += len(rows) - len(failed)
        unopened += failed
        progress(owners + len(unopened), total)
    return Rewrapped(epochs=moved_epochs, owners=owners, unopened=unopened)


def _rewrap_epochs(keyring: Keyring, keystore: Database) -> int:
    """Move the epochs to the newest root, each in its own commit; return how many."""
    newest = keyring.newest
    with keystore.read() as session:
        behind = session.execute(
            sa.select(Epoch.number, Epoch.root, Epoch.wrapped).where(Epoch.root != newest).order_by(Epoch.number)
        ).all()
    for number, root, wrapped in behind:
        key = keyring.unwrap(wrapped, root=root, bound_to=epoch_binding(number))
        rewrapped = keyring.wrap(key, root=newest, bound_to=epoch_binding(number))
        with keystore.write() as session:
            session.execute(
                sa.update(Epoch)
                .where(Epoch.number == number, Epoch.root == root)
                .values(root=newest, wrapped=rewrapped)
            )
    return len(behind)


def _owners_behind(keystore: Database, *, newest: int, batch: int) -> Iterator[Sequence[OwnerRow]]:
    """Give the owners' keys under older epochs in batches, read when they are asked for."""
    columns = (OwnerKeyRow.owner, OwnerKeyRow.key_id, OwnerKeyRow.epoch, OwnerKeyRow.wrapped, OwnerKeyRow.version)
    behind = sa.select(*columns).where(OwnerKeyRow.epoch != newest).order_by(OwnerKeyRow.owner).limit(batch)
    last = UUID(int=0)
    while True:
        with keystore.read() as session:
            rows = session.execute(behind.where(OwnerKeyRow.owner > last)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].owner


def _move_owners(keystore: Database, epochs: Epochs, rows: Sequence[OwnerRow], *, newest: int) -> list[UUID]:
    """Wrap these keys by the newest epoch and commit; return the owners whose key did not open."""
    unopened = []
    with keystore.write() as session:
        for owner, key_id, epoch, wrapped, version in rows:
            try:
                secret = epochs.unwrap(wrapped, epoch=epoch, owner=owner, key_id=key_id)
            except WrongKey:
                unopened.append(owner)
                continue
            rewrapped = epochs.wrap(session, secret, epoch=newest, owner=owner, key_id=key_id)
            session.execute(
                sa.update(OwnerKeyRow)
                .where(OwnerKeyRow.owner == owner, OwnerKeyRow.version == version)
                .values(epoch=newest, wrapped=rewrapped, version=version + 1)
            )
    return unopened


def _epochs_with_owners() -> sa.Select[int, datetime, UUID, int]:
    """Each epoch, oldest first, with the number of owners' keys under it."""
    return (
        sa.select(Epoch.number, Epoch.begun_at, Epoch.root, sa.func.count(OwnerKeyRow.owner).label("owners"))
        .outerjoin(OwnerKeyRow, OwnerKeyRow.epoch == Epoch.number)
        .group_by(Epoch.number)
        .order_by(Epoch.number)
    )
