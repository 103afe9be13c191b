"""A message that was given up before it left is sent again by one button: as a new message, and once."""

import uuid

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from adapters.errors import OutcomeUnknown
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.opening import open_text
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.conversations.work import MessageLane
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import House, csrf_token

BUTTON = "Send igen som ny besked"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of the caseworker `mho`."""
    return house.citizen(caseworker=house.caseworker())


@pytest.fixture
def parked(house: House, sara: uuid.UUID) -> uuid.UUID:
    """A message at which processes died again and again."""
    return _write(house, sara, state=MessageState.FAILED, reason="parked")


def _write(house: House, citizen_id: uuid.UUID, *, state: MessageState, reason: str) -> uuid.UUID:
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=citizen_id, text="Husk dit CV", author=Author.CASEWORKER)
        message.state, message.reason = state, reason
        return message.id


def _page(house: House, citizen_id: uuid.UUID) -> str:
    return house.browser("mho").get(f"/conversations/{citizen_id}").text


def _again(house: House, citizen_id: uuid.UUID, message_id: uuid.UUID, *, seen: str = "99") -> TestResponse:
    client, thread = house.browser("mho"), f"/conversations/{citizen_id}"
    form = {"csrf_token": csrf_token(client, thread), "seen": seen}
    return client.post(f"{thread}/messages/{message_id}/again", data=form)


def _messages(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction=Direction.OUT).order_by(Message.seq)))


def test_a_parked_message_is_sent_again_as_a_new_one(house: House, sara: uuid.UUID, parked: uuid.UUID) -> None:
    """A3."""
    before = _page(house, sara)
    answer = _again(house, sara, parked)
    old, new = _messages(house)
    with house.runtime.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="message.sent_again")).one()

    assert BUTTON in before
    assert answer.status_code == 303
    assert (old.id, old.state) == (parked, MessageState.FAILED)
    assert new.state is MessageState.QUEUED
    assert open_text(house.runtime.vault, new, owner=sara) == "Husk dit CV"
    assert entry.object_id == parked


def test_pressed_twice_it_is_one_message_and_the_button_is_gone(
    house: House, sara: uuid.UUID, parked: uuid.UUID
) -> None:
    answers = [_again(house, sara, parked, seen="1").status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(_messages(house)) == 2
    assert BUTTON not in _page(house, sara)


def test_what_a_provider_may_have_taken_is_not_sent_again(house: House, sara: uuid.UUID) -> None:
    message_id = _write(house, sara, state=MessageState.QUEUED, reason="")
    runtime = house.runtime
    runtime.channel.failures.append(OutcomeUnknown("timeout"))
    MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.INTERACTIVE).drain()
    with runtime.database.write() as session:
        session.execute(sa.update(Message).values(state=MessageState.EXPIRED, reason="too_late"))
    page, answer = _page(house, sara), _again(house, sara, message_id)

    assert BUTTON not in page
    assert answer.status_code == 409
    assert "måske nået frem" in answer.text
    assert len(_messages(house)) == 1


def test_what_the_citizen_wrote_meanwhile_is_read_first(house: House, sara: uuid.UUID, parked: uuid.UUID) -> None:
    house.hears("Jeg er syg i dag")
    answer = _again(house, sara, parked, seen="1")

    assert answer.status_code == 409
    assert "Læs den først" in answer.text
    assert _again(house, sara, parked).status_code == 303


def test_another_number_is_looked_at_before_anything_goes_there(
    house: House, sara: uuid.UUID, parked: uuid.UUID
) -> None:
    client, card = house.browser("mho"), f"/citizens/{sara}"
    with house.runtime.database.read() as session:
        point_id = session.scalars(sa.select(ContactPoint.id)).one()
    form = {"number": "29390626", "source": "citizen_at_desk", "seen": str(point_id)}
    client.post(f"{card}/numbers", data={"csrf_token": csrf_token(client, card), **form})
    answer = _again(house, sara, parked)

    assert answer.status_code == 409
    assert "andet nummer" in answer.text
    assert len(_messages(house)) == 1


def test_list_of_what_did_not_arrive_says_that_it_can_be_sent_again(
    house: House, sara: uuid.UUID, parked: uuid.UUID
) -> None:
    page = house.browser("mho").get("/conversations?show=needs_action").text

    assert "Åbn samtalen, og send den igen" in page
