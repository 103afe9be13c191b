"""Tables of the citizen's card: how she is best met, who entered a number and saw it ring, when her case was closed.

And when somebody said that she is somebody else.
"""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen, ContactPoint
from messaging.vault.sealed import Sealed, sealed_column


class Medium(enum.StrEnum):
    """How a citizen prefers to hear from us. It is asked for, and kept to where it can be; it blocks nothing."""

    SMS = "sms"
    APP = "app"
    CALL = "call"


class Preference(Base):
    """How a citizen is best met, as somebody who works here noted it; without a row: by SMS and in Danish.

    `language` is the one she reads, `interpreter` the one she needs an interpreter for (ISO 639).
    """

    __tablename__ = "preferences"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    medium: Mapped[Medium] = mapped_column(word_of(Medium), default=Medium.SMS)
    language: Mapped[str] = mapped_column(default="da")
    interpreter: Mapped[str | None]
    no_number_since: Mapped[datetime | None]
    """Somebody has asked, and there is none."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]


class NumberRecord(Base):
    """What somebody who works here did about a number: entered it by hand, saw the phone ring when she called it."""

    __tablename__ = "number_records"

    contact_point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(ContactPoint.id), primary_key=True)
    entered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))


class CaseClosing(Base):
    """That a citizen's case was closed, and when it was reopened if it was; both with a reason."""

    __tablename__ = "case_closings"
    __table_args__ = (
        sa.Index(
            "uq_case_closings_present",
            "citizen_id",
            unique=True,
            sqlite_where=sa.text("reopened_at IS NULL"),
            postgresql_where=sa.text("reopened_at IS NULL"),
        ),
        sa.Index("ix_case_closings_citizen_id", "citizen_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    closed_at: Mapped[datetime]
    closed_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    closing_reason: Mapped[Sealed] = sealed_column("closing_reason")
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    reopening_reason: Mapped[Sealed | None] = sealed_column("reopening_reason", nullable=True)


class WrongPerson(Base):
    """That somebody who had come in as this citizen said that she is not: another may have read her messages."""

    __tablename__ = "wrong_persons"
    __table_args__ = (sa.Index("ix_wrong_persons_citizen_id", "citizen_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    medium: Mapped[str]
    reported_at: Mapped[datetime]
