"""Tables of reminder plans: whose meetings they hold for and when, their steps, and who signed them off."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id
from messaging.people.models import Caseworker, Unit


class ReminderPlan(Base):
    """Which reminders the meetings of some days get. It holds once somebody else has signed it, and is never changed.

    What it names (unit, meeting type, target group) a meeting must have; what it leaves open, any has.
    """

    __tablename__ = "reminder_plans"
    __table_args__ = (
        sa.CheckConstraint("signed_by_id <> written_by_id", name="four_eyes"),
        sa.CheckConstraint("(signed_by_id IS NULL) = (signed_at IS NULL)", name="signed_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id))
    meeting_type: Mapped[str | None]
    """As the booking system has it."""
    target_group: Mapped[str | None]
    """A code of the dated list of target groups."""
    first_day: Mapped[date] = mapped_column(sa.Date())
    """Of the meetings it holds for, not of their reminders."""
    last_day: Mapped[date | None] = mapped_column(sa.Date())
    most_per_day: Mapped[int | None]
    """Reminders that one citizen gets on one day at the most, of all her meetings."""
    most_per_meeting: Mapped[int | None]
    """Reminders of one meeting at the most, however often it is moved."""
    stops_when_confirmed: Mapped[bool]
    """Whether who has said that she comes is reminded no more."""
    written_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    signed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    combines: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether two meetings of a citizen on one day are reminded of in one text."""
    opens: Mapped[int | None]
    """Full hour on the wall clock from which its reminders leave; None, as `closes` is then: as the service's hours."""
    closes: Mapped[int | None]
    """Full hour until which they leave; 24 is midnight."""
    spares_weekends: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether none leave on Saturday and Sunday."""
    ways: Mapped[str | None]
    """By which ways they go, the preferred one first, a blank between two; None: as the service has it."""


class ReminderPlanStep(Base):
    """One reminder of a plan: how long before the meeting, and the texts one of which is drawn for each meeting."""

    __tablename__ = "reminder_plan_steps"

    plan_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(ReminderPlan.id), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    hour: Mapped[int | None]
    """Full hour on the wall clock; None: the hour of the meeting."""
    texts: Mapped[str]
    """Keys of texts, a blank between two."""
