"""The table of the call centre's weeks: what it says of itself, line by line."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Import
from messaging.database.base import Base


class CallWeek(Base):
    """The calls of a week on one line of the call centre. A later file takes the place of an earlier one."""

    __tablename__ = "call_weeks"
    __table_args__ = (sa.CheckConstraint("calls >= answered AND answered >= 0", name="answered_of_calls"),)

    week: Mapped[str] = mapped_column(primary_key=True)
    """An ISO week, `2027-W09`."""
    line: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    answered: Mapped[int]
    seconds_waited: Mapped[int | None]
    """On average, until somebody answered; None where the file does not say."""
    import_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Import.id))
