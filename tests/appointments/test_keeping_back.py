"""Reminders that did not leave in time are written anew. The meeting is to. 14/10 kl. 19.50; the eve is on. 13/10."""

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from adapters.errors import OutcomeUnknown, TryLater
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.personalising import add_line
from messaging.appointments.plan_models import ReminderPlan, ReminderPlanStep
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.conversations.models import Attempt, Kind, Message, Template
from messaging.conversations.states import AttemptState, MessageState
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.work.lanes import Lane
from tests.appointments.conftest import Desk, wall

EVE, NIGHT, MORNING = "2027-10-13 19:51", "2027-10-13 22:00", "2027-10-14 09:01"
SENT = (ReminderState.SENT, None)


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """A desk at which the last reminder has been written and has not left: nobody sends."""
    desk.books(start="14-10-2027 19:50")
    desk.reminds(at="2027-10-11 19:51")
    desk.channel.sent.clear()
    desk.clock.moment = wall(EVE)
    ReminderLane(desk.runtime).drain()
    assert last(desk).state is MessageState.QUEUED
    return desk


def last(desk: Desk) -> Message:
    return [message for message in desk.every(Message) if message.kind is Kind.REMINDER][-1]


def keeps_back(desk: Desk, *, at: str) -> None:
    """Let the periodic work look, and what is due be decided on."""
    desk.clock.moment = wall(at)
    lane = ReminderLane(desk.runtime)
    lane.keep_back()
    while lane.drain():
        pass


def test_reminder_kept_overnight_says_today_in_the_morning(evening: Desk) -> None:
    keeps_back(evening, at=NIGHT)
    evening.sends()
    at_night = list(evening.channel.sent)
    evening.reminds(at=MORNING)

    assert at_night == []
    (sent,) = evening.channel.sent
    assert "Husk mødet i dag kl. 19.50" in sent.text
    assert evening.reminders()["1_day"] == SENT


def test_it_is_called_back_and_told_of_once(evening: Desk) -> None:
    written = last(evening).id
    keeps_back(evening, at=NIGHT)
    keeps_back(evening, at="2027-10-13 23:00")
    evening.reminds(at=MORNING)
    keeps_back(evening, at="2027-10-14 09:30")
    evening.reminds(at="2027-10-14 09:31")

    (called_back,) = [message for message in evening.every(Message) if message.id == written]
    assert (called_back.state, called_back.reason) == (MessageState.CANCELLED, "kept_back")
    assert len(evening.channel.sent) == 1
    told = Counter(evening.events())
    assert (told["message.cancelled"], told["reminder.sent"]) == (1, 3)  # the first step, the eve's and the morning's


def test_text_that_expired_at_midnight_does_not_leave_in_the_morning(evening: Desk) -> None:
    with evening.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).where(Template.key == "M2").values(valid_to=wall("2027-10-14 00:00")))
    keeps_back(evening, at=NIGHT)
    evening.reminds(at=MORNING)

    assert evening.channel.sent == []
    assert evening.reminders()["1_day"] == (ReminderState.SKIPPED, "no_valid_text")


def test_where_everything_was_down_all_night_the_words_of_the_day_before_do_not_leave_either(evening: Desk) -> None:
    evening.clock.moment = wall(MORNING)
    evening.sends()
    before = list(evening.channel.sent)
    keeps_back(evening, at="2027-10-14 09:02")
    evening.sends()

    assert before == []
    (sent,) = evening.channel.sent
    assert "Husk mødet i dag" in sent.text


def test_what_could_only_come_too_late_is_skipped_and_told(desk: Desk) -> None:
    desk.books(start="14-10-2027 10:30")
    desk.clock.moment = wall("2027-10-13 10:31")
    ReminderLane(desk.runtime).drain()
    keeps_back(desk, at="2027-10-14 08:40")

    assert desk.reminders()["1_day"] == (ReminderState.SKIPPED, "too_late")
    assert desk.channel.sent == []


def test_reminder_that_is_late_by_now_gives_way_to_a_nearer_one(desk: Desk) -> None:
    desk.books(start="14-10-2027 09:30")
    desk.clock.moment = wall("2027-10-11 09:31")
    ReminderLane(desk.runtime).drain()
    keeps_back(desk, at="2027-10-13 08:00")
    desk.reminds(at="2027-10-13 09:31")

    assert desk.reminders() == {"3_days": (ReminderState.SKIPPED, "near_another"), "1_day": SENT}
    assert len(desk.channel.sent) == 1


def test_what_may_have_left_is_not_called_back(evening: Desk) -> None:
    evening.channel.failures = [OutcomeUnknown("the answer was lost")]
    evening.sends(Lane.BULK)
    assert last(evening).state is MessageState.UNCLEAR
    keeps_back(evening, at=NIGHT)
    evening.reminds(at=MORNING)

    assert last(evening).state is MessageState.UNCLEAR
    assert evening.reminders()["1_day"] == SENT
    assert evening.channel.sent == []


def test_what_proves_not_to_have_left_is_written_anew(evening: Desk) -> None:
    evening.channel.failures = [OutcomeUnknown("the answer was lost")]
    evening.sends(Lane.BULK)
    keeps_back(evening, at=NIGHT)
    with evening.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(state=AttemptState.NOT_SENT))
        of_it = sa.update(Message).where(Message.id == last(evening).id)
        act.session.execute(of_it.values(state=MessageState.QUEUED, next_try_at=None, lease_token=None))
    keeps_back(evening, at=MORNING)
    evening.sends()

    (sent,) = evening.channel.sent
    assert "Husk mødet i dag" in sent.text


def test_failed_try_of_the_evening_is_followed_by_new_words_in_the_morning(evening: Desk) -> None:
    evening.channel.failures = [TryLater("the provider is down")]
    evening.sends(Lane.BULK)
    keeps_back(evening, at=NIGHT)
    evening.reminds(at=MORNING)

    assert [message.text[:21] for message in evening.channel.sent] == ["Hej Sara. Husk mødet "]
    assert "i dag" in evening.channel.sent[0].text


def test_line_of_a_caseworker_goes_with_the_new_words(desk: Desk) -> None:
    desk.books(start="14-10-2027 19:50")
    reminder = next(row for row in desk.every(Reminder) if row.step == "1_day")
    mette = Actor(kind=ActorKind.STAFF, id=desk.every(Caseworker)[0].id)
    with desk.runtime.act(mette) as act:
        add_line(act, reminder_id=reminder.id, line="Hav dit cv klar")
    desk.clock.moment = wall(EVE)
    ReminderLane(desk.runtime).drain()
    keeps_back(desk, at=NIGHT)
    desk.reminds(at=MORNING)

    assert [message.text.endswith("Hav dit cv klar") for message in desk.channel.sent] == [True]


def test_both_meetings_of_one_text_are_told_anew(desk: Desk) -> None:
    with desk.runtime.act(SYSTEM) as act:
        one, two = act.session.scalars(sa.select(Caseworker.id)).all()
        who = {"written_by_id": one, "written_at": act.now, "signed_by_id": two, "signed_at": act.now}
        plan = ReminderPlan(first_day=date(2027, 9, 1), stops_when_confirmed=True, combines=True, **who)
        act.session.add(plan)
        act.session.flush()
        act.session.add(ReminderPlanStep(plan_id=plan.id, key="1_day", days=1, texts="M2"))
    desk.books(aftale_id="A1", start="14-10-2027 19:30")
    desk.books(aftale_id="A2", start="14-10-2027 19:50")
    desk.clock.moment = wall("2027-10-13 19:31")
    ReminderLane(desk.runtime).drain()
    keeps_back(desk, at=NIGHT)
    desk.reminds(at=MORNING)

    assert len(desk.channel.sent) == 1
    assert "19.30" in desk.channel.sent[0].text
    assert "19.50" in desk.channel.sent[0].text
    assert len({row.message_id for row in desk.every(Reminder)}) == 1


def test_meeting_that_was_moved_meanwhile_is_not_spoken_of_at_its_old_time(evening: Desk) -> None:
    keeps_back(evening, at=NIGHT)
    evening.books(at="2027-10-13 22:30", start="15-10-2027 19:50")
    evening.reminds(at=MORNING)

    assert [message.text for message in evening.channel.sent if "i dag" in message.text] == []
    assert evening.every(Appointment)[0].revision == 2


def test_many_are_called_back_a_batch_at_a_time(desk: Desk) -> None:
    desk.clock.moment = wall("2027-10-01 10:00")
    later = {"start": "14-10-2027 19:50"}
    desk.take_in(*({"aftale_id": f"A{number}", "cpr": f"710101-{number + 1000}", **later} for number in range(120)))
    desk.clock.moment = wall(EVE)
    lane = ReminderLane(desk.runtime)
    while lane.drain():
        pass
    keeps_back(desk, at=NIGHT)

    states = Counter(row.state for row in desk.every(Reminder) if row.step == "1_day")
    assert states == {ReminderState.PLANNED: 120}
