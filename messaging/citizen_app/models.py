"""Tables of the citizen's app: pairing, the phones that are in, the browsers signed in, and what she was shown."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class SeenAs(enum.StrEnum):
    """By what the caseworker knew that the person before her is this citizen."""

    PHOTO_ID = "photo_id"
    HEALTH_CARD = "health_card"
    KNOWN = "known"


class Opened(enum.StrEnum):
    """How a citizen came in; decides what she may see. MITID_LOW: not as surely as the municipality asks for."""

    PAIRED = "paired"
    CODE = "code"
    MITID = "mitid"
    MITID_LOW = "mitid_low"
    PASSKEY = "passkey"


class EndedBy(enum.StrEnum):
    """Who ended a phone's access. LOST: the citizen, who has lost it."""

    CITIZEN = "citizen"
    LOST = "lost"
    STAFF = "staff"
    SYSTEM = "system"


class Pairing(Base):
    """An offer to let one phone in, shown as a QR code for ten minutes and taken once.

    Neither its address nor its six digits are kept: both follow from the id by a key of the vault.
    """

    __tablename__ = "pairings"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    seen_as: Mapped[SeenAs] = mapped_column(word_of(SeenAs))
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    installed_at: Mapped[datetime | None]
    """When the six digits let the installed app in, which may not share the browser's cookies."""
    tries: Mapped[int] = mapped_column(default=0)


class Device(Base):
    """A phone that was let in. `name` says what it is, in no more detail than a citizen needs to recognise it."""

    __tablename__ = "devices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    pairing_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Pairing.id), unique=True)
    name: Mapped[str]
    added_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[EndedBy | None] = mapped_column(word_of(EndedBy))


class AppSession(Base):
    """A signed-in browser of a citizen; only a keyed digest of its cookie is kept."""

    __tablename__ = "app_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    device_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Device.id), index=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    opened: Mapped[Opened] = mapped_column(word_of(Opened))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OutboxKey(Base):
    """The key pair to which a session seals what waits on the phone; without this row nobody can read that any more."""

    __tablename__ = "outbox_keys"

    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(AppSession.id), primary_key=True)
    public: Mapped[bytes]
    private: Mapped[Sealed] = sealed_column("private")


class DataUseShown(Base):
    """That a citizen was shown a version of what we tell of her personal data, and when she was for the first time."""

    __tablename__ = "data_use_shown"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    shown_at: Mapped[datetime]
