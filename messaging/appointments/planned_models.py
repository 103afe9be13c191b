"""The table of meetings that stood booked when it counts: what rates of attendance are shares of."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment
from messaging.database.base import Base
from messaging.people.models import Caseworker


class PlannedMeeting(Base):
    """A meeting at one of its times, decided on once. What stood never changes, whatever becomes of the meeting.

    Caseworker and type are those of that moment: rates are shares of what was planned, and by whom.
    """

    __tablename__ = "planned_meetings"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    planned_for: Mapped[datetime] = mapped_column(primary_key=True)
    stood: Mapped[bool]
    """Whether it stood booked then. What had been cancelled before is planned by nobody."""
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    meeting_type: Mapped[str]
    decided_at: Mapped[datetime]
    eligible: Mapped[bool | None]
    """Whether the citizen is under 30 and in a target group of the trial when it begins, as known at `decided_at`.

    None: it was decided on before this was noted.
    """
