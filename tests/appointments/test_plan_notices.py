"""The SMS that says to log in keeps to the hours of the plan whose reminder lies unshown in the app.

The plan's hours are 13 to 15, the reminder comes at 14, and an SMS follows what stays unshown for an hour.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.laying_plans import NewStep
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_hours import OwnHours
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import Scope
from messaging.appointments.reminding import send_due_reminders
from messaging.citizen_app.subscriptions import means_with
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from tests.appointments.conftest import Desk, Lay, wall
from tests.citizen_app.knocking import Knocking
from tests.conversations.conftest import Town
from tests.conversations.in_app import places
from tests.fakes import FakePush

AT_ONE = NewStep(days=1, hour=13, texts=("M2",))
AT_TWO = NewStep(days=1, hour=14, texts=("M2",))
AFTERNOON = OwnHours(opens=13, closes=15)
ALL_DAY = OwnHours(opens=9, closes=18)


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def runtime(runtime: Runtime, push: FakePush) -> Runtime:
    return dataclasses.replace(runtime, push=push)


@pytest.fixture
def knocking(desk: Desk, push: FakePush) -> Knocking:
    return Knocking(town=Town(runtime=desk.runtime), clock=desk.clock, push=push)


def reminded(
    desk: Desk,
    lays: Lay,
    knocking: Knocking,
    *,
    start: str,
    step: NewStep = AT_TWO,
    hours: OwnHours = AFTERNOON,
    at: str = "2027-10-13 14:01",
    begun: str | None = None,
    combines: bool = False,
) -> Appointment:
    """Let a citizen with the app be reminded there on the day before. `begun`: the worker is down until then."""
    lays(step, hours=hours, combines=combines)
    meeting = desk.books(start=start)
    knocking.pushed(meeting.citizen_id)
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        send_due_reminders(act, rules=ReminderRules(), office=office, means_of=means_with(push=True))
    if begun is not None:
        desk.clock.moment = wall(begun)
    knocking.works()
    assert [row.medium for row in desk.every(Message)] == ["app"]
    return meeting


def told_at(desk: Desk, knocking: Knocking, moment: str) -> int:
    desk.clock.moment = wall(moment)
    knocking.works()
    return len(knocking.told())


def test_sms_to_log_in_waits_for_the_plans_hours(desk: Desk, lays: Lay, knocking: Knocking) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 19:00")

    told = [told_at(desk, knocking, at) for at in ("2027-10-13 15:30", "2027-10-14 12:00", "2027-10-14 13:01")]
    assert told == [0, 0, 1]


def test_where_that_would_be_too_late_it_comes_before_the_hours_end(desk: Desk, lays: Lay, knocking: Knocking) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 10:30")

    assert [told_at(desk, knocking, at) for at in ("2027-10-13 14:40", "2027-10-13 14:46")] == [0, 1]


def test_the_same_where_the_service_s_hours_end(desk: Desk, lays: Lay, knocking: Knocking) -> None:
    at_seven = NewStep(days=1, hour=19, texts=("M2",))
    start, at = "14-10-2027 10:30", "2027-10-13 19:05"
    reminded(desk, lays, knocking, start=start, step=at_seven, hours=OwnHours(), at=at)

    assert [told_at(desk, knocking, at) for at in ("2027-10-13 19:40", "2027-10-13 19:46")] == [0, 1]


def test_of_something_else_that_lies_there_she_is_told_in_the_service_s_hours(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    meeting = reminded(desk, lays, knocking, start="14-10-2027 19:00")
    places(knocking.town, meeting.citizen_id)
    knocking.works()

    assert [told_at(desk, knocking, at) for at in ("2027-10-13 14:59", "2027-10-13 15:05")] == [0, 1]


@pytest.mark.parametrize(("first", "second"), [(AFTERNOON, ALL_DAY), (ALL_DAY, AFTERNOON)])
def test_of_two_plans_in_one_text_the_hours_hold_that_are_open(
    desk: Desk, lays: Lay, knocking: Knocking, first: OwnHours, second: OwnHours
) -> None:
    lays(AT_TWO, hours=second, scope=Scope(unit_id=None, meeting_type="Telefon", target_group=None), combines=True)
    desk.books(aftale_id="A2", start="14-10-2027 10:30", samtaletype="Telefon")
    reminded(desk, lays, knocking, start="14-10-2027 11:30", hours=first, combines=True)
    (of_first,) = [row for row in desk.every(Message) if row.medium == "app"]

    assert [row.message_id for row in desk.every(Reminder)] == [of_first.id, of_first.id]
    assert [told_at(desk, knocking, at) for at in ("2027-10-13 14:50", "2027-10-13 15:05")] == [0, 1]


def kept_back(desk: Desk, knocking: Knocking, moment: str) -> Message:
    """The only SMS, which has not left by then, as keeping back leaves it."""
    desk.clock.moment = wall(moment)
    knocking.notices.keep_back()
    (sms,) = knocking.told()
    return sms


def test_written_sms_that_has_not_left_when_the_plans_hours_end_waits_for_them(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 19:00", step=AT_ONE, at="2027-10-13 13:01")
    told_at(desk, knocking, "2027-10-13 14:10")
    sms = kept_back(desk, knocking, "2027-10-13 15:01")
    desk.sends()

    assert sms.due_at == wall("2027-10-14 13:00")
    assert desk.channel.sent == []


def test_written_sms_for_which_they_open_too_late_leaves_in_the_service_s_hours(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 10:30")
    told_at(desk, knocking, "2027-10-13 14:46")
    kept_back(desk, knocking, "2027-10-13 15:01")
    desk.sends()

    assert len(desk.channel.sent) == 1


@pytest.mark.parametrize("hours", [OwnHours(), OwnHours(opens=19, closes=20)], ids=["the_service_s", "its_own"])
def test_written_sms_that_could_leave_only_when_it_is_of_no_use_is_called_back(
    desk: Desk, lays: Lay, knocking: Knocking, hours: OwnHours
) -> None:
    at_seven = NewStep(days=1, hour=19, texts=("M2",))
    reminded(desk, lays, knocking, start="14-10-2027 10:30", step=at_seven, hours=hours, at="2027-10-13 19:05")
    told_at(desk, knocking, "2027-10-13 19:46")
    sms = kept_back(desk, knocking, "2027-10-13 20:01")

    assert (sms.state, sms.reason) == (MessageState.CANCELLED, "login_needed_no_more")


def test_written_sms_is_called_back_in_the_plans_closed_hours_once_the_meeting_is_confirmed(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 19:00", step=AT_ONE, at="2027-10-13 13:01")
    told_at(desk, knocking, "2027-10-13 14:10")
    desk.hears("1", at="2027-10-13 14:30")
    sms = kept_back(desk, knocking, "2027-10-13 15:01")

    assert (sms.state, sms.reason) == (MessageState.CANCELLED, "login_needed_no_more")


def test_sms_that_is_a_little_late_for_the_plans_hours_still_comes_before_the_meeting(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 10:30")

    assert told_at(desk, knocking, "2027-10-13 15:01") == 1


def test_where_they_have_ended_before_anybody_is_told_it_comes_in_the_service_s(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 10:30", at="2027-10-13 14:50", begun="2027-10-13 15:01")

    assert [told_at(desk, knocking, at) for at in ("2027-10-13 15:55", "2027-10-13 16:05")] == [0, 1]


def test_looking_at_those_without_a_reminder_of_such_a_plan_costs_no_statement_for_each(
    desk: Desk, lays: Lay, knocking: Knocking
) -> None:
    lays(AT_TWO, hours=AFTERNOON)
    sara = desk.books(aftale_id="A1")
    ahmed = desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed", telefon="28 99 99 99")
    counts = []
    for meeting in (sara, ahmed):
        places(knocking.town, meeting.citizen_id)
        knocking.works()
        counts.append(_statements(desk, knocking.notices.keep_back))

    assert len(knocking.told()) == 2
    assert counts[1] == counts[0]


def _statements(desk: Desk, do: Callable[[], None]) -> int:
    counted: list[str] = []

    def count(*told: Any) -> None:
        counted.append(told[2])

    sa.event.listen(desk.runtime.database.engine, "before_cursor_execute", count)
    do()
    sa.event.remove(desk.runtime.database.engine, "before_cursor_execute", count)
    return len(counted)


def test_who_confirms_meanwhile_is_not_told_at_all(desk: Desk, lays: Lay, knocking: Knocking) -> None:
    reminded(desk, lays, knocking, start="14-10-2027 19:00")
    desk.hears("1", at="2027-10-13 16:00")

    assert told_at(desk, knocking, "2027-10-14 13:01") == 0
