"""The days of a rehearsal: where they begin, and which evenings there are."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.clock import COPENHAGEN
from messaging.rehearsal.calendar import evenings, first_morning
from messaging.runtime import Runtime
from tests.house import House, house  # noqa: F401

MEETINGS = [datetime(2027, 3, 15, 9, tzinfo=UTC) + timedelta(days=number) for number in range(40)]


def test_rehearsal_begins_on_a_morning_early_in_the_week_two_weeks_before_the_meetings() -> None:
    begins = first_morning(MEETINGS).astimezone(COPENHAGEN)

    assert (begins.hour, begins.minute) == (10, 0)
    assert begins.weekday() <= 2
    assert timedelta(days=13) < MEETINGS[0] - begins < timedelta(days=19)


def test_stray_old_meeting_does_not_move_the_beginning() -> None:
    stray = datetime(2019, 1, 2, 9, tzinfo=UTC)

    assert first_morning([stray, *MEETINGS]) == first_morning(MEETINGS)


def test_evenings_are_those_of_the_days_on_which_reminders_are_due_and_then_end(
    runtime: Runtime,
    house: House,  # noqa: F811
) -> None:
    staff = house.caseworker()
    house.appointment(house.citizen(caseworker=staff), staff, in_days=10)
    house.appointment(house.citizen(caseworker=staff, number="+4529390626"), staff, in_days=11)
    seen = []
    for evening in evenings(runtime):
        seen.append(evening.astimezone(COPENHAGEN))
        with runtime.database.write() as session:
            due = sa.update(Reminder).where(Reminder.due_at <= evening)
            session.execute(due.values(state=ReminderState.SKIPPED, reason="test"))

    days = [(evening.date() - runtime.clock.now().date()).days for evening in seen]
    assert days == [7, 8, 9, 10]
    assert all(evening.hour in {17, 19} for evening in seen)
