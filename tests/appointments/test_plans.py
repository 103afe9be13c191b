"""Reminder plans: whose wins, what a signature does, and what reminders follow. The meeting is to. 14/10 kl. 10.30."""

import uuid
from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments import laying_plans
from messaging.appointments.checks import unsent
from messaging.appointments.holding import hold_reminder
from messaging.appointments.laying_plans import NewPlan, NewStep, end_plan, sign_plan, withdraw_plan, write_plan
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_hours import OwnHours
from messaging.appointments.plan_models import ReminderPlan
from messaging.appointments.plan_texts import count_unsent, texts_missing
from messaging.appointments.plans import Plan, Scope, draw_text
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.timing import Step, apart, due_moment, plan
from messaging.appointments.work import ReminderLane
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Kind, Message, Template
from messaging.conversations.open_hours import OpenHours, Span
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM, Actor
from messaging.people.four_eyes import NoLongerWaiting, OwnDraft
from messaging.people.models import Citizen, Unit
from messaging.trial.placing import place_in
from tests.appointments.conftest import ANY, FIRST, TWO_DAYS, Desk, Lay, wall
from tests.trial.lists import desk_in

SENT = (ReminderState.SENT, None)


def steps_of(desk: Desk) -> dict[str, datetime]:
    return {row.step: row.due_at for row in desk.every(Reminder) if row.state is ReminderState.PLANNED}


def looks(desk: Desk, *, at: str) -> None:
    """Let a process that has just started look at the plans."""
    desk.clock.moment = wall(at)
    ReminderLane(desk.runtime).follow_plans()


def test_where_no_plan_is_laid_the_settings_hold(desk: Desk) -> None:
    desk.books()

    assert set(steps_of(desk)) == {"3_days", "1_day"}
    assert {(row.plan_id, row.wording) for row in desk.every(Reminder)} == {(None, None)}


def test_meeting_gets_the_steps_and_texts_of_its_plan(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=5, texts=("M2",)), NewStep(days=1, hour=16, texts=("M1",)))
    desk.books()

    desk.reminds(at="2027-10-09 10:31")
    desk.reminds(at="2027-10-13 16:01")

    assert {row.step: row.due_at for row in desk.every(Reminder)} == {
        "5_days": wall("2027-10-09 10:30"),
        "1_day_at_16": wall("2027-10-13 16:00"),
    }
    first, second = desk.written(Kind.REMINDER)
    assert "Hvornår skal du hjemmefra?" in first
    assert "Vi taler om" in second


def test_most_precise_plan_wins_and_a_type_goes_before_a_group_and_that_before_a_unit(desk: Desk, lays: Lay) -> None:
    unit = desk.every(Unit)[0]
    group, type_ = {"target_group": "jobparat"}, {"meeting_type": "Jobsamtale"}
    nothing = {"unit_id": None, "meeting_type": None, "target_group": None}
    scopes = [{}, {"unit_id": unit.id}, group, type_, group | {"unit_id": unit.id}, {"meeting_type": "Andet"}]
    for days, scope in enumerate(scopes, start=4):
        lays(NewStep(days=days, texts=("M1",)), scope=Scope(**nothing | scope))
    desk.books(aftale_id="A0", start="13-10-2027 10:30")
    with desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=desk.every(Citizen)[0].id, code="jobparat", source="test")

    desk.books(aftale_id="A1", samtaletype="Helt anden")
    desk.books(aftale_id="A2", samtaletype="Jobsamtale", start="15-10-2027 10:30")

    chosen = {desk.appointment(name).id: name for name in ("A0", "A1", "A2")}
    assert {(chosen[row.appointment_id], row.step) for row in desk.every(Reminder)} == {
        ("A0", "7_days"),  # her type, before a group is known of her
        ("A1", "8_days"),  # group and unit
        ("A2", "8_days"),  # two named beat the type alone
    }


@pytest.mark.parametrize(
    ("ends", "found"), [(date(2027, 10, 15), {"8_days"}), (date(2027, 10, 14), {"3_days", "1_day"})]
)
def test_plan_of_a_target_group_holds_for_meetings_on_the_days_the_group_is_in_the_list(
    desk: Desk, lays: Lay, ends: date, found: set[str]
) -> None:
    lays(NewStep(days=8, texts=("M1",)), scope=Scope(unit_id=None, meeting_type=None, target_group="jobparat"))
    desk_in(desk.runtime).ends("jobparat", first=(ends - FIRST).days)
    desk.books(aftale_id="A0", start="13-10-2027 10:30")
    with desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=desk.every(Citizen)[0].id, code="jobparat", source="test")
    meeting = desk.books(start="14-10-2027 10:30")

    assert {row.step for row in desk.every(Reminder) if row.appointment_id == meeting.id} == found


def test_what_is_signed_of_the_target_groups_is_followed_at_the_next_look(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=8, texts=("M1",)), scope=Scope(unit_id=None, meeting_type=None, target_group="jobparat"))
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=desk.every(Citizen)[0].id, code="jobparat", source="test")
    lane = ReminderLane(desk.runtime)
    lane.follow_plans()
    before = set(steps_of(desk))
    desk_in(desk.runtime).ends("jobparat")
    lane.follow_plans()

    assert (before, set(steps_of(desk))) == ({"8_days"}, {"3_days", "1_day"})


def test_plan_holds_for_the_meetings_of_its_days(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=4, texts=("M1",)), last_day=date(2027, 10, 13))
    desk.books(aftale_id="A1", start="13-10-2027 10:30")
    desk.books(aftale_id="A2", cpr="720202-2345", start="14-10-2027 10:30")

    assert Counter(row.plan_id is None for row in desk.every(Reminder)) == {False: 1, True: 2}


def test_nobody_signs_her_own_plan_and_an_unsigned_one_changes_nothing(desk: Desk, writer: Actor, lays: Lay) -> None:
    plan_id = lays(signed=False)

    with pytest.raises(OwnDraft), desk.runtime.act(writer) as act:
        sign_plan(act, plan_id=plan_id)
    desk.books()

    assert set(steps_of(desk)) == {"3_days", "1_day"}


def test_next_version_ends_the_one_before_it_for_the_same_meetings(desk: Desk, lays: Lay) -> None:
    first = lays()
    other = lays(scope=Scope(unit_id=None, meeting_type="Andet", target_group=None))
    lays(NewStep(days=6, texts=("M1",)), first_day=date(2027, 10, 1))

    ends = {row.id: row.last_day for row in desk.every(ReminderPlan)}
    assert (ends[first], ends[other]) == (date(2027, 9, 30), None)


def test_ended_plan_gives_way_to_the_settings(desk: Desk, lays: Lay, writer: Actor) -> None:
    plan_id = lays()
    with desk.runtime.act(writer) as act:
        end_plan(act, plan_id=plan_id, last_day=date(2027, 10, 1))
    desk.books()

    assert set(steps_of(desk)) == {"3_days", "1_day"}


def test_what_was_decided_on_a_plan_is_not_decided_again(desk: Desk, lays: Lay, signer: Actor) -> None:
    plan_id = lays()

    with pytest.raises(NoLongerWaiting), desk.runtime.act(signer) as act:
        sign_plan(act, plan_id=plan_id)
    with pytest.raises(NoLongerWaiting), desk.runtime.act(signer) as act:
        withdraw_plan(act, plan_id=plan_id)


def test_every_step_of_a_plans_life_is_in_the_audit_trail(desk: Desk, lays: Lay, writer: Actor) -> None:
    plan_id = lays()
    with desk.runtime.act(writer) as act:
        end_plan(act, plan_id=plan_id, last_day=date(2027, 10, 1))
        withdraw_plan(act, plan_id=write_plan(act, _plan()).id)

    said = [row.action for row in desk.every(AuditEntry) if row.action.startswith("reminder_plan.")]
    assert sorted(said) == sorted(
        f"reminder_plan.{done}" for done in ("drafted", "signed", "ended", "drafted", "withdrawn")
    )


def _plan(**more: Any) -> NewPlan:
    return NewPlan(**{"id": new_id(), "scope": ANY, "first_day": FIRST, "steps": TWO_DAYS} | more)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_day": date(2027, 8, 31)}, "first_day"),
        ({"last_day": date(2027, 8, 31)}, "last_day"),
        ({"scope": Scope(unit_id=uuid.uuid4(), meeting_type=None, target_group=None)}, "unit"),
        ({"scope": Scope(unit_id=None, meeting_type=None, target_group="nogen")}, "target_group"),
        ({"steps": ()}, "steps"),
        ({"steps": (*TWO_DAYS, *TWO_DAYS)}, "steps"),
        ({"steps": (NewStep(days=0, texts=("M1",)),)}, "steps"),
        ({"steps": (NewStep(days=61, texts=("M1",)),)}, "steps"),
        ({"steps": (NewStep(days=1, hour=24, texts=("M1",)),)}, "steps"),
        ({"steps": (NewStep(days=1, texts=()),)}, "texts"),
        ({"steps": (NewStep(days=1, texts=("M8",)),)}, "texts"),
        ({"steps": (NewStep(days=1, texts=("M13",)),)}, "texts"),
        ({"most_per_day": 0}, "most_per_day"),
        ({"most_per_meeting": 10}, "most_per_meeting"),
    ],
)
def test_plan_that_cannot_be_is_refused_by_its_field(desk: Desk, writer: Actor, wrong: Any, field: str) -> None:
    desk.clock.moment = wall("2027-09-01 08:00")

    with pytest.raises(InvalidInput) as refused, desk.runtime.act(writer) as act:
        write_plan(act, _plan(**wrong))

    assert refused.value.field == field


def expire(desk: Desk, key: str, *, at: str) -> None:
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).where(Template.key == key).values(valid_to=wall(at)))


def test_plan_whose_text_has_expired_cannot_be_signed(desk: Desk, lays: Lay, signer: Actor) -> None:
    plan_id = lays(signed=False)
    expire(desk, "M1", at="2027-09-01 07:00")

    with pytest.raises(InvalidInput), desk.runtime.act(signer) as act:
        sign_plan(act, plan_id=plan_id)


@pytest.mark.parametrize("laid", [True, False], ids=["by a plan", "by the settings"])
def test_reminder_whose_text_has_expired_is_skipped_and_somebody_is_told(desk: Desk, lays: Lay, laid: bool) -> None:
    if laid:
        lays(NewStep(days=3, texts=("M1",)))
    desk.books()
    expire(desk, "M1", at="2027-10-11 00:00")
    desk.reminds(at="2027-10-11 10:31")

    now = wall("2027-10-11 10:31")
    with desk.runtime.database.read() as session:
        told = [finding.code for finding in unsent(session)]
        counted, missing = count_unsent(session, at=now), texts_missing(session, at=now)
    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "no_valid_text")
    assert desk.channel.sent == []
    assert (told, counted, missing) == (["reminders_without_text"], 1, ["M1"] if laid else [])


def test_text_of_a_plan_that_expires_soon_is_told_of_before(desk: Desk, lays: Lay) -> None:
    lays()
    expire(desk, "M1", at="2027-10-11 00:00")

    with desk.runtime.database.read() as session:
        told = [texts_missing(session, at=wall(day)) for day in ("2027-09-20 10:00", "2027-09-28 10:00")]
    assert told == [[], ["M1"]]


def test_citizen_who_has_said_that_she_comes_is_reminded_no_more(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",)))
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.hears("1", at="2027-10-11 12:00")

    desk.reminds(at="2027-10-13 10:31")

    assert desk.reminders() == {"3_days": SENT, "1_day": (ReminderState.SKIPPED, "confirmed")}
    assert desk.events().count("reminder.skipped") == 1


def test_plan_may_go_on_reminding_who_has_confirmed(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=1, texts=("M2",)), stops_when_confirmed=False)
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=AppointmentState.CONFIRMED))

    desk.reminds(at="2027-10-13 10:31")

    assert desk.reminders() == {"1_day": SENT}


def test_limit_of_a_day_counts_all_meetings_of_the_citizen(desk: Desk, lays: Lay) -> None:
    lays(most_per_day=1)
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")
    desk.books(aftale_id="A3", cpr="720202-2345", fornavn="Ahmed", telefon="28 99 99 99", start="14-10-2027 13:00")

    desk.reminds(at="2027-10-12 10:31")
    desk.reminds(at="2027-10-12 13:01")

    by_meeting = {row.appointment_id: (row.state, row.reason) for row in desk.every(Reminder)}
    assert [by_meeting[desk.appointment(name).id] for name in ("A1", "A2", "A3")] == [
        SENT,
        (ReminderState.SKIPPED, "enough_today"),
        SENT,
    ]


def test_under_a_limit_of_a_day_the_nearer_meeting_is_reminded_of_though_it_comes_due_later(
    desk: Desk, lays: Lay
) -> None:
    lays(NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",)), most_per_day=1)
    desk.books(aftale_id="A1", start="13-10-2027 13:00")
    desk.books(aftale_id="B1", start="15-10-2027 10:00")

    desk.reminds(at="2027-10-10 13:01")
    desk.reminds(at="2027-10-12 10:01")  # three days before the second
    desk.reminds(at="2027-10-12 13:01")  # the day before the first

    names = {row.id: row.external_id for row in desk.every(Appointment)}
    became = {(names[row.appointment_id], row.step): (row.state, row.reason) for row in desk.every(Reminder)}
    assert became["B1", "3_days"] == (ReminderState.SKIPPED, "enough_today")
    assert became["A1", "1_day"] == SENT


def test_limit_that_leaves_room_for_both_sends_both(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",)), most_per_day=2)
    desk.books(aftale_id="A1", start="13-10-2027 13:00")
    desk.books(aftale_id="B1", start="15-10-2027 10:00")

    desk.reminds(at="2027-10-12 10:01")
    desk.reminds(at="2027-10-12 13:01")

    assert [message.text[:20] for message in desk.channel.sent] == ["Hej Sara. Vi ses fr.", "Hej Sara. Husk mødet"]


@pytest.mark.parametrize("ended", ["confirmed", "held"])
def test_reminder_yields_to_none_that_will_not_go(desk: Desk, lays: Lay, ended: str) -> None:
    lays(NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",)), most_per_day=1)
    desk.books(aftale_id="B1", start="15-10-2027 10:00")
    nearer = desk.books(aftale_id="A1", start="13-10-2027 13:00")
    desk.reminds(at="2027-10-10 13:01")
    with desk.runtime.act(SYSTEM) as act:
        if ended == "confirmed":
            of_it = sa.update(Appointment).where(Appointment.id == nearer.id)
            act.session.execute(of_it.values(state=AppointmentState.CONFIRMED))
        else:
            mine = sa.select(Reminder.id).where(Reminder.appointment_id == nearer.id, Reminder.step == "1_day")
            hold_reminder(act, reminder_id=act.session.scalars(mine).one())

    desk.reminds(at="2027-10-12 10:01")

    assert "fr. 15/10" in desk.channel.sent[-1].text


def test_reminder_yields_to_none_that_cannot_go_on_that_day(desk: Desk, lays: Lay) -> None:
    by_phone = Scope(unit_id=None, meeting_type="Telefon", target_group=None)
    lays(NewStep(days=1, hour=10, texts=("M2",)), most_per_day=1)
    lays(NewStep(days=1, hour=11, texts=("M2",)), most_per_day=1, scope=by_phone, hours=OwnHours(opens=9, closes=12))
    desk.books(aftale_id="A1", start="14-10-2027 16:00")
    desk.books(aftale_id="A2", start="14-10-2027 15:00", samtaletype="Telefon")

    desk.reminds(at="2027-10-13 15:00")  # we were down since before ten

    (of_first,) = [row for row in desk.every(Reminder) if row.appointment_id == desk.appointment("A1").id]
    assert (of_first.state, of_first.reason) == SENT


def test_limit_of_a_meeting_counts_for_each_of_its_times(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",)), most_per_meeting=1)
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.books(at="2027-10-12 10:00", start="21-10-2027 10:30")

    desk.reminds(at="2027-10-18 10:31")
    desk.reminds(at="2027-10-20 10:31")

    assert desk.reminders() == {
        "moved": SENT,
        "3_days": SENT,
        "1_day": (ReminderState.SKIPPED, "enough_for_meeting"),
    }


def test_signed_plan_is_followed_by_what_was_planned_before_it(desk: Desk, lays: Lay) -> None:
    desk.books(at="2027-09-01 08:00")
    with desk.runtime.act(SYSTEM) as act:
        early = next(row for row in desk.every(Reminder) if row.step == "3_days")
        hold_reminder(act, reminder_id=early.id)
    plan_id = lays(
        NewStep(days=7, texts=("M1",)), NewStep(days=3, hour=12, texts=("M1",)), NewStep(days=3, texts=("M2",))
    )
    looks(desk, at="2027-09-02 08:00")

    rows = {row.step: row for row in desk.every(Reminder)}
    assert (rows["1_day"].state, rows["1_day"].reason) == (ReminderState.SKIPPED, "plan_changed")
    assert rows["7_days"].due_at == wall("2027-10-07 10:30")
    assert rows["3_days"].state is ReminderState.ON_HOLD
    assert (rows["3_days"].wording, rows["3_days"].plan_id) == ("M2", plan_id)
    assert desk.events().count("reminder.skipped") == 1


def test_step_that_a_plan_took_out_comes_back_with_the_next(desk: Desk, lays: Lay, writer: Actor) -> None:
    desk.books(at="2027-09-01 08:00")
    plan_id = lays()
    looks(desk, at="2027-09-02 08:00")
    with desk.runtime.act(writer) as act:
        end_plan(act, plan_id=plan_id, last_day=date(2027, 10, 1))
    looks(desk, at="2027-09-03 08:00")

    assert set(steps_of(desk)) == {"3_days", "1_day"}
    assert desk.reminders()["2_days"] == (ReminderState.SKIPPED, "plan_changed")


def test_step_of_a_new_plan_whose_time_is_past_is_not_caught_up(desk: Desk, lays: Lay) -> None:
    desk.books(at="2027-09-01 08:00")
    desk.reminds(at="2027-10-11 10:31")
    lays(
        NewStep(days=5, texts=("M1",)),
        NewStep(days=1, texts=("M2",)),
        at="2027-10-12 08:00",
        first_day=date(2027, 10, 12),
    )
    looks(desk, at="2027-10-12 08:01")

    assert desk.reminders() == {"3_days": SENT, "1_day": (ReminderState.PLANNED, None)}


def test_step_of_a_new_plan_is_added_where_nothing_waits_any_more(desk: Desk, lays: Lay) -> None:
    three, one = NewStep(days=3, texts=("M1",)), NewStep(days=1, texts=("M2",))
    lays(three)
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    plan_id = lays(three, one, at="2027-10-11 12:00", first_day=date(2027, 10, 12))
    looks(desk, at="2027-10-11 12:01")
    looks(desk, at="2027-10-12 08:00")

    assert desk.reminders() == {"3_days": SENT, "1_day": (ReminderState.PLANNED, None)}
    (added,) = [row for row in desk.every(Reminder) if row.step == "1_day"]
    assert (added.plan_id, added.wording, added.due_at) == (plan_id, "M2", wall("2027-10-13 10:30"))
    desk.reminds(at="2027-10-13 10:31")
    looks(desk, at="2027-10-13 10:40")
    assert desk.reminders() == {"3_days": SENT, "1_day": SENT}
    assert len(desk.channel.sent) == 2


@pytest.mark.parametrize("ended", ["cancelled", "past"])
def test_step_of_a_new_plan_is_not_added_to_a_meeting_that_is_over_or_off(desk: Desk, lays: Lay, ended: str) -> None:
    lays(NewStep(days=3, texts=("M1",)))
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    lays(NewStep(days=0, hour=9, texts=("M2",)), at="2027-10-11 12:00", first_day=date(2027, 10, 12))
    if ended == "cancelled":
        with desk.runtime.act(SYSTEM) as act:
            act.session.execute(sa.update(Appointment).values(state=AppointmentState.CANCELLED_BY_US))
    looks(desk, at="2027-10-14 10:31" if ended == "past" else "2027-10-12 08:00")

    assert desk.reminders() == {"3_days": SENT}


def test_step_that_another_plan_took_out_comes_back_where_nothing_waits(desk: Desk, lays: Lay, writer: Actor) -> None:
    desk.books(at="2027-09-01 08:00")
    plan_id = lays(NewStep(days=3, texts=("M1",)))
    looks(desk, at="2027-09-02 08:00")
    desk.reminds(at="2027-10-11 10:31")
    with desk.runtime.act(writer) as act:
        end_plan(act, plan_id=plan_id, last_day=date(2027, 10, 12))
    looks(desk, at="2027-10-11 12:00")

    assert desk.reminders() == {"3_days": SENT, "1_day": (ReminderState.PLANNED, None)}


def test_looking_at_the_plans_again_changes_nothing(desk: Desk, lays: Lay) -> None:
    desk.books(at="2027-09-01 08:00")
    lays()
    looks(desk, at="2027-09-02 08:00")
    before = [(row.id, row.state, row.due_at, row.wording) for row in desk.every(Reminder)]
    looks(desk, at="2027-09-03 08:00")

    assert [(row.id, row.state, row.due_at, row.wording) for row in desk.every(Reminder)] == before


def test_drawn_text_stays_with_the_meeting_when_it_is_moved(desk: Desk, lays: Lay) -> None:
    lays(NewStep(days=2, texts=("M1", "M2")))
    lines = [{"aftale_id": f"A{number}", "cpr": f"710101-{number + 1000}"} for number in range(40)]
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*lines)
    desk.take_in(*({**line, "start": "21-10-2027 10:30"} for line in lines))

    drawn = {row.appointment_id: set[str]() for row in desk.every(Reminder)}
    for row in desk.every(Reminder):
        drawn[row.appointment_id].add(row.wording or "")
    assert all(len(texts) == 1 for texts in drawn.values())
    assert {text for texts in drawn.values() for text in texts} == {"M1", "M2"}


def test_texts_are_drawn_equally_often_and_for_each_step_anew(desk: Desk) -> None:
    by = Plan(steps=(), texts={"3_days": ("A", "B"), "1_day": ("A", "B")})
    meetings = [uuid.UUID(int=number) for number in range(2000)]
    draw = partial(draw_text, desk.runtime.vault, by)
    drawn = Counter((draw(appointment_id=of, step="3_days"), draw(appointment_id=of, step="1_day")) for of in meetings)

    assert len(drawn) == 4
    assert all(400 < number < 600 for number in drawn.values())


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Summer time begins on Sunday 28/3 2027, in the middle of Easter, and ends on Sunday 31/10.
        ("2027-03-31 10:30", {"3_days_at_12": "2027-03-27 17:45", "1_day_at_16": "2027-03-30 16:00"}),
        ("2027-11-02 10:30", {"3_days_at_12": "2027-10-30 12:00", "1_day_at_16": "2027-11-01 16:00"}),
        ("2027-11-01 10:30", {"3_days_at_12": "2027-10-29 12:00", "1_day_at_16": "2027-10-31 16:00"}),
    ],
)
def test_r19_steps_at_an_hour_fire_once_at_that_wall_time_across_both_changes_of_the_clock(
    desk: Desk, lays: Lay, start: str, due: dict[str, str]
) -> None:
    lays(
        NewStep(days=3, hour=12, texts=("M1",)),
        NewStep(days=1, hour=16, texts=("M2",)),
        at="2027-02-01 08:00",
        first_day=date(2027, 2, 1),
    )
    desk.books(at="2027-03-01 10:00", start=datetime.fromisoformat(start).strftime("%d-%m-%Y %H:%M"))
    lane, decided = ReminderLane(desk.runtime), dict[str, datetime]()
    for minutes in range(0, 6 * 24 * 60, 20):
        desk.clock.moment = wall(start) - timedelta(days=5) + timedelta(minutes=minutes)
        lane.drain()
        decided |= {
            row.step: row.decided_at for row in desk.every(Reminder) if row.decided_at and row.step not in decided
        }

    expected = {step: wall(moment) for step, moment in due.items()}
    assert all(timedelta(0) <= decided[step] - expected[step] < timedelta(minutes=20) for step in expected)
    assert len([row for row in desk.every(Message) if row.kind is Kind.REMINDER]) == 2


def test_r19_hour_that_is_skipped_counts_as_one_later_and_a_repeated_one_as_its_first() -> None:
    at_two = Step(key="1_day_at_02", days=1, hour=2)
    day = Span(opens=time.min, closes=time.max)
    hours = OpenHours(weekday=day, weekend=day, holidays_closed=False)
    always = partial(due_moment, step=at_two, hours=hours)

    assert always(wall("2027-03-29 10:30")) == wall("2027-03-28 03:00")
    assert always(wall("2027-11-01 10:30")) == wall("2027-10-31 02:00")


def test_steps_that_the_plan_has_less_than_a_day_apart_are_both_sent() -> None:
    starts_at = wall("2027-10-14 13:00")
    day_before, same_day = Step(key="1_day", days=1), Step(key="0_days_at_09", days=0, hour=9)
    planned = plan(starts_at, now=wall("2027-10-01 10:00"), steps=(day_before, same_day))

    assert apart(day_before, same_day, starts_at) == timedelta(hours=20)
    assert [step.skip_reason for step in planned] == [None, None]
    assert laying_plans.NewStep(days=0, hour=9, texts=()).key == same_day.key
