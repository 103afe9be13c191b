"""The table of the trial's arms. It stands here, below the trial, because whoever looks up how a citizen can be
reached reads her arm in the same statement.
"""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, word_of
from messaging.people.models import Citizen


class Arm(enum.StrEnum):
    """What a citizen in the trial gets. CONTROL gets nothing beyond what everybody got before."""

    SMS = "sms"
    APP = "app"
    CONTROL = "control"


class TrialArm(Base):
    """That a citizen takes part in the trial; who has no row, or whose part has ended, does not.

    `locked`: no allocation moves her any more.
    """

    __tablename__ = "trial_arms"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    since: Mapped[datetime]
    locked: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    """Since when her arm decides on nothing any more."""
    forgotten_at: Mapped[datetime | None]
    """Since when nothing says which lines of the evaluation are hers; it takes in nothing more of her."""
