"""Table of what superusers have written in the list of target groups: written by one, signed by another."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.clock import COPENHAGEN
from messaging.database.base import Base
from messaging.people.models import Caseworker


class GroupEntry(Base):
    """That there is a target group from a day on, or that there is none any more.

    Once signed it takes the place of whatever the list said of its code before; it is never changed itself.
    """

    __tablename__ = "target_groups"
    __table_args__ = (
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        sa.CheckConstraint("signed_by_id IS NULL OR signed_by_id <> written_by_id", name="signed_by_another"),
        sa.CheckConstraint("signed_at IS NULL OR withdrawn_at IS NULL", name="decided_once"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="in_order"),
        sa.CheckConstraint("NOT is_end OR last_day IS NULL", name="ends_for_good"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    """As other systems write it, in small letters."""
    name: Mapped[str]
    takes_part: Mapped[bool]
    """Whether its citizens take part in a trial that is locked after this is signed."""
    is_end: Mapped[bool]
    """From the first day on nobody is in this group."""
    first_day: Mapped[date] = mapped_column(sa.Date())
    last_day: Mapped[date | None] = mapped_column(sa.Date())
    written_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    signed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def begins(self) -> date:
        """The day it holds from: its first, or the one it was signed on if that is later. The past is not changed."""
        if self.signed_at is None:
            return self.first_day
        return max(self.first_day, self.signed_at.astimezone(COPENHAGEN).date())
