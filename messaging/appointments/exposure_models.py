"""The table of what citizens of the trial really got before a meeting, beside what their arm was to give them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment
from messaging.appointments.other_reminders import OtherReminders
from messaging.conversations.channel_choice import Has
from messaging.database.base import Base, word_of
from messaging.people.arm_models import Arm


class Exposure(OtherReminders, Base):
    """A meeting at one of its times, when it began: written once, and only of who is in an arm.

    Reminders are those of this time of the meeting. `shown` counts what the app has shown, which proves no reading.
    Of others' reminders it learns also what is told of this time later: they are often told only once they have left.
    """

    __tablename__ = "exposures"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    planned_for: Mapped[datetime] = mapped_column(primary_key=True)
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    has: Mapped[Has] = mapped_column(word_of(Has))
    """The most she had: a number, a phone with the app, or one on which it may knock."""
    sms_sent: Mapped[int]
    sms_delivered: Mapped[int]
    app_placed: Mapped[int]
    app_shown: Mapped[int]
    withheld: Mapped[int]
    """Reminders that her arm kept back."""
    recorded_at: Mapped[datetime]
    wordings: Mapped[str | None]
    """Step and drawn text of each reminder of this time, `3_days=M1P 1_day=M2`, sent or not; None: none was drawn."""
