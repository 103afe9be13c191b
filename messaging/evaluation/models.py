"""The evaluation's own extract of the trial: what is counted, and apart from it the links that keep it up to date.

A line names nobody: its ids are random, and stand nowhere else. Only the links say whose it is. They go when a citizen
is erased, and everything goes when the extract's time is over.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment
from messaging.appointments.other_reminders import OtherReminders
from messaging.attendance.models import OfficialWord
from messaging.conversations.channel_choice import Has
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen
from messaging.trial.models import Arm, Trial


class EvaluationExtract(Base):
    """The extract of a trial: what it is for, when it was last filled, and when all of it is deleted."""

    __tablename__ = "evaluation_extracts"

    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Trial.id), primary_key=True)
    purpose: Mapped[str]
    filled_at: Mapped[datetime]
    delete_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """Since when there is nothing left of it. It is never filled again."""


class EvaluationCluster(Base):
    """A caseworker's place in the trial: a successor has the place of whom she followed. `stratum` is a number."""

    __tablename__ = "evaluation_clusters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationExtract.trial_id), index=True)
    stratum: Mapped[int]
    baseline_rate: Mapped[float | None]


class EvaluationLine(OtherReminders, Base):
    """A planned meeting of somebody in the trial. `citizen` is random, `month` as on the wall: `2027-10`.

    `arm` is the one allocated, `target_group` the one at her joining: neither can be changed by what the trial does.
    `outcome` is None while nobody has told. What she got before the meeting is None where nobody wrote it down.
    """

    __tablename__ = "evaluation_lines"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationExtract.trial_id), index=True)
    cluster_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationCluster.id))
    citizen: Mapped[uuid.UUID]
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    month: Mapped[str]
    meeting_type: Mapped[str]
    target_group: Mapped[str]
    outcome: Mapped[OfficialWord | None] = mapped_column(word_of(OfficialWord))
    held_within: Mapped[bool]
    has: Mapped[Has | None] = mapped_column(word_of(Has))
    sms_sent: Mapped[int | None]
    sms_delivered: Mapped[int | None]
    app_placed: Mapped[int | None]
    app_shown: Mapped[int | None]
    withheld: Mapped[int | None]


class ClusterLink(Base):
    """Whose place in the trial a cluster is."""

    __tablename__ = "evaluation_cluster_links"

    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationExtract.trial_id), primary_key=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), primary_key=True)
    cluster_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationCluster.id))


class CitizenLink(Base):
    """Whose lines a random citizen's are, and what stood fast of her when she joined the trial."""

    __tablename__ = "evaluation_citizen_links"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationExtract.trial_id), index=True)
    citizen: Mapped[uuid.UUID]
    cluster_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationCluster.id))
    arm: Mapped[Arm] = mapped_column(word_of(Arm))
    since: Mapped[datetime]
    target_group: Mapped[str]


class LineLink(Base):
    """Which meeting, at which of its times, a line counts."""

    __tablename__ = "evaluation_line_links"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    planned_for: Mapped[datetime] = mapped_column(primary_key=True)
    trial_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationExtract.trial_id), index=True)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    line_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(EvaluationLine.id), unique=True, index=True)


class EvaluationRun(Base):
    """That somebody has asked for the report, how far it is, and the report (`document`, as JSON). It names nobody."""

    __tablename__ = "evaluation_runs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Comparisons made, of how many."""
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """A code, if it could not be made."""
    report: Mapped[str | None]
