"""A plan's own hours: planned by, and kept at every send. The meeting is to. 14/10 kl. 10.30; hours are of the wall."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.errors import OutcomeUnknown
from messaging.appointments.laying_plans import NewPlan, NewStep, sign_plan, write_plan
from messaging.appointments.models import Reminder
from messaging.appointments.plan_hours import OutsideHours, OwnHours
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.conversations.models import Attempt, Kind, Message
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours, Span
from messaging.conversations.opening_times import FRESH, NewTimes, set_times
from messaging.conversations.states import AttemptState, MessageState
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM, Actor
from tests.appointments.conftest import ANY, FIRST, TWO_DAYS, Desk, Lay, wall

SENT = (ReminderState.SENT, None)
DAY_BEFORE = NewStep(days=1, texts=("M2",))
AT_TWO = NewStep(days=1, hour=14, texts=("M2",))
AFTERNOON = OwnHours(opens=13, closes=15)


def due(desk: Desk) -> Sequence[datetime]:
    return [row.due_at for row in desk.every(Reminder) if row.state is ReminderState.PLANNED]


def service_opens(desk: Desk, weekdays: tuple[int, int], *, at: str) -> None:
    """Let reminders of the service leave in other hours from this day on, and a process that has just started look."""
    desk.clock.moment = wall(at)
    new = NewTimes(id=new_id(), first_day=wall(at).date(), office=(8, 16), weekdays=weekdays, weekends=(10, 18))
    with desk.runtime.act(SYSTEM) as act:
        set_times(act, new)
    desk.clock.moment += FRESH
    ReminderLane(desk.runtime).follow_hours()


@pytest.mark.parametrize(
    ("hours", "start", "moment"),
    [
        (OwnHours(opens=9, closes=10), "14-10-2027 10:30", "2027-10-13 09:45"),  # closed before it is due
        (AFTERNOON, "14-10-2027 10:30", "2027-10-12 14:45"),  # opens after it is due: never later than due
        (AFTERNOON, "14-10-2027 14:10", "2027-10-13 14:10"),
        (OwnHours(spares_weekends=True), "11-10-2027 10:30", "2027-10-08 19:45"),
        (OwnHours(opens=9, closes=12, spares_weekends=True), "11-10-2027 10:30", "2027-10-08 11:45"),
        (OwnHours(opens=9, closes=12), "11-10-2027 10:30", "2027-10-10 10:30"),
        (OwnHours(opens=9, closes=10), "11-10-2027 10:30", "2027-10-08 09:45"),  # the weekend's begin at ten
        # Summer time ends on Sunday 31/10, and begins on Easter Sunday 28/3; Easter Monday is a holiday.
        (OwnHours(opens=10, closes=12), "01-11-2027 16:00", "2027-10-31 11:45"),
        (OwnHours(opens=10, closes=12), "01-11-2027 11:00", "2027-10-31 11:00"),
    ],
)
def test_step_is_due_within_the_plans_own_hours_or_before_them(
    desk: Desk, lays: Lay, hours: OwnHours, start: str, moment: str
) -> None:
    lays(DAY_BEFORE, hours=hours)
    desk.books(start=start)

    assert due(desk) == [wall(moment)]


def test_nothing_leaves_in_a_plans_closed_hours_on_the_days_the_clocks_change(desk: Desk, lays: Lay) -> None:
    """A look every quarter of an hour over Easter, when summer time begins, and over the weekend in which it ends."""
    lays(
        NewStep(days=3, texts=("M1",)),
        DAY_BEFORE,
        at="2027-02-01 08:00",
        first_day=date(2027, 2, 1),
        hours=OwnHours(opens=10, closes=12),
    )
    desk.books(aftale_id="A1", at="2027-03-01 10:00", start="31-03-2027 16:00")
    desk.books(aftale_id="A2", at="2027-03-01 10:00", start="01-11-2027 16:00")
    lane = ReminderLane(desk.runtime)
    for begins in (wall("2027-03-26 00:00"), wall("2027-10-28 00:00")):
        for minutes in range(0, 5 * 24 * 60, 15):
            desk.clock.moment = begins + timedelta(minutes=minutes)
            lane.drain()
    decided = {row.decided_at for row in desk.every(Reminder) if row.decided_at and row.state is ReminderState.SENT}

    expected = ("2027-03-27 11:45", "2027-03-30 11:45", "2027-10-29 11:45", "2027-10-31 11:45")
    assert sorted(decided) == [wall(moment) for moment in expected]


def test_hours_of_a_plan_on_the_days_the_clocks_change_are_those_of_the_wall() -> None:
    day = Span(opens=time.min, closes=time.max)
    hours = OwnHours(opens=1, closes=4).within(OpenHours(weekday=day, weekend=day, holidays_closed=False))

    for sunday, long in (("2027-03-28", 2), ("2027-10-31", 4)):
        opens, closes = wall(f"{sunday} 01:00"), wall(f"{sunday} 04:00")
        assert closes - opens == timedelta(hours=long)
        assert (hours.is_open(opens), hours.is_open(closes)) == (True, False)
        assert hours.last_open(closes + timedelta(hours=5)) == closes - hours.margin


def test_what_came_due_while_we_were_down_waits_until_the_plans_hours_open(desk: Desk, lays: Lay) -> None:
    lays(AT_TWO, hours=AFTERNOON)
    desk.books(start="14-10-2027 19:00")
    desk.reminds(at="2027-10-13 15:30")
    waiting = (desk.written(Kind.REMINDER), due(desk))
    desk.reminds(at="2027-10-14 13:01")

    assert waiting == ([], [wall("2027-10-14 13:00")])
    assert desk.reminders() == {"1_day_at_14": SENT}
    assert "Husk mødet i dag kl. 19.00" in desk.channel.sent[0].text


def test_what_could_leave_only_when_the_meeting_has_begun_is_skipped(desk: Desk, lays: Lay) -> None:
    lays(AT_TWO, hours=AFTERNOON)
    desk.books()
    desk.reminds(at="2027-10-13 15:30")

    assert desk.reminders() == {"1_day_at_14": (ReminderState.SKIPPED, "begun")}


def test_meetings_of_another_plan_are_reminded_of_in_the_service_s_hours(desk: Desk, lays: Lay) -> None:
    lays(DAY_BEFORE, scope=ANY, hours=AFTERNOON, last_day=date(2027, 10, 13))
    desk.books()

    assert due(desk) == [wall("2027-10-11 10:30"), wall("2027-10-13 10:30")]


def written_and_not_left(desk: Desk, lays: Lay) -> None:
    """Let a reminder be written in its plan's hours, and nobody send it."""
    lays(AT_TWO, hours=AFTERNOON)
    desk.books(start="14-10-2027 19:00")
    desk.clock.moment = wall("2027-10-13 14:01")
    ReminderLane(desk.runtime).drain()


def keeps_back(desk: Desk, *, at: str) -> None:
    desk.clock.moment = wall(at)
    lane = ReminderLane(desk.runtime)
    lane.keep_back()
    while lane.drain():
        pass


def test_written_reminder_that_has_not_left_when_the_plans_hours_end_is_written_anew(desk: Desk, lays: Lay) -> None:
    written_and_not_left(desk, lays)
    keeps_back(desk, at="2027-10-13 14:30")
    within = desk.reminders()
    keeps_back(desk, at="2027-10-13 15:01")
    desk.sends()
    after = list(desk.channel.sent)
    desk.reminds(at="2027-10-14 13:01")

    assert within == {"1_day_at_14": SENT}
    assert after == []
    assert "i dag kl. 19.00" in desk.channel.sent[0].text


def test_written_reminder_of_another_plan_leaves_in_the_service_s_hours(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=2, hour=14, texts=("M1",)), hours=AFTERNOON, scope=ANY, last_day=date(2027, 10, 13))
    desk.books(start="14-10-2027 15:00")
    desk.clock.moment = wall("2027-10-13 15:01")
    ReminderLane(desk.runtime).drain()
    keeps_back(desk, at="2027-10-13 15:30")
    desk.sends()

    assert len(desk.channel.sent) == 1


def test_what_is_unclear_when_the_plans_hours_end_is_not_queued_again_before_they_open(desk: Desk, lays: Lay) -> None:
    written_and_not_left(desk, lays)
    desk.channel.failures = [OutcomeUnknown("the answer was lost")]
    desk.sends()
    keeps_back(desk, at="2027-10-13 15:01")
    (message,) = (row for row in desk.every(Message) if row.kind is Kind.REMINDER)
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(state=AttemptState.NOT_SENT))
        act.session.execute(sa.update(Message).values(state=MessageState.QUEUED, next_try_at=None, lease_token=None))
    desk.sends()

    assert (message.state, message.due_at) == (MessageState.UNCLEAR, wall("2027-10-14 13:00"))
    assert desk.channel.sent == []


def test_service_s_hours_that_narrow_later_narrow_the_plans_too(desk: Desk, lays: Lay) -> None:
    lays(DAY_BEFORE, hours=OwnHours(opens=9, closes=14))
    desk.books(at="2027-10-04 10:00")
    before = due(desk)
    service_opens(desk, (12, 20), at="2027-10-05 10:00")

    assert before == [wall("2027-10-13 10:30")]
    assert due(desk) == [wall("2027-10-12 13:45")]


def test_hours_of_which_the_service_leaves_nothing_are_those_of_the_service(desk: Desk, lays: Lay) -> None:
    lays(DAY_BEFORE, hours=OwnHours(opens=9, closes=11))
    desk.books(at="2027-10-04 10:00")
    service_opens(desk, (12, 20), at="2027-10-05 10:00")

    assert due(desk) == [wall("2027-10-12 19:45")]


def test_signed_plan_with_hours_moves_what_was_planned_before_it(desk: Desk, lays: Lay) -> None:
    desk.books(at="2027-09-01 08:00")
    lays(DAY_BEFORE, hours=AFTERNOON)
    desk.clock.moment = wall("2027-09-02 08:00")
    ReminderLane(desk.runtime).follow_plans()

    assert due(desk) == [wall("2027-10-12 14:45")]


def test_signed_plan_that_brings_a_reminder_near_to_one_that_was_sent_sends_no_second(desk: Desk, lays: Lay) -> None:
    steps = NewStep(days=3, texts=("M1",)), DAY_BEFORE
    lays(*steps)
    desk.books(start="11-10-2027 10:30")  # a Monday
    desk.reminds(at="2027-10-08 10:31")
    lays(*steps, hours=OwnHours(spares_weekends=True), at="2027-10-08 11:00", first_day=date(2027, 10, 8))
    ReminderLane(desk.runtime).follow_plans()

    assert desk.reminders() == {"3_days": SENT, "1_day": (ReminderState.SKIPPED, "near_another")}


def test_what_never_left_keeps_no_reminder_from_coming_near_to_it(desk: Desk, lays: Lay) -> None:
    steps = NewStep(days=3, texts=("M1",)), DAY_BEFORE
    lays(*steps)
    desk.books(start="11-10-2027 10:30")  # a Monday
    desk.reminds(at="2027-10-08 10:31")
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(kind=Kind.REMINDER).values(state=MessageState.EXPIRED))
    lays(*steps, hours=OwnHours(spares_weekends=True), at="2027-10-08 11:00", first_day=date(2027, 10, 8))
    ReminderLane(desk.runtime).follow_plans()

    assert due(desk) == [wall("2027-10-08 19:45")]


def test_signed_plan_keeps_a_reminder_that_comes_as_far_from_the_sent_one_as_it_has_them(desk: Desk, lays: Lay) -> None:
    steps = NewStep(days=1, hour=10, texts=("M1",)), NewStep(days=1, hour=15, texts=("M2",))
    lays(*steps)
    desk.books()
    desk.reminds(at="2027-10-13 10:05")
    lays(*steps, hours=OwnHours(opens=9, closes=16), at="2027-10-13 11:00", first_day=date(2027, 10, 13))
    ReminderLane(desk.runtime).follow_plans()

    assert due(desk) == [wall("2027-10-13 15:00")]


@pytest.mark.parametrize(("hours", "together"), [(OwnHours(opens=10, closes=12), 1), (AFTERNOON, 0)])
def test_two_meetings_go_in_one_text_where_both_plans_let_them_leave_then(
    desk: Desk, lays: Lay, hours: OwnHours, together: int
) -> None:
    lays(DAY_BEFORE, combines=True)
    phone = {"unit_id": None, "meeting_type": "Telefon", "target_group": None}
    lays(DAY_BEFORE, combines=True, hours=hours, scope=type(ANY)(**phone))
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 14:10", samtaletype="Telefon")
    desk.reminds(at="2027-10-13 10:31")

    of_second = next(row for row in desk.every(Reminder) if row.appointment_id == desk.appointment("A2").id)
    assert (of_second.reason == "together") is bool(together)


def new_plan(**more: Any) -> NewPlan:
    return NewPlan(**{"id": new_id(), "scope": ANY, "first_day": FIRST, "steps": TWO_DAYS} | more)


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"hours": OwnHours(opens=9)}, "hours", "invalid_input"),
        ({"hours": OwnHours(closes=9)}, "hours", "invalid_input"),
        ({"hours": OwnHours(opens=12, closes=12)}, "hours", "invalid_input"),
        ({"hours": OwnHours(opens=12, closes=25)}, "hours", "invalid_input"),
        ({"hours": OwnHours(opens=8, closes=12)}, "hours", "outside_hours"),
        ({"hours": OwnHours(opens=9, closes=21)}, "hours", "outside_hours"),
        ({"hours": AFTERNOON, "steps": (DAY_BEFORE, NewStep(days=1, hour=12, texts=("M1",)))}, "step_hours", None),
        ({"hours": AFTERNOON, "steps": (NewStep(days=1, hour=15, texts=("M1",)),)}, "step_hours", None),
    ],
)
def test_hours_that_cannot_be_are_refused_by_their_field(
    desk: Desk, writer: Actor, wrong: Any, field: str, code: str | None
) -> None:
    desk.clock.moment = wall("2027-09-01 08:00")
    with pytest.raises(InvalidInput) as refused, desk.runtime.act(writer) as act:
        write_plan(act, new_plan(**wrong))

    assert (refused.value.field, refused.value.code) == (field, code or "invalid_input")


def test_step_at_the_first_hour_of_the_plan_is_taken(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=1, hour=13, texts=("M1",)), hours=AFTERNOON)
    desk.books()

    assert due(desk) == [wall("2027-10-13 13:00")]


def test_plan_whose_hours_the_service_has_closed_since_cannot_be_signed(desk: Desk, lays: Lay, signer: Actor) -> None:
    plan_id = lays(hours=OwnHours(opens=9, closes=11), signed=False)
    narrower = OpenHours(weekday=Span.of_hours(10, 20))

    with pytest.raises(OutsideHours), desk.runtime.act(signer) as act:
        sign_plan(act, plan_id=plan_id, service=narrower)


def test_plans_with_hours_cost_planning_no_statement_more(desk: Desk, lays: Lay) -> None:
    lays(DAY_BEFORE)
    desk.books(aftale_id="A1")
    without = _statements(desk, "A2")
    lays(DAY_BEFORE, first_day=date(2027, 9, 2), hours=AFTERNOON, ways=("sms",))

    assert _statements(desk, "A3") <= without


def _statements(desk: Desk, name: str) -> int:
    counted: list[str] = []

    def count(*told: Any) -> None:
        counted.append(told[2])

    sa.event.listen(desk.runtime.database.engine, "before_cursor_execute", count)
    desk.books(aftale_id=name, start="14-10-2027 14:10")
    sa.event.remove(desk.runtime.database.engine, "before_cursor_execute", count)
    return len([one for one in counted if "reminder" in one.lower()])


def test_hours_narrow_and_never_widen() -> None:
    wide = OwnHours(opens=0, closes=24).within(REMINDER_HOURS)

    assert (wide.weekday, wide.weekend) == (REMINDER_HOURS.weekday, REMINDER_HOURS.weekend)
    assert OwnHours(opens=9, closes=10).within(REMINDER_HOURS).weekend is None
    assert OwnHours(opens=20, closes=22).within(REMINDER_HOURS) == REMINDER_HOURS
    assert not OwnHours(opens=20, closes=22).can_be_kept(REMINDER_HOURS)
