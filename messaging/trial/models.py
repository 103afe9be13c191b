"""Tables of the trial: who is in which arm, and what the arms withheld or let through."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.models import Caseworker, Citizen
from messaging.trial.capabilities import Sort, Way
from messaging.vault.sealed import Sealed, sealed_column

__all__ = ["Arm", "ArmDecision", "TrialArm", "Verdict"]


class Verdict(enum.StrEnum):
    """What became of something that an arm does not allow."""

    WITHHELD = "withheld"
    OVERRIDDEN = "overridden"
    """It went all the same, for a stated reason."""


class ArmDecision(Base):
    """That an arm of the trial withheld something, or that a caseworker sent it all the same; never what it said."""

    __tablename__ = "arm_decisions"
    __table_args__ = (
        sa.CheckConstraint(
            "(verdict = 'overridden') = (reason IS NOT NULL AND by_id IS NOT NULL)", name="override_has_a_reason"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    sort: Mapped[Sort] = mapped_column(word_of(Sort))
    way: Mapped[Way] = mapped_column(word_of(Way))
    verdict: Mapped[Verdict] = mapped_column(word_of(Verdict))
    decided_at: Mapped[datetime]
    by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """Who wrote it, if a person did."""
    reason: Mapped[Sealed | None] = sealed_column("reason", nullable=True)
    message_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    """The message that was let through, or was called back at the last look."""
