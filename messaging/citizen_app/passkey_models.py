"""Tables of passkeys: the public half of each, and the challenges that are out."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.citizen_app.models import Device
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Citizen


class Purpose(enum.StrEnum):
    """What a challenge is for; one for the other proves nothing."""

    REGISTER = "register"
    SIGN_IN = "sign_in"


class Passkey(Base):
    """A passkey of a phone that was let in. It is worth something only as long as the phone's access is."""

    __tablename__ = "passkeys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    device_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Device.id), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    """What the authenticator had counted when it was last used; one that counts must have counted on since."""
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """Random bytes that were handed to one browser to be signed, once and soon."""

    __tablename__ = "passkey_challenges"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[Purpose] = mapped_column(word_of(Purpose))
    device_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Device.id), index=True)
    """The phone that registers."""
    challenge: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
