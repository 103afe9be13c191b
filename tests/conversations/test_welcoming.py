"""The first SMS ever to a person is the welcome."""

from dataclasses import replace

import pytest

from messaging.conversations.automatic_models import Welcome
from messaging.conversations.models import Kind
from messaging.conversations.states import MessageState
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import PhoneNumber
from messaging.work.lanes import Lane
from tests.conversations.conftest import Town


@pytest.fixture
def welcoming(town: Town, templates: None) -> Town:
    """The service as it is in production: it welcomes."""
    runtime = replace(town.runtime, config=replace(town.runtime.config, welcome=True))
    return Town(runtime=runtime)


def _send_all(town: Town) -> None:
    for lane in (Lane.INTERACTIVE, Lane.URGENT):
        town.sends(lane)
    town.reports("delivered", id_="FAKE1")  # two parts: the next waits until they are through
    town.sends(Lane.INTERACTIVE)


def test_welcome_leaves_before_the_first_message_and_is_kept_with_its_version(welcoming: Town) -> None:
    sara = welcoming.citizen()
    welcoming.writes(sara, "Vi ses i morgen")
    _send_all(welcoming)

    texts = [message.text for message in welcoming.runtime.channel.sent]
    assert texts[0].startswith("Hej Sara. Ungecenteret kan skrive sms med dig")
    assert texts[1:] == ["Vi ses i morgen"]
    (row,) = welcoming.rows(Welcome)
    assert (row.citizen_id, row.template, row.at) == (sara, "M7//da/2", welcoming.runtime.clock.now())


def test_second_message_brings_no_second_welcome(welcoming: Town) -> None:
    sara = welcoming.citizen()
    welcoming.writes(sara, "Vi ses i morgen")
    _send_all(welcoming)
    welcoming.writes(sara, "Husk din plan")
    welcoming.sends(Lane.INTERACTIVE)
    welcoming.sends(Lane.URGENT)

    assert [message.text for message in welcoming.runtime.channel.sent][1:] == ["Vi ses i morgen", "Husk din plan"]


def test_reminders_wait_for_the_welcome_too(welcoming: Town) -> None:
    reminder = welcoming.writes(welcoming.citizen(), "Husk mødet", kind=Kind.REMINDER, lane=Lane.BULK)
    welcoming.sends(Lane.BULK)
    before = welcoming.message(reminder).state
    welcoming.sends(Lane.INTERACTIVE)
    welcoming.reports("delivered", id_="FAKE1")
    welcoming.sends(Lane.BULK)

    assert before is MessageState.QUEUED
    assert [message.text for message in welcoming.runtime.channel.sent][1:] == ["Husk mødet"]


def test_urgent_message_does_not_wait_for_a_welcome(welcoming: Town) -> None:
    welcoming.writes(welcoming.citizen(), "Mødet er flyttet", lane=Lane.URGENT)
    welcoming.sends(Lane.URGENT)

    assert [message.text for message in welcoming.runtime.channel.sent] == ["Mødet er flyttet"]
    assert welcoming.rows(Welcome) == []


def test_shared_number_gets_no_welcome_with_a_name(welcoming: Town) -> None:
    sara = welcoming.citizen()
    with welcoming.runtime.act(SYSTEM) as act:
        wishes.mark_shared(act, number_id=welcoming.rows(PhoneNumber)[0].id, shared=True)
    welcoming.writes(sara, "Du har en aftale", content_free=True)
    welcoming.sends(Lane.INTERACTIVE)

    assert [message.text for message in welcoming.runtime.channel.sent] == ["Du har en aftale"]


def test_missing_text_keeps_no_message_back(town: Town) -> None:
    bare = Town(runtime=replace(town.runtime, config=replace(town.runtime.config, welcome=True)))
    bare.writes(bare.citizen(), "Vi ses i morgen")
    bare.sends(Lane.INTERACTIVE)

    assert [message.text for message in bare.runtime.channel.sent] == ["Vi ses i morgen"]
