"""Table of the names that sign what we send: written by one, signed by another, from a day on."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base
from messaging.people.models import Caseworker


class UnitName(Base):
    """A name of the unit as messages have it. It holds once it is signed, on its days, until a later one does."""

    __tablename__ = "unit_names"
    __table_args__ = (
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        sa.CheckConstraint("signed_by_id IS NULL OR signed_by_id <> written_by_id", name="signed_by_another"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="in_order"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    words: Mapped[str]
    first_day: Mapped[date] = mapped_column(sa.Date())
    last_day: Mapped[date | None] = mapped_column(sa.Date())
    written_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    signed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
