"""Tables of the interviews: how many were held, and which themes came up how often. Who was interviewed is not here."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, word_of
from messaging.experience.models import Wave
from messaging.people.arm_models import Arm


class Side(enum.StrEnum):
    """Who is interviewed."""

    CITIZEN = "citizen"
    STAFF = "staff"


class Interview(Base):
    """That an interview was held. `id` is random, and keeps a form that is sent twice from counting twice."""

    __tablename__ = "interviews"
    __table_args__ = (sa.Index("ix_interviews_cell", "wave", "arm", "side"), {"sqlite_with_rowid": False})

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    wave: Mapped[Wave] = mapped_column(word_of(Wave))
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    side: Mapped[Side] = mapped_column(word_of(Side))


class InterviewTheme(Base):
    """In how many interviews of a wave, arm and side a theme came up; in which of them is not kept."""

    __tablename__ = "interview_themes"
    __table_args__ = (sa.CheckConstraint("mentions > 0", name="came_up"), {"sqlite_with_rowid": False})

    wave: Mapped[Wave] = mapped_column(word_of(Wave), primary_key=True)
    arm: Mapped[Arm] = mapped_column(word_of(Arm), primary_key=True)
    side: Mapped[Side] = mapped_column(word_of(Side), primary_key=True)
    theme: Mapped[str] = mapped_column(primary_key=True)
    mentions: Mapped[int]
