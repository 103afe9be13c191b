"""Which meetings count. The meeting is th. 14/10 2027 kl. 10.30, so that its moment is su. 10/10 kl. 10.30."""

import threading
from collections.abc import Mapping
from datetime import datetime

import pytest
import sqlalchemy as sa

from messaging.appointments.booking import restore_appointments
from messaging.appointments.freezing import freeze_due, is_any_to_freeze
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import correct_outcome, record_outcome
from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.states import OutcomeWord
from messaging.appointments.work import AppointmentWork
from messaging.people.actors import SYSTEM
from messaging.trial.placing import place_in
from tests.appointments.conftest import RULES, Desk, wall
from tests.runtime import lose_key

STARTS, MOMENT, JUST_BEFORE = "2027-10-14 10:30", "2027-10-10 10:30", "2027-10-10 10:29"


def freezes(desk: Desk, *, at: str) -> Mapping[datetime, bool]:
    """Let the moment pass; return the times that are decided on, and whether the meeting stood."""
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        freeze_due(act)
    return {row.planned_for: row.stood for row in desk.every(PlannedMeeting)}


def in_group(desk: Desk, code: str) -> None:
    """Place the citizen of the meeting in a target group now."""
    with desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=desk.appointment().citizen_id, code=code, source="test")


def cancels(desk: Desk, *, at: str) -> None:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=desk.appointment().id, outcome=OutcomeWord.CANCELLED_BY_CITIZEN)


def test_meeting_counts_from_four_days_before_it_begins(desk: Desk) -> None:
    desk.books(at="2027-10-01 10:00")

    assert freezes(desk, at=JUST_BEFORE) == {}
    assert freezes(desk, at=MOMENT) == {wall(STARTS): True}


def test_meeting_that_is_booked_later_counts_at_once(desk: Desk) -> None:
    desk.books(at="2027-10-13 15:00")

    assert freezes(desk, at="2027-10-13 15:00") == {wall(STARTS): True}


@pytest.mark.parametrize(
    ("booked", "stood"), [("2027-10-14 10:29", True), (STARTS, False), ("2027-10-15 09:00", False)]
)
def test_meeting_that_is_booked_once_it_has_begun_was_not_planned(desk: Desk, booked: str, stood: bool) -> None:
    desk.books(at=booked)

    assert freezes(desk, at="2027-10-15 09:00") == {wall(STARTS): stood}


def test_meeting_that_is_moved_to_a_time_that_has_begun_was_planned_for_the_old_one_alone(desk: Desk) -> None:
    desk.books()
    desk.books(at="2027-10-15 09:00", start="15-10-2027 08:30")

    assert freezes(desk, at="2027-10-15 09:00") == {wall(STARTS): True, wall("2027-10-15 08:30"): False}


@pytest.mark.parametrize(
    ("looked", "off", "stood"),
    [
        (True, JUST_BEFORE, False),
        (False, JUST_BEFORE, False),
        (True, "2027-10-12 09:00", True),
        (False, "2027-10-12 09:00", True),
    ],
)
def test_meeting_that_is_booked_again_once_it_has_begun_stays_as_it_was_decided(
    desk: Desk, looked: bool, off: str, stood: bool
) -> None:
    desk.books()
    cancels(desk, at=off)
    if looked:
        freezes(desk, at="2027-10-13 09:00")
    books_again(desk, at="2027-10-15 09:00")

    assert freezes(desk, at="2027-10-15 09:00") == {wall(STARTS): stood}


def test_whatever_becomes_of_it_after_that_it_is_counted(desk: Desk) -> None:
    desk.books()
    freezes(desk, at=MOMENT)
    cancels(desk, at="2027-10-12 09:00")

    assert freezes(desk, at="2027-10-15 09:00") == {wall(STARTS): True}


def test_what_was_cancelled_before_its_moment_does_not_count(desk: Desk) -> None:
    desk.books()
    cancels(desk, at=JUST_BEFORE)

    assert freezes(desk, at=MOMENT) == {wall(STARTS): False}


@pytest.mark.parametrize(
    ("born", "group", "eligible"),
    [
        ("141097", "jobparat", False),
        ("151097", "jobparat", True),
        ("151097", None, False),
    ],
)
def test_trial_counts_meetings_of_whoever_is_under_30_and_in_a_target_group_when_they_begin(
    desk: Desk, born: str, group: str | None, eligible: bool
) -> None:
    cpr = f"{born}4123"
    desk.books(at="2027-10-01 10:00", cpr=cpr)
    if group:
        in_group(desk, group)

    freezes(desk, at=MOMENT)
    assert [row.eligible for row in desk.every(PlannedMeeting)] == [eligible]


def test_trial_counts_no_meeting_after_its_citizen_left_the_target_group(desk: Desk) -> None:
    desk.books(at="2027-10-01 10:00")
    in_group(desk, "jobparat")
    desk.clock.moment = wall("2027-10-05 10:00")
    in_group(desk, "sygedagpenge")

    freezes(desk, at=MOMENT)
    assert [row.eligible for row in desk.every(PlannedMeeting)] == [False]


def test_citizen_who_is_erased_keeps_no_other_from_being_decided_on(desk: Desk) -> None:
    desk.books(at="2027-10-01 10:00", cpr="151097-4123")
    in_group(desk, "jobparat")
    erased = desk.appointment().citizen_id
    desk.books(at="2027-10-01 10:00", aftale_id="A2", cpr="161097-4123", telefon="28 99 99 99")
    with desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=desk.appointment("A2").citizen_id, code="jobparat", source="test")
    lose_key(desk.runtime, erased)

    freezes(desk, at=MOMENT)
    assert {row.appointment_id: row.eligible for row in desk.every(PlannedMeeting)} == {
        desk.appointment("A1").id: False,
        desk.appointment("A2").id: True,
    }


def test_service_that_was_down_at_the_moment_decides_as_if_it_had_been_there(desk: Desk) -> None:
    desk.books()
    cancels(desk, at="2027-10-11 09:00")

    assert freezes(desk, at="2027-10-16 09:00") == {wall(STARTS): True}


def test_correction_of_what_was_cancelled_before_does_not_make_it_count(desk: Desk) -> None:
    desk.books()
    cancels(desk, at=JUST_BEFORE)
    desk.clock.moment = wall("2027-10-14 12:00")
    with desk.runtime.act(SYSTEM) as act:
        correct_outcome(act, appointment_id=desk.appointment().id, outcome=OutcomeWord.HELD, reason="Kom alligevel")

    assert freezes(desk, at="2027-10-14 12:00") == {wall(STARTS): False}


def test_meeting_that_is_moved_too_late_counts_at_both_its_times(desk: Desk) -> None:
    """Nobody looked between the moment and the move."""
    desk.books()
    desk.books(at="2027-10-12 09:00", start="20-10-2027 09:00")

    assert freezes(desk, at="2027-10-16 09:00") == {wall(STARTS): True, wall("2027-10-20 09:00"): True}


def test_meeting_that_is_moved_in_time_counts_at_its_new_time_alone(desk: Desk) -> None:
    desk.books()
    desk.books(at=JUST_BEFORE, start="20-10-2027 09:00")

    assert freezes(desk, at="2027-10-16 09:00") == {wall("2027-10-20 09:00"): True}


def books_again(desk: Desk, *, at: str) -> None:
    """The source that had cancelled the meeting names it again."""
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        restore_appointments(act, act.session.scalars(sa.select(Appointment)).all(), rules=RULES)


def test_meeting_called_off_and_booked_again_before_its_moment_counts(desk: Desk) -> None:
    desk.books()
    cancels(desk, at="2027-10-08 09:00")
    books_again(desk, at="2027-10-09 09:00")

    assert freezes(desk, at=MOMENT) == {wall(STARTS): True}


@pytest.mark.parametrize("looked", [True, False])
def test_meeting_called_off_before_its_moment_and_booked_again_after_it_counts(desk: Desk, looked: bool) -> None:
    desk.books()
    cancels(desk, at=JUST_BEFORE)
    before = freezes(desk, at=MOMENT) if looked else {wall(STARTS): False}
    books_again(desk, at="2027-10-12 09:00")

    assert (before, freezes(desk, at="2027-10-12 09:00")) == ({wall(STARTS): False}, {wall(STARTS): True})


def test_meeting_that_stood_and_was_called_off_and_booked_again_is_counted_once_as_it_stood(desk: Desk) -> None:
    desk.books()
    freezes(desk, at=MOMENT)
    (stood,) = desk.every(PlannedMeeting)
    cancels(desk, at="2027-10-11 09:00")
    books_again(desk, at="2027-10-12 09:00")

    assert freezes(desk, at="2027-10-12 09:00") == {wall(STARTS): True}
    assert [row.decided_at for row in desk.every(PlannedMeeting)] == [stood.decided_at]


def test_meeting_booked_again_for_another_time_does_not_count_at_the_old_one(desk: Desk) -> None:
    desk.books()
    cancels(desk, at=JUST_BEFORE)
    freezes(desk, at=MOMENT)
    desk.books(at="2027-10-12 09:00", start="20-10-2027 09:00")
    books_again(desk, at="2027-10-12 09:00")

    assert freezes(desk, at="2027-10-16 09:00") == {wall(STARTS): False, wall("2027-10-20 09:00"): True}


def test_other_words_about_a_meeting_decide_nothing_anew(desk: Desk) -> None:
    desk.books()
    freezes(desk, at=MOMENT)
    desk.books(at="2027-10-12 09:00", sted="Mødested 2")

    assert freezes(desk, at="2027-10-12 09:00") == {wall(STARTS): True}


@pytest.mark.parametrize(
    ("start", "moment"),
    [("31-03-2027 10:30", "2027-03-27 09:30"), ("03-11-2027 10:30", "2027-10-30 11:30")],
    ids=["clock set forward", "clock set back"],
)
def test_four_days_are_four_times_24_hours_where_the_clock_is_set(desk: Desk, start: str, moment: str) -> None:
    """Four days before are hours that pass: a wall day would be an hour off."""
    desk.books(at="2027-03-20 10:00", start=start)

    assert freezes(desk, at=moment) != {}


def test_upkeep_begins_no_batch_once_the_worker_is_to_stop(desk: Desk) -> None:
    """D1."""
    desk.books()
    desk.clock.moment = wall(MOMENT)
    stopping = threading.Event()
    stopping.set()
    for upkeep in AppointmentWork(runtime=desk.runtime, stopping=stopping).periodics():
        upkeep.run()

    assert desk.every(PlannedMeeting) == []


def test_upkeep_decides_on_all_that_is_due_and_then_rests(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall(MOMENT)
    (upkeep,) = [one for one in AppointmentWork(runtime=desk.runtime).periodics() if one.name == "attendance.freeze"]
    upkeep.run()

    assert len(desk.every(PlannedMeeting)) == 1
    with desk.runtime.database.read() as session:
        assert not is_any_to_freeze(session, at=desk.clock.moment)
