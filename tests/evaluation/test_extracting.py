"""The evaluation's extract: filled again and again to the same, pseudonymous, forgotten and deleted."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.booking import change_appointment, meeting_of
from messaging.appointments.exposing import record_begun
from messaging.appointments.models import Appointment
from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.planning import ReminderRules
from messaging.attendance.models import OfficialWord
from messaging.errors import Conflict, NotFound
from messaging.evaluation.extracting import Filled, forget_citizen, months_of
from messaging.evaluation.loading import load
from messaging.evaluation.models import (
    CitizenLink,
    ClusterLink,
    EvaluationCluster,
    EvaluationExtract,
    EvaluationLine,
    LineLink,
)
from messaging.evaluation.reporting import make_report
from messaging.evaluation.work import EvaluationWork, fill_extract
from messaging.people.actors import SYSTEM
from messaging.people.models import Citizen
from messaging.runtime import Runtime
from messaging.trial import running
from messaging.trial.models import Arm, Trial
from tests.evaluation.conftest import Pilot


def count(pilot: Pilot, table: type) -> int:
    with pilot.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_meeting_becomes_a_line_once_and_learns_its_outcome_later(pilot: Pilot) -> None:
    meeting = pilot.meets(pilot.citizens(Arm.SMS)[0])
    first, again = pilot.fills(), pilot.fills()
    with pilot.runtime.database.read() as session:
        planned_for = session.scalars(sa.select(PlannedMeeting.planned_for)).one()
    pilot.tells(meeting, planned_for, OfficialWord.NO_SHOW)
    learnt = pilot.fills()

    assert (first, again, learnt) == (Filled(new=1), Filled(unchanged=1), Filled(changed=1))
    (line,) = pilot.lines()
    assert (line.arm, line.outcome, line.month, line.target_group) == (
        Arm.SMS, OfficialWord.NO_SHOW, "2027-03", "jobparat",
    )  # fmt: skip
    assert line.has is None


def test_a_line_learns_what_is_told_of_others_reminders_even_after_the_meeting(pilot: Pilot) -> None:
    meeting_id, planned_for = pilot.books(pilot.citizens(Arm.CONTROL)[0])
    pilot.clock.moment = planned_for + timedelta(minutes=1)
    with pilot.runtime.act(SYSTEM) as act:
        record_begun(act, means_of=lambda _session, _citizens: {})
    pilot.fills()
    (before,) = pilot.lines()
    for told in ({"reminded_by_nemsms": True, "reminded_by_booking_system": False}, {"reminded_by_nemsms": None}):
        pilot.clock.moment += timedelta(days=1)
        with pilot.runtime.act(SYSTEM) as act:
            meeting = act.session.get_one(Appointment, meeting_id)
            change_appointment(
                act, appointment_id=meeting_id, meeting=replace(meeting_of(meeting), **told), rules=ReminderRules()
            )
        pilot.fills()
        (after,) = pilot.lines()
        assert (after.reminded_by_nemsms, after.reminded_by_booking_system) == (True, False)

    assert (before.reminded_by_huskeservice, before.reminded_by_nemsms, before.reminded_by_booking_system) == (
        None,
        None,
        None,
    )
    assert after.reminded_by_huskeservice is None


def test_its_ids_stand_nowhere_else_and_say_nothing_of_when_they_were_made(pilot: Pilot) -> None:
    citizen = pilot.citizens(Arm.APP)[0]
    meeting = pilot.meets(citizen, OfficialWord.HELD)
    pilot.fills()
    (line,) = pilot.lines()

    assert {line.citizen, line.id, line.cluster_id}.isdisjoint({citizen, meeting, *pilot.staff.values()})
    assert {one.version for one in (line.id, line.citizen, line.cluster_id)} == {4}


def test_a_citizen_is_counted_where_chance_has_put_her_whoever_looks_after_her(pilot: Pilot) -> None:
    citizen = pilot.citizens(Arm.CONTROL)[0]
    pilot.meets(citizen, OfficialWord.HELD)
    with pilot.runtime.database.read() as session:
        locked = {row.caseworker_id: row.arm for row in session.scalars(sa.select(running.TrialCaseworker))}
    pilot.hands_over(citizen, next(name for name, id_ in pilot.staff.items() if locked[id_] is Arm.SMS))
    pilot.meets(citizen, OfficialWord.NO_SHOW)
    pilot.fills()

    assert {line.arm for line in pilot.lines()} == {Arm.CONTROL}
    assert len({line.cluster_id for line in pilot.lines()}) == 1
    assert len({line.citizen for line in pilot.lines()}) == 1


def test_a_successor_has_the_place_of_whom_she_followed(pilot: Pilot) -> None:
    pilot.fills()
    pilot.hires("ny")
    with pilot.runtime.act(SYSTEM) as act:
        running.succeed(act, leaving="sb00", successor="ny")
    newcomer = pilot.citizen("ny")
    pilot.works()
    pilot.meets(newcomer, OfficialWord.HELD)
    pilot.fills()

    with pilot.runtime.database.read() as session:
        clusters = {link.caseworker_id: link.cluster_id for link in session.scalars(sa.select(ClusterLink))}
    assert clusters[pilot.staff["ny"]] == clusters[pilot.staff["sb00"]] == pilot.lines()[0].cluster_id
    assert count(pilot, EvaluationCluster) == 6


def test_meetings_before_the_trial_after_it_and_of_others_are_not_in_it(pilot: Pilot) -> None:
    outsider = pilot.citizen("sb00", group=None)
    pilot.meets(outsider, OfficialWord.HELD)
    pilot.clock.moment += timedelta(days=360)
    pilot.works()
    pilot.meets(pilot.citizens(Arm.SMS)[0], OfficialWord.HELD)
    pilot.fills()

    assert pilot.lines() == []


def test_who_turns_thirty_is_counted_until_then(pilot: Pilot) -> None:
    nearly_thirty = pilot.citizen("sb00", born="060397")
    pilot.works()
    pilot.meets(nearly_thirty, OfficialWord.HELD, in_days=1)
    pilot.meets(nearly_thirty, OfficialWord.HELD, in_days=10)
    pilot.fills()

    assert len(pilot.lines()) == 1


def test_what_we_cancelled_leaves_the_count_and_is_counted_itself(pilot: Pilot) -> None:
    pilot.meets(pilot.citizens(Arm.APP)[0], OfficialWord.CANCELLED_BY_US)
    pilot.meets(pilot.citizens(Arm.APP)[0], OfficialWord.HELD)
    pilot.fills()
    with pilot.runtime.database.read() as session:
        loaded = load(session, session.scalars(sa.select(Trial)).one())

    assert loaded.extract is not None
    assert len(loaded.extract) == 1
    assert loaded.cancelled_by_us == {Arm.SMS: 0, Arm.APP: 1, Arm.CONTROL: 0}
    assert loaded.got[Arm.APP].meetings == 2


def test_a_report_to_a_month_reads_no_later_one(pilot: Pilot) -> None:
    citizen = pilot.citizens(Arm.SMS)[0]
    pilot.meets(citizen, OfficialWord.HELD)
    pilot.meets(citizen, OfficialWord.HELD, in_days=40)
    pilot.fills()
    with pilot.runtime.database.read() as session:
        trial = session.scalars(sa.select(Trial)).one()
        march = load(session, trial, through="2027-03").extract
        assert march is not None
        assert len(march) == 1
        assert load(session, trial, through="2027-02").extract is None


def test_erasing_a_citizen_removes_the_link_and_not_the_counted_line(pilot: Pilot) -> None:
    citizen = pilot.citizens(Arm.SMS)[0]
    pilot.meets(citizen, OfficialWord.HELD)
    pilot.fills()
    with pilot.runtime.act(SYSTEM) as act:
        forget_citizen(act, citizen)
    again = pilot.fills()

    assert again == Filled()
    assert count(pilot, LineLink) == 0
    assert count(pilot, CitizenLink) == 11
    assert count(pilot, EvaluationLine) == 1


def test_who_is_erased_before_the_first_filling_is_never_taken_in_or_waited_for(pilot: Pilot) -> None:
    citizen = pilot.citizens(Arm.SMS)[0]
    pilot.meets(citizen, OfficialWord.HELD)
    with pilot.runtime.act(SYSTEM) as act:
        forget_citizen(act, citizen)
    pilot.fills()

    assert count(pilot, CitizenLink) == 11
    assert pilot.lines() == []
    (data,) = [one for one in make_report(pilot.runtime).sections if one.key == "data"]
    assert not [sentence for sentence in data.sentences if "endnu ikke taget med" in sentence]


def test_everything_is_deleted_at_the_end_date_and_never_filled_again(pilot: Pilot) -> None:
    pilot.meets(pilot.citizens(Arm.SMS)[0], OfficialWord.HELD)
    work = EvaluationWork(runtime=pilot.runtime)
    work.fill()
    pilot.clock.moment += timedelta(days=2 * 365 - 20)
    work.delete()
    assert count(pilot, EvaluationLine) == 1
    pilot.clock.moment += timedelta(days=20)
    work.delete()
    work.fill()

    for table in (LineLink, CitizenLink, ClusterLink, EvaluationLine, EvaluationCluster):
        assert count(pilot, table) == 0, table
    assert count(pilot, EvaluationExtract) == 1
    assert count(pilot, Citizen) == 12
    with pytest.raises(Conflict):
        pilot.fills()


def test_the_worker_fills_it_once_a_day(pilot: Pilot) -> None:
    citizen, work = pilot.citizens(Arm.SMS)[0], EvaluationWork(runtime=pilot.runtime)
    pilot.meets(citizen, OfficialWord.HELD)
    work.fill()
    pilot.meets(citizen, OfficialWord.HELD, in_days=0.1, after=0.1)
    work.fill()
    assert len(pilot.lines()) == 1
    pilot.clock.moment += timedelta(days=1)
    work.fill()

    assert len(pilot.lines()) == 2


def test_without_a_trial_there_is_nothing_to_fill(runtime: Runtime) -> None:
    EvaluationWork(runtime=runtime).fill()
    with pytest.raises(NotFound):
        fill_extract(runtime)


def test_months_are_those_of_the_wall_and_parts_at_both_ends(pilot: Pilot) -> None:
    with pilot.runtime.database.read() as session:
        trial = session.scalars(sa.select(Trial)).one()
    months = list(months_of(trial, at=trial.locked_at + timedelta(days=40)))

    assert [f"{until:%m-%d %H:%M}" for _, until in months] == ["03-31 22:00", "04-11 09:00"]
    assert months[0][0] == trial.locked_at
    assert months[0][1] == months[1][0]
