"""Reminders of who has the app: there, with a push, then an SMS to log in, until she has confirmed."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.booking import Meeting, NewAppointment, book_appointment
from messaging.appointments.models import Appointment, Form, Reminder
from messaging.appointments.planning import ReminderRules
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import AnswerReader, ReminderLane
from messaging.citizen_app.subscriptions import means_with
from messaging.clock import FixedClock
from messaging.conversations.models import Kind, Message
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.people.preferences import Wanted
from messaging.people.preferring import note_preferences
from messaging.runtime import Runtime
from messaging.trial.models import Arm
from messaging.trial.taking_part import join
from tests.citizen_app.knocking import Knocking
from tests.conversations.conftest import Town
from tests.conversations.in_app import places
from tests.fakes import FakePush

pytestmark = pytest.mark.usefixtures("templates")

MEETING = datetime(2027, 10, 14, 8, 30, tzinfo=UTC)
ONE_DAY = MEETING - timedelta(days=1)


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def runtime(runtime: Runtime, push: FakePush) -> Runtime:
    return dataclasses.replace(runtime, push=push)


@pytest.fixture
def knocking(runtime: Runtime, clock: FixedClock, push: FakePush) -> Knocking:
    return Knocking(town=Town(runtime=runtime), clock=clock, push=push)


@pytest.fixture
def town(knocking: Knocking) -> Town:
    return knocking.town


@pytest.fixture
def sara(town: Town, clock: FixedClock) -> uuid.UUID:
    """A citizen with a meeting on 14/10 at 10.30; it is the day before, when she is reminded."""
    clock.moment = MEETING - timedelta(days=10)
    citizen_id = town.citizen()
    (mette,) = town.rows(Caseworker)
    meeting = Meeting(
        caseworker_id=mette.id,
        starts_at=MEETING,
        minutes=30,
        meeting_type="Jobsamtale",
        form=Form.PHONE,
        place=None,
        self_booked=False,
        reminded_by_huskeservice=False,
    )
    new = NewAppointment(citizen_id=citizen_id, source="test", external_id="A1", meeting=meeting)
    with town.runtime.act(SYSTEM) as act:
        book_appointment(act, new, rules=ReminderRules())
        act.session.execute(
            sa.update(Reminder).where(Reminder.step == "3_days").values(state=ReminderState.SKIPPED, reason="too_late")
        )
    clock.moment = ONE_DAY
    return citizen_id


def reminds(town: Town) -> list[tuple[str, str]]:
    """Let the reminder that is due be decided on, twice; return how the reminders went."""
    for _ in range(2):
        ReminderLane(town.runtime, means_of=means_with(push=True)).drain()
    sent = {row.message_id for row in town.rows(Reminder) if row.message_id}
    return [(row.medium, row.state) for row in town.rows(Message) if row.id in sent]


def test_reminder_lies_in_the_app_with_a_push_and_an_sms_to_log_in_if_it_stays_unshown(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    knocking.pushed(sara)

    assert reminds(town) == [("app", "sent")]
    knocking.works()
    assert ([row.text for row in knocking.push.sent], knocking.told()) == (["message"], [])
    knocking.later(minutes=61)
    (told,) = knocking.told()
    assert "10.30" not in town.text_of(told)
    knocking.later(days=3)
    assert (len(knocking.told()), len(knocking.push.sent)) == (1, 1)


def test_reminder_does_not_wait_until_a_day_after_the_last_sms_to_log_in(
    knocking: Knocking, town: Town, sara: uuid.UUID, clock: FixedClock
) -> None:
    knocking.pushed(sara)
    clock.moment = ONE_DAY - timedelta(hours=2)
    places(town, sara)
    knocking.works()
    knocking.later(minutes=61)
    clock.moment = ONE_DAY
    reminds(town)
    knocking.works()
    knocking.later(minutes=61)

    assert len(knocking.told()) == 2


def test_who_has_confirmed_by_sms_is_not_asked_to_log_in(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    reminds(town)
    knocking.works()
    town.hears("1")
    AnswerReader(town.runtime).drain()
    knocking.later(minutes=61)

    assert [row.state for row in town.rows(Appointment)] == [AppointmentState.CONFIRMED]
    assert (knocking.told(), knocking.ends()) == ([], ["read"])


@pytest.mark.parametrize("change", [{"revision": 2}, {"state": AppointmentState.CANCELLED_BY_CITIZEN}])
def test_nobody_is_asked_to_log_in_for_a_meeting_that_has_been_moved_or_cancelled(
    knocking: Knocking, town: Town, sara: uuid.UUID, change: dict[str, object]
) -> None:
    knocking.pushed(sara)
    reminds(town)
    knocking.works()
    with town.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(change))
    knocking.later(minutes=61)

    assert knocking.told() == []


def test_nobody_is_asked_to_log_in_for_a_reminder_that_is_of_no_use_any_more(
    knocking: Knocking, town: Town, sara: uuid.UUID, clock: FixedClock
) -> None:
    knocking.pushed(sara)
    reminds(town)
    knocking.works()
    clock.moment = MEETING - timedelta(minutes=90)
    knocking.works()

    assert knocking.told() == []


def test_who_prefers_sms_gets_the_words_by_sms(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        note_preferences(act, citizen_id=sara, wanted=Wanted(language="en"))

    assert [medium for medium, _ in reminds(town)] == ["sms"]


@pytest.mark.parametrize(("arm", "ways"), [(Arm.SMS, ["sms"]), (Arm.APP, ["app"]), (Arm.CONTROL, [])])
def test_arm_decides_whatever_she_has(
    knocking: Knocking, town: Town, sara: uuid.UUID, arm: Arm, ways: list[str]
) -> None:
    knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        join(act, {sara: arm})
    went = reminds(town)
    knocking.works()

    assert [medium for medium, _ in went] == ways
    assert len(knocking.push.sent) == (arm is Arm.APP)


def test_who_has_no_app_gets_the_words_by_sms(town: Town, sara: uuid.UUID) -> None:
    assert [medium for medium, _ in reminds(town)] == ["sms"]
    assert [row.kind for row in town.rows(Message) if row.conversation_id == sara] == [Kind.REMINDER]
