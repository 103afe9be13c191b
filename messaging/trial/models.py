"""Tables of the trial: its design, who was allocated to what, and what the arms withheld or let through."""

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

__all__ = ["Arm", "ArmDecision", "CitizenTargetGroup", "Design", "Trial", "TrialArm", "TrialCaseworker", "Verdict"]


class Design(enum.StrEnum):
    """What is allocated to the arms: caseworkers with all their citizens, or citizens within their caseworker."""

    CASEWORKER = "caseworker"
    CITIZEN = "citizen"


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


class Trial(Base):
    """A trial from its lock to its end. `seed` and the rows of caseworkers let anybody repeat the allocation."""

    __tablename__ = "trials"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    design: Mapped[Design] = mapped_column(word_of(Design))
    seed: Mapped[int]
    locked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    under_way: Mapped[bool | None] = mapped_column(unique=True)
    """True until it has ended, then NULL: one trial at a time."""
    plan: Mapped[str | None]
    """The file of the analysis as it was fixed before the lock (see `evaluation.plan_file`)."""


class TrialCaseworker(Base):
    """A caseworker of the trial: her stratum, her no-show rate before it, and her arm if caseworkers are allocated."""

    __tablename__ = "trial_caseworkers"

    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Trial.id), primary_key=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)
    stratum: Mapped[str]
    baseline_rate: Mapped[float | None]
    arm: Mapped[Arm | None] = mapped_column(word_of(Arm))
    successor_of: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """Whose place she took after the lock; the arm came with it."""


class CitizenTargetGroup(Base):
    """Which target group a citizen is placed in, from a moment until another takes its place."""

    __tablename__ = "citizen_target_groups"
    __table_args__ = (
        sa.Index(
            "uq_citizen_target_groups_present",
            "citizen_id",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    target_group: Mapped[str]
    """A code that was in the list of target groups when she was placed in it (see `target_groups`)."""
    source: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
