"""Tables of attendance: the employment system's word about each meeting, and counts of the time before the trial."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment, Import
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker


class OfficialWord(enum.StrEnum):
    """What became of a meeting, by the one rule for all arms (see `outcome_file`)."""

    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"
    CANCELLED_BY_US = "cancelled_by_us"


class OfficialOutcome(Base):
    """What one import said became of a meeting at one of its times. The last import counts; the earlier ones stay."""

    __tablename__ = "official_outcomes"
    __table_args__ = (sa.UniqueConstraint("appointment_id", "planned_for", "import_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id))
    planned_for: Mapped[datetime]
    outcome: Mapped[OfficialWord] = mapped_column(word_of(OfficialWord))
    noticed_at: Mapped[datetime | None]
    """When the citizen gave notice, in whatever channel."""
    import_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Import.id))
    imported_at: Mapped[datetime]


class BaselineCount(Base):
    """How many meetings of a caseworker ended how in a month before the trial (`2026-09`). It names no citizen."""

    __tablename__ = "baseline_counts"

    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    meeting_type: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[OfficialWord] = mapped_column(word_of(OfficialWord), primary_key=True)
    meetings: Mapped[int]
