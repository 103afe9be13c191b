"""Answers to reminders that are typed in the app are understood as by SMS, and answered in the app."""

import uuid

import pytest

from messaging.appointments.states import Action, AppointmentState
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Kind, Message
from messaging.conversations.receiving_app import store_from_app
from messaging.conversations.states import MessageState, Waiting
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import OptOut, PhoneNumber
from tests.appointments.conftest import Desk, wall

DAY, NIGHT = "2027-10-11 11:00", "2027-10-11 21:00"


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """Sara has been reminded by SMS, and it is eleven o'clock on Monday."""
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.clock.moment = wall(DAY)
    return desk


def types(desk: Desk, text: str) -> uuid.UUID:
    """Let Sara write in her app, and what she wrote be read; return its id."""
    sara, id_ = desk.appointment().citizen_id, uuid.uuid4()
    with desk.runtime.act(Actor(kind=ActorKind.CITIZEN, id=sara)) as act:
        store_from_app(act, citizen_id=sara, message_id=id_, text=text, content_class=ContentClass.SMS_OK)
    desk.reads()
    return id_


def replies(desk: Desk) -> list[Message]:
    return [message for message in desk.every(Message) if message.kind is Kind.AUTO_REPLY]


def test_one_confirms_the_meeting_and_settles_itself(reminded: Desk) -> None:
    id_ = types(reminded, "1")

    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert reminded.reading(id_).action is Action.SETTLED
    assert reminded.waiting() is Waiting.SETTLED


@pytest.mark.parametrize("when", [DAY, NIGHT])
def test_two_is_acknowledged_in_the_app(reminded: Desk, when: str) -> None:
    reminded.clock.moment = wall(when)
    sent = len(reminded.channel.sent)

    types(reminded, "2")
    reminded.sends()

    (reply,) = replies(reminded)
    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED
    assert (reply.medium, reply.state) == ("app", MessageState.SENT)
    assert len(reminded.channel.sent) == sent


def test_stop_in_the_app_waits_for_a_human_and_switches_nothing_off(reminded: Desk) -> None:
    id_ = types(reminded, "STOP")

    assert reminded.reading(id_).action is Action.TO_HUMAN
    assert reminded.every(OptOut) == []
    assert reminded.waiting() is Waiting.FOR_US


def test_who_says_in_the_app_that_she_is_somebody_else_pauses_no_number(reminded: Desk) -> None:
    id_ = types(reminded, "Forkert nummer")

    assert reminded.reading(id_).action is Action.TO_HUMAN
    assert [number.paused_since for number in reminded.every(PhoneNumber)] == [None]
    assert reminded.waiting() is Waiting.FOR_US
