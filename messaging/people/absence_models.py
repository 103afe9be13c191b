"""Tables of absence and handing over: who is away and who covers, what a deputy opened, who took over a citizen."""

import enum
import uuid
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.actors import Because
from messaging.people.models import CaseloadEntry, Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class AbsenceReason(enum.StrEnum):
    """Why a caseworker is away, no nearer than colleagues need: nobody's health stands here."""

    LEAVE = "leave"
    UNPLANNED = "unplanned"
    OTHER_DUTY = "other_duty"


class Absence(Base):
    """That a caseworker is away within [since, until), and who sees what waits for her; ended early at `ended_at`."""

    __tablename__ = "absences"
    __table_args__ = (
        sa.CheckConstraint("since < until", name="in_order"),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> caseworker_id", name="another_covers"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    deputy_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[AbsenceReason] = mapped_column(word_of(AbsenceReason))
    reported_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    reported_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CoveredOpening(Base):
    """That somebody opened the thread of a colleague's citizen, and what waited there; never changed."""

    __tablename__ = "covered_openings"
    __table_args__ = (sa.Index("ix_covered_openings_reader", "caseworker_id", "opened_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    absence_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Absence.id))
    """None: she stands in for one meeting, and covers no absence."""
    because: Mapped[Because] = mapped_column(word_of(Because))
    opened_at: Mapped[datetime]


class CoverNotice(Base):
    """That a citizen was told who answers during an absence; one per citizen and deputy of it."""

    __tablename__ = "cover_notices"

    absence_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Absence.id), primary_key=True)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    deputy_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)
    told_at: Mapped[datetime]


class Transfer(Base):
    """That a citizen was handed over by hand, and what the one who took over should know."""

    __tablename__ = "transfers"

    caseload_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(CaseloadEntry.id), primary_key=True)
    """The entry of the caseload that ended by it; it can end only once."""
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    from_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    to_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    note: Mapped[Sealed | None] = sealed_column("note", nullable=True)
    transferred_at: Mapped[datetime]


class WorkingHours(Base):
    """When a caseworker works on a weekday (Monday is 0), on the wall clock; without a row of hers, as the office."""

    __tablename__ = "working_hours"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="a_weekday"),
        sa.CheckConstraint("begins < ends", name="in_order"),
    )

    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    begins: Mapped[time]
    ends: Mapped[time]
