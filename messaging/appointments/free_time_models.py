"""Tables of free times: what booking sources say is free, which of it was offered to whom, and for whom it is held."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment, Form
from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Unit


class FreeTime(Base):
    """A time at which a caseworker, or anybody of a unit, could hold a meeting, as its source last said."""

    __tablename__ = "free_times"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.CheckConstraint("(caseworker_id IS NULL) <> (unit_id IS NULL)", name="whose"),
        sa.Index("ix_free_times_meeting_type", "meeting_type", "starts_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str]
    external_id: Mapped[str]
    caseworker_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id))
    meeting_type: Mapped[str]
    form: Mapped[Form] = mapped_column(word_of(Form))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    until: Mapped[datetime]
    """Until when it may be offered and wished for."""


class OfferedTime(Base):
    """A free time that was offered for a meeting at one of its times, under the number she answers with.

    It names the free time by its source's id, because sources hand in what is free anew each time.
    """

    __tablename__ = "offered_times"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    offered_at: Mapped[datetime]
    wished_at: Mapped[datetime | None]
    """When she wished for it; of one meeting's only the last wish stands."""
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id))
    """Her answer."""


class HeldTime(Base):
    """A free time that is held for the meeting of who wished for it: one row, so that of two at once one gets it."""

    __tablename__ = "held_times"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), index=True)
    until: Mapped[datetime]
    """From then on somebody else may have it; the wish stands all the same."""
