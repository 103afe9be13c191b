"""Tables of how somebody who reads along comes in: the QR code that lets one phone in, and the browser on it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.citizen_app.models import SeenAs
from messaging.database.base import Base, new_id, word_of
from messaging.people.helper_models import Helper
from messaging.people.models import Caseworker


class HelperOffer(Base):
    """An offer to let one phone of a helper's in, as `Pairing` is one for a citizen's: ten minutes, taken once."""

    __tablename__ = "helper_offers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    helper_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Helper.id), index=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    seen_as: Mapped[SeenAs] = mapped_column(word_of(SeenAs))
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class HelperSession(Base):
    """A browser in which somebody reads along with one citizen. No page takes it for a citizen.

    Only a keyed digest of its token is kept. A helper has one at most that has not ended.
    """

    __tablename__ = "helper_sessions"
    __table_args__ = (
        sa.Index(
            "uq_helper_sessions_open",
            "helper_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    helper_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Helper.id), index=True)
    offer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(HelperOffer.id), unique=True)
    device_name: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
