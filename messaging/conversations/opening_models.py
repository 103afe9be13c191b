"""Tables of when we are open: hours from a day on, and days that are closed besides the public holidays."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base
from messaging.people.models import Caseworker


class OpeningTimes(Base):
    """Hours that hold from a day on, until others do; of two for one day the one noted last."""

    __tablename__ = "opening_times"
    __table_args__ = (
        sa.CheckConstraint(
            "office_opens < office_closes AND weekdays_open < weekdays_close AND weekends_open < weekends_close",
            name="in_order",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    first_day: Mapped[date] = mapped_column(sa.Date())
    office_opens: Mapped[int]
    office_closes: Mapped[int]
    weekdays_open: Mapped[int]
    weekdays_close: Mapped[int]
    weekends_open: Mapped[int]
    weekends_close: Mapped[int]
    noted_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    noted_at: Mapped[datetime]


class ClosedDay(Base):
    """A day without opening hours and reminders."""

    __tablename__ = "closed_days"

    day: Mapped[date] = mapped_column(sa.Date(), primary_key=True)
    noted_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    noted_at: Mapped[datetime]
