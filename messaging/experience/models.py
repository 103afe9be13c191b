"""Tables of the two questions. No row is a person's answer: answers are tallies, and who may still answer stands apart.

Tables that grow with each answer or code are kept in the order of their keys, so that no order tells who came when.
"""

import enum
import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, word_of
from messaging.people.arm_models import Arm
from messaging.people.models import Caseworker


class Question(enum.StrEnum):
    """What is asked. CONTACT and PURPOSE of citizens, REACHING and IN_TIME of staff."""

    CONTACT = "contact"
    PURPOSE = "purpose"
    REACHING = "reaching"
    IN_TIME = "in_time"


class Rating(enum.StrEnum):
    """What may be answered to each of them. UNSURE counts as an answer, and neither for nor against."""

    YES = "yes"
    MOSTLY = "mostly"
    HARDLY = "hardly"
    NO = "no"
    UNSURE = "unsure"


class Wave(enum.StrEnum):
    """When staff are asked, and people interviewed."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Group(enum.StrEnum):
    """Which arm a member of staff is in; NONE where citizens are allocated, or she takes no part."""

    SMS = "sms"
    APP = "app"
    CONTROL = "control"
    NONE = "none"


class PulseCell(Base):
    """All that is known of a code and its answer: the arm, the month (`2027-10`) and the kind of meeting.

    `stocked`: codes that have been made; `handed_out`: how many of them were shown or printed; `returned`: printed ones
    that came back unused; `answered`: how many were used.
    """

    __tablename__ = "pulse_cells"

    arm: Mapped[Arm] = mapped_column(word_of(Arm), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    meeting_type: Mapped[str] = mapped_column(primary_key=True)
    stocked: Mapped[int]
    handed_out: Mapped[int]
    returned: Mapped[int]
    answered: Mapped[int]


class PulseCode(Base):
    """A code that has not been used; the row goes with its answer."""

    __tablename__ = "pulse_codes"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["arm", "month", "meeting_type"], ["pulse_cells.arm", "pulse_cells.month", "pulse_cells.meeting_type"]
        ),
        {"sqlite_with_rowid": False},
    )

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    """Keyed."""
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    month: Mapped[str]
    meeting_type: Mapped[str]


class PulseTally(Base):
    """How often an answer was given to a question in a cell. The two answers of one citizen stand apart."""

    __tablename__ = "pulse_tallies"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  as SQLAlchemy reads it

    arm: Mapped[Arm] = mapped_column(word_of(Arm), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    meeting_type: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[Question] = mapped_column(word_of(Question), primary_key=True)
    rating: Mapped[Rating] = mapped_column(word_of(Rating), primary_key=True)
    answers: Mapped[int]


class WaveDays(Base):
    """The days of a wave, the last one included."""

    __tablename__ = "wave_days"
    __table_args__ = (sa.CheckConstraint("first_day <= last_day", name="ends_after_it_begins"),)

    wave: Mapped[Wave] = mapped_column(word_of(Wave), primary_key=True)
    first_day: Mapped[date] = mapped_column(sa.Date())
    last_day: Mapped[date] = mapped_column(sa.Date())


class StaffAnswered(Base):
    """That a member of staff has answered in a wave; never what."""

    __tablename__ = "staff_answered"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    wave: Mapped[Wave] = mapped_column(word_of(Wave), primary_key=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)


class StaffTally(Base):
    """How often staff of a group gave an answer to a question in a wave."""

    __tablename__ = "staff_tallies"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    wave: Mapped[Wave] = mapped_column(word_of(Wave), primary_key=True)
    staff_group: Mapped[Group] = mapped_column(word_of(Group), primary_key=True)
    question: Mapped[Question] = mapped_column(word_of(Question), primary_key=True)
    rating: Mapped[Rating] = mapped_column(word_of(Rating), primary_key=True)
    answers: Mapped[int]
