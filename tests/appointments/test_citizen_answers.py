"""What a citizen says of a meeting by a button of her app: as by SMS, once, and never of a meeting that has moved on.

Sara has a meeting on Thursday 14/10 kl. 10.30. It is Monday, and she has not been reminded of it.
"""

import threading
import uuid

import pytest
import sqlalchemy as sa

from messaging.appointments import citizen_answers
from messaging.appointments.citizen_answers import (
    Answer,
    AppAnswer,
    MeetingBegun,
    MeetingCancelled,
    MeetingMoved,
    answer_meeting,
)
from messaging.appointments.models import Appointment
from messaging.appointments.states import CANCELLED, ENDS, OPEN, Action, AppointmentState
from messaging.audit.models import AuditEntry
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Conversation, Direction, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.receiving_app import store_from_app
from messaging.conversations.states import Waiting
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.actors import SYSTEM, Actor, ActorKind
from tests.appointments.conftest import Desk, wall

DAY, NIGHT = "2027-10-11 11:00", "2027-10-11 21:00"
AHMED = {"aftale_id": "A9", "cpr": "710101-9999", "fornavn": "Ahmed", "telefon": "28 99 99 99"}


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """Sara has a meeting, and it is eleven o'clock on the Monday before."""
    desk.books()
    desk.clock.moment = wall(DAY)
    return desk


def presses(desk: Desk, answer: Answer, *, id_: uuid.UUID | None = None, whose: str = "A1", **other: object) -> bool:
    """Let Sara press a button about a meeting; whether that was new."""
    sara, meeting = desk.appointment().citizen_id, desk.appointment(whose)
    given = AppAnswer(
        id=id_ or uuid.uuid4(),
        appointment_id=meeting.id,
        answer=answer,
        **{"revision": meeting.revision, **other},
    )
    office = Office.from_config(desk.runtime.config)
    with desk.runtime.act(Actor(kind=ActorKind.CITIZEN, id=sara)) as act:
        return answer_meeting(act, given, citizen_id=sara, office=office)


def set_state(desk: Desk, state: AppointmentState) -> None:
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=state))


def said(desk: Desk) -> list[str]:
    """What stands in the thread in Sara's name."""
    return [
        desk.runtime.vault.open(message.body, owner=message.conversation_id, place=body_place(message.id))
        for message in desk.every(Message)
        if message.direction is Direction.IN
    ]


def test_i_come_confirms_the_meeting_stands_in_the_thread_and_settles_itself(booked: Desk) -> None:
    assert presses(booked, Answer.COMES)

    assert booked.appointment().state is AppointmentState.CONFIRMED
    assert said(booked) == ["Jeg kommer to. 14/10 kl. 10.30."]
    assert booked.waiting() is Waiting.SETTLED
    assert booked.written(Kind.AUTO_REPLY) == []


def test_it_is_journaled_and_audited_as_an_answer_by_sms_is(booked: Desk) -> None:
    presses(booked, Answer.COMES)

    assert booked.events()[-3:] == ["message.received", "reply.understood", "appointment.confirmed"]
    actions = {entry.action for entry in booked.every(AuditEntry)}
    assert {"message.received", "reply.understood", "appointment.confirmed", "conversation.settled"} <= actions


def test_wish_for_another_time_is_noted_acknowledged_in_the_app_and_waits_for_a_human(booked: Desk) -> None:
    id_, sent = uuid.uuid4(), len(booked.channel.sent)
    presses(booked, Answer.NEW_TIME, id_=id_, why="Jeg er på arbejde. Fredag er fin.")
    booked.sends()

    (reply,) = (message for message in booked.every(Message) if message.kind is Kind.AUTO_REPLY)
    assert booked.appointment().state is AppointmentState.NEW_TIME_ASKED
    assert said(booked) == [
        "Jeg vil gerne have en anden tid end to. 14/10 kl. 10.30.\nJeg er på arbejde. Fredag er fin."
    ]
    assert booked.reading(id_).action is Action.NEW_TIME_ASKED
    assert booked.waiting() is Waiting.FOR_US
    assert reply.medium == "app"
    assert len(booked.channel.sent) == sent
    assert booked.events().count("appointment.new_time_asked") == 1


def test_who_comes_after_all_confirms_and_a_human_looks_at_the_wish(booked: Desk) -> None:
    presses(booked, Answer.NEW_TIME)
    presses(booked, Answer.COMES)

    assert booked.appointment().state is AppointmentState.CONFIRMED
    assert booked.waiting() is Waiting.FOR_US


def test_wish_repeated_is_acknowledged_once(booked: Desk) -> None:
    presses(booked, Answer.NEW_TIME)
    presses(booked, Answer.NEW_TIME)

    assert len(booked.written(Kind.AUTO_REPLY)) == 1


def test_at_night_the_acknowledgement_says_when_we_read_and_only_once(booked: Desk) -> None:
    booked.clock.moment = wall(NIGHT)
    presses(booked, Answer.NEW_TIME)
    presses(booked, Answer.LATE)

    (only,) = booked.written(Kind.AUTO_REPLY)
    assert "Vi læser din besked på hverdage kl. 8-16." in only


def test_being_late_waits_for_a_human_and_leaves_the_meeting_as_it_stands(booked: Desk) -> None:
    booked.clock.moment = wall("2027-10-14 10:35")
    presses(booked, Answer.LATE)

    assert booked.appointment().state is AppointmentState.BOOKED
    assert said(booked) == ["Jeg bliver forsinket to. 14/10 kl. 10.30."]
    assert booked.waiting() is Waiting.FOR_US


def test_reason_with_a_sign_of_danger_is_flagged(booked: Desk) -> None:
    presses(booked, Answer.NEW_TIME, why="jeg vil ikke leve mere")

    (thread,) = booked.every(Conversation)
    assert thread.danger_since is not None


def test_nothing_she_says_cancels_a_meeting(booked: Desk) -> None:
    for answer in Answer:
        presses(booked, answer, why="aflys mødet")

    assert booked.appointment().state in OPEN


@pytest.mark.parametrize("answer", list(Answer))
def test_the_same_again_changes_nothing(booked: Desk, answer: Answer) -> None:
    id_ = uuid.uuid4()
    first = presses(booked, answer, id_=id_)
    events = booked.events()
    again = presses(booked, answer, id_=id_)

    assert (first, again) == (True, False)
    assert booked.events() == events


def test_the_same_again_is_no_error_when_the_meeting_has_moved_on(booked: Desk) -> None:
    id_ = uuid.uuid4()
    presses(booked, Answer.COMES, id_=id_)
    booked.take_in({"start": "15-10-2027 10:30"})

    assert presses(booked, Answer.COMES, id_=id_, revision=1) is False
    assert booked.appointment().state is AppointmentState.BOOKED


def test_the_same_pressed_from_two_pages_at_once_is_one_answer(booked: Desk) -> None:
    id_, told = uuid.uuid4(), []
    threads = [threading.Thread(target=lambda: told.append(presses(booked, Answer.COMES, id_=id_))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [False, False, False, True]
    assert len(said(booked)) == 1


def test_answer_about_a_time_that_is_no_more_is_refused(booked: Desk) -> None:
    booked.take_in({"start": "15-10-2027 10:30"})
    before = booked.events()

    with pytest.raises(MeetingMoved):
        presses(booked, Answer.COMES, revision=1)
    assert booked.events() == before


@pytest.mark.parametrize("state", sorted(CANCELLED))
def test_answer_about_a_cancelled_meeting_is_refused(booked: Desk, state: AppointmentState) -> None:
    set_state(booked, state)

    with pytest.raises(MeetingCancelled):
        presses(booked, Answer.COMES)
    assert said(booked) == []


@pytest.mark.parametrize("answer", [Answer.COMES, Answer.NEW_TIME])
def test_answer_about_a_meeting_that_has_begun_is_refused(booked: Desk, answer: Answer) -> None:
    booked.clock.moment = wall("2027-10-14 10:30")

    with pytest.raises(MeetingBegun):
        presses(booked, answer)
    assert said(booked) == []


def test_nobody_is_late_for_what_is_over(booked: Desk) -> None:
    booked.clock.moment = wall("2027-10-14 11:00")

    with pytest.raises(MeetingBegun):
        presses(booked, Answer.LATE)


@pytest.mark.parametrize("state", sorted(ENDS - CANCELLED))
def test_meeting_with_an_outcome_takes_no_answer(booked: Desk, state: AppointmentState) -> None:
    set_state(booked, state)

    with pytest.raises(MeetingBegun):
        presses(booked, Answer.COMES)


def test_meeting_of_somebody_else_is_not_there(booked: Desk) -> None:
    booked.take_in({}, AHMED)

    with pytest.raises(NotFound):
        presses(booked, Answer.COMES, whose="A9")
    assert booked.appointment("A9").state is AppointmentState.BOOKED


def test_id_that_somebody_elses_message_has_is_refused(booked: Desk) -> None:
    booked.take_in({}, AHMED)
    ahmed, id_ = booked.appointment("A9").citizen_id, uuid.uuid4()
    with booked.runtime.act(Actor(kind=ActorKind.CITIZEN, id=ahmed)) as act:
        store_from_app(act, citizen_id=ahmed, message_id=id_, text="Hej", content_class=ContentClass.SMS_OK)

    with pytest.raises(Conflict):
        presses(booked, Answer.COMES, id_=id_)
    assert booked.appointment().state is AppointmentState.BOOKED


def test_reason_that_is_too_long_is_refused(booked: Desk) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        presses(booked, Answer.NEW_TIME, why="x" * (citizen_answers.LONGEST_WHY + 1))


def test_in_english_the_thread_holds_what_she_pressed(booked: Desk) -> None:
    presses(booked, Answer.NEW_TIME, language="en")

    assert said(booked) == ["I would like another time than Thu 14/10 at 10.30."]


def test_meeting_by_phone_suits_her_or_not(desk: Desk) -> None:
    desk.books(afholdelsesform="Telefon")
    desk.clock.moment = wall(DAY)
    presses(desk, Answer.COMES)

    assert said(desk) == ["Tiden to. 14/10 kl. 10.30 passer mig."]


def test_rules_do_not_read_again_what_a_button_said(booked: Desk) -> None:
    id_ = uuid.uuid4()
    presses(booked, Answer.NEW_TIME, id_=id_, why="1")
    booked.reads()

    assert booked.reading(id_).rule == citizen_answers.RULE
    assert booked.appointment().state is AppointmentState.NEW_TIME_ASKED


@pytest.mark.parametrize(("why", "class_"), [("", ContentClass.SMS_OK), ("Jeg er syg", ContentClass.LOGIN_ONLY)])
def test_only_a_reason_asks_for_the_way_in_by_which_it_was_written(
    booked: Desk, why: str, class_: ContentClass
) -> None:
    presses(booked, Answer.NEW_TIME, why=why, content_class=ContentClass.LOGIN_ONLY)

    (message,) = (message for message in booked.every(Message) if message.direction is Direction.IN)
    assert message.content_class is class_
