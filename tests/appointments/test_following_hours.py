"""Hours and closed days that change after reminders were planned. The meeting is th. 14/10 kl. 10.30."""

from datetime import date

import pytest

from messaging.appointments.holding import hold_reminder
from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.conversations.models import Kind
from messaging.conversations.opening_times import FRESH, NewTimes, close_day, set_times
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import Desk, wall

BOOKED = "2027-10-04 10:00"


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """A desk where the usual meeting is booked, its reminders planned for mo. 11/10 and on. 13/10 kl. 10.30."""
    desk.books(at=BOOKED)
    return desk


def closes(desk: Desk, day: date, *, at: str) -> None:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        close_day(act, day=day)
    looks(desk)


def looks(desk: Desk) -> None:
    """Let a process that has just started look at the hours."""
    desk.clock.moment += FRESH
    ReminderLane(desk.runtime).follow_hours()


def due(desk: Desk, step: str) -> Reminder:
    return next(row for row in desk.every(Reminder) if row.step == step)


def test_reminder_for_a_day_that_is_closed_since_goes_out_before_it_and_not_after(booked: Desk) -> None:
    closes(booked, date(2027, 10, 13), at="2027-10-05 10:00")

    assert due(booked, "1_day").due_at == wall("2027-10-12 19:45")
    assert due(booked, "3_days").due_at == wall("2027-10-11 10:30")


def test_two_that_come_to_lie_within_a_day_of_each_other_are_one(booked: Desk) -> None:
    closes(booked, date(2027, 10, 12), at="2027-10-05 10:00")
    closes(booked, date(2027, 10, 13), at="2027-10-06 10:00")
    early = due(booked, "3_days")

    assert due(booked, "1_day").due_at == wall("2027-10-11 19:45")
    assert (early.state, early.reason) == (ReminderState.SKIPPED, "near_another")
    assert [row.subject_id for row in booked.every(JournalEvent) if row.type == "reminder.skipped"] == [early.id]


def test_hours_that_open_later_move_a_reminder_to_the_evening_before(booked: Desk) -> None:
    new = NewTimes(id=new_id(), first_day=date(2027, 10, 5), office=(8, 16), weekdays=(12, 20), weekends=(12, 18))
    booked.clock.moment = wall("2027-10-05 10:00")
    with booked.runtime.act(SYSTEM) as act:
        set_times(act, new)
    looks(booked)

    assert due(booked, "1_day").due_at == wall("2027-10-12 19:45")


def test_held_reminder_stays_held_and_moves_with_the_others(booked: Desk) -> None:
    with booked.runtime.act(SYSTEM) as act:
        hold_reminder(act, reminder_id=due(booked, "3_days").id)
    closes(booked, date(2027, 10, 13), at="2027-10-05 10:00")

    assert due(booked, "3_days").state is ReminderState.ON_HOLD


def test_nothing_leaves_on_the_closed_day_even_where_nobody_has_looked_since(booked: Desk) -> None:
    booked.clock.moment = wall("2027-10-12 20:30")
    with booked.runtime.act(SYSTEM) as act:
        close_day(act, day=date(2027, 10, 13))
    booked.reminds(at="2027-10-13 10:31")

    assert len(booked.written(Kind.REMINDER)) == 0


def test_looking_twice_moves_nothing_the_second_time(booked: Desk) -> None:
    closes(booked, date(2027, 10, 13), at="2027-10-05 10:00")
    before = [row.due_at for row in booked.every(Reminder)]
    looks(booked)

    assert [row.due_at for row in booked.every(Reminder)] == before
