"""Meetings of the trial that were in the hands of another arm's caseworker are counted, each where it belongs."""

from datetime import timedelta

import sqlalchemy as sa

from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.seeding import seed
from messaging.appointments.standing_in import let_stand_in
from messaging.attendance.across import MeetingsAcross, meetings_across
from messaging.clock import COPENHAGEN
from messaging.people.absence_models import AbsenceReason
from messaging.people.absences import Report, report_absence
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import CaseloadEntry, Caseworker, Role
from messaging.trial.models import Arm, Design, Trial, TrialCaseworker
from tests.appointments.conftest import OFFICE
from tests.evaluation.conftest import Pilot


def across(pilot: Pilot) -> MeetingsAcross:
    with pilot.runtime.database.read() as session:
        return meetings_across(session, session.scalars(sa.select(Trial)).one())


def whose_arm_is(pilot: Pilot, arm: Arm) -> list[str]:
    """Return the initials of the caseworkers of this arm."""
    with pilot.runtime.database.read() as session:
        theirs = set(session.scalars(sa.select(TrialCaseworker.caseworker_id).filter_by(arm=arm)))
    return [initials for initials, id_ in pilot.staff.items() if id_ in theirs]


def stood_in(pilot: Pilot, arm: Arm, *, by: Arm) -> None:
    """Let a meeting of a citizen in one arm be held by another caseworker, of the other arm."""
    citizen_id = pilot.citizens(arm)[0]
    meeting_id, planned_for = pilot.books(citizen_id)
    pilot.clock.moment = planned_for - timedelta(hours=1)
    with pilot.runtime.database.read() as session:
        hers = session.scalars(
            sa.select(CaseloadEntry.caseworker_id).filter_by(citizen_id=citizen_id, valid_to=None)
        ).one()
        absent = session.get_one(Caseworker, hers)
    stand_in = next(pilot.staff[one] for one in whose_arm_is(pilot, by) if pilot.staff[one] != hers)
    today = planned_for.astimezone(COPENHAGEN).date()
    with pilot.runtime.act(Actor(kind=ActorKind.STAFF, id=hers, role=Role.CASEWORKER, unit_id=absent.unit_id)) as act:
        away = report_absence(
            act,
            Report(caseworker_id=hers, deputy_id=None, first_day=today, last_day=today, reason=AbsenceReason.UNPLANNED),
        )
        let_stand_in(act, absence_id=away.id, appointment_ids=[meeting_id], stand_in_id=stand_in, office=OFFICE)
    pilot.clock.moment = planned_for + timedelta(days=1)


def test_a_meeting_with_a_caseworker_of_another_arm_is_across_and_one_before_is_not(pilot: Pilot) -> None:
    citizen_id = pilot.citizens(Arm.CONTROL)[0]
    pilot.meets(citizen_id)
    assert across(pilot) == MeetingsAcross(planned=0, stood_in=0)
    pilot.hands_over(citizen_id, whose_arm_is(pilot, Arm.SMS)[0])
    pilot.meets(citizen_id)
    pilot.hires("ny")
    pilot.hands_over(citizen_id, "ny")  # who is in no arm
    pilot.meets(citizen_id)

    assert across(pilot) == MeetingsAcross(planned=2, stood_in=0)


def test_a_meeting_that_a_stand_in_of_another_arm_held_is_across_and_one_of_the_same_arm_is_not(
    pilot: Pilot,
) -> None:
    with pilot.runtime.act(SYSTEM) as act:
        seed(act.session)
    stood_in(pilot, Arm.SMS, by=Arm.SMS)
    assert across(pilot) == MeetingsAcross(planned=0, stood_in=0)
    stood_in(pilot, Arm.SMS, by=Arm.CONTROL)

    assert across(pilot) == MeetingsAcross(planned=0, stood_in=1)


def test_only_meetings_that_the_trial_counts_are_across(pilot: Pilot) -> None:
    citizen_id = pilot.citizens(Arm.APP)[0]
    pilot.hands_over(citizen_id, whose_arm_is(pilot, Arm.SMS)[0])
    pilot.meets(citizen_id)
    for change in ({"eligible": False}, {"eligible": True, "stood": False}):
        with pilot.runtime.database.write() as session:
            session.execute(sa.update(PlannedMeeting).values(**change))
        assert across(pilot).planned == 0
    with pilot.runtime.database.write() as session:
        session.execute(sa.update(PlannedMeeting).values(stood=True))
        session.execute(sa.update(Trial).values(ended_at=pilot.clock.now() - timedelta(days=2)))

    assert across(pilot).planned == 0


def test_where_citizens_are_allocated_no_meeting_is_across(pilot: Pilot) -> None:
    citizen_id = pilot.citizens(Arm.APP)[0]
    pilot.hands_over(citizen_id, whose_arm_is(pilot, Arm.SMS)[0])
    pilot.meets(citizen_id)
    with pilot.runtime.database.write() as session:
        session.execute(sa.update(Trial).values(design=Design.CITIZEN))

    assert across(pilot) == MeetingsAcross(planned=0, stood_in=0)
