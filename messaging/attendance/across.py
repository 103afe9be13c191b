"""Meetings of the trial that were in the hands of another arm's caseworker: they blur the difference between the arms.

A citizen stays in the arm that she was drawn into, whoever meets her.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Rearrangement
from messaging.appointments.planned_models import PlannedMeeting
from messaging.trial.models import Design, Trial, TrialArm, TrialCaseworker


@dataclass(frozen=True, kw_only=True)
class MeetingsAcross:
    """Of the meetings that the trial counts: `planned` with a caseworker of another arm, or of none; `stood_in` held by
    such a one in another's place.
    """

    planned: int
    stood_in: int


def meetings_across(session: Session, trial: Trial) -> MeetingsAcross:
    """Return them. Where citizens are allocated a caseworker has all arms among hers, and no meeting is across."""
    if trial.design is not Design.CASEWORKER:
        return MeetingsAcross(planned=0, stood_in=0)
    of_meeting = sa.select(sa.func.count()).select_from(PlannedMeeting)
    of_meeting = of_meeting.join(Appointment, Appointment.id == PlannedMeeting.appointment_id)
    held_by_another = of_meeting.join(
        Rearrangement,
        sa.and_(
            # What was done about the time that the meeting has now.
            Rearrangement.appointment_id == Appointment.id,
            Rearrangement.revision == Appointment.revision,
            Appointment.starts_at == PlannedMeeting.planned_for,
            Rearrangement.stand_in_id.is_not(None),
        ),
    )
    return MeetingsAcross(
        planned=session.scalar(_across(of_meeting, trial, PlannedMeeting.caseworker_id)) or 0,
        stood_in=session.scalar(_across(held_by_another, trial, Rearrangement.stand_in_id)) or 0,
    )


def _across(meetings: sa.Select[int], trial: Trial, whose: sa.SQLColumnExpression[Any]) -> sa.Select[int]:
    theirs = sa.and_(TrialCaseworker.trial_id == trial.id, TrialCaseworker.caseworker_id == whose)
    return (
        meetings.join(TrialArm, TrialArm.citizen_id == Appointment.citizen_id)
        .outerjoin(TrialCaseworker, theirs)
        .where(
            PlannedMeeting.stood,
            PlannedMeeting.eligible.is_not(False),
            PlannedMeeting.planned_for >= TrialArm.since,
            PlannedMeeting.planned_for >= trial.locked_at,
            PlannedMeeting.planned_for < (trial.ended_at or trial.ends_at),
            sa.or_(TrialCaseworker.arm.is_(None), TrialCaseworker.arm != TrialArm.arm),
        )
    )
