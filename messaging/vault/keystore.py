"""The keystore's tables: a database of their own, with backups of their own, never joined with the service's.

    root (key file)  →  epochs  →  owner_keys  →  one key per sealed value (derived, never stored)

Whoever holds the keystore without the key file, or the other way round, can open nothing.
"""

import uuid
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from messaging.database.base import NAMING, Base
from messaging.database.moments import database_clock

VERSIONS = Path(__file__).parent / "versions"
"""The keystore's own line of migrations."""


class KeystoreBase(DeclarativeBase):
    """Base of the keystore's tables; its metadata is migrated apart from the service's."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = Base.type_annotation_map


class KeyCheck(KeystoreBase):
    """A value that only the right branch secret gives. The roots need none: each epoch tells if its root is right."""

    __tablename__ = "key_checks"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]


class Epoch(KeystoreBase):
    """A key over owners' keys for some days. Deleting it kills every old copy of what it wrapped."""

    __tablename__ = "epochs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[uuid.UUID]
    wrapped: Mapped[bytes]
    begun_at: Mapped[datetime] = mapped_column(server_default=database_clock())


class OwnerKeyRow(KeystoreBase):
    """One owner's key, wrapped by an epoch that cannot go while the key is there. `version` counts the rewraps."""

    __tablename__ = "owner_keys"

    owner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    epoch: Mapped[int] = mapped_column(sa.ForeignKey("epochs.number", ondelete="RESTRICT"), index=True)
    wrapped: Mapped[bytes]
    version: Mapped[int] = mapped_column(server_default="1")
