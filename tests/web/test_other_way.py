"""What did not leave one way is sent the other: a held SMS goes into the app, an expired message of the app by SMS."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Device
from messaging.conversations import sweeping
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.opening import open_text
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from tests.house import House, csrf_token

WITH_CPR = "Dit nummer er 010199-1234"
IN_APP, BY_SMS, AGAIN_IN_APP = "Send i appen i stedet", "Send som sms i stedet", "Send igen i appen"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of the caseworker `mho`, whose number has been heard from."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    return citizen_id


@pytest.fixture
def browser(house: House, sara: uuid.UUID) -> FlaskClient:
    return house.browser("mho")


@pytest.fixture
def device(house: House, sara: uuid.UUID) -> uuid.UUID:
    """Her phone with the app on it."""
    with house.runtime.act(SYSTEM) as act:
        row = Device(id=new_id(), citizen_id=sara, name="iPhone", added_at=act.now, seen_at=act.now)
        act.session.add(row)
        return row.id


def ends(house: House, device_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        act.session.get_one(Device, device_id).ended_at = act.now


def held(house: House, citizen_id: uuid.UUID) -> uuid.UUID:
    with house.runtime.act(SYSTEM) as act:
        return send_message(act, citizen_id=citizen_id, text=WITH_CPR, author=Author.CASEWORKER).id


def expired_in_app(
    house: House,
    citizen_id: uuid.UUID,
    text: str = "Husk dit CV",
    content_class: ContentClass = ContentClass.LOGIN_ONLY,
) -> uuid.UUID:
    """Plan a message for the app, and let its time pass while nothing works."""
    with house.runtime.act(SYSTEM) as act:
        message_id = send_in_app(
            act,
            citizen_id=citizen_id,
            text=text,
            content_class=content_class,
            author=Author.CASEWORKER,
            due_at=act.now + timedelta(hours=1),
        ).id
    with house.runtime.act(SYSTEM) as act:
        act.session.get_one(Message, message_id).expires_at = act.now
    with house.runtime.act(SYSTEM) as act:
        sweeping.expire(act)
    return message_id


def out(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction=Direction.OUT).order_by(Message.seq)))


def edits(browser: FlaskClient, citizen_id: uuid.UUID, message_id: uuid.UUID, **more: str) -> TestResponse:
    path = f"/conversations/{citizen_id}/messages/{message_id}/edit"
    form = dict(re.findall(r'name="(csrf_token|seen|due_at)"[^>]*value="([^"]*)"', browser.get(path).text))
    return browser.post(path, data={**form, "text": WITH_CPR, "action": "send_app", **more})


def again(browser: FlaskClient, citizen_id: uuid.UUID, message_id: uuid.UUID, way: str) -> TestResponse:
    thread = f"/conversations/{citizen_id}"
    form = {"csrf_token": csrf_token(browser, thread), "seen": "99", "way": way}
    return browser.post(f"{thread}/messages/{message_id}/again", data=form)


# A held SMS


@pytest.mark.parametrize(
    ("more", "content_class"),
    [({}, ContentClass.LOGIN_ONLY), ({"sensitive": "yes"}, ContentClass.SENSITIVE)],
    ids=["plain", "sensitive"],
)
def test_a_held_sms_goes_into_the_app_instead(
    house: House,
    browser: FlaskClient,
    sara: uuid.UUID,
    device: uuid.UUID,
    more: dict[str, str],
    content_class: ContentClass,
) -> None:
    message_id = held(house, sara)
    page = browser.get(f"/conversations/{sara}/messages/{message_id}/edit").text
    answer = edits(browser, sara, message_id, **more)
    sms, placed = out(house)

    assert IN_APP in page
    assert "CPR-nummer, og det må ikke sendes som sms" in page
    assert answer.status_code == 303
    assert (sms.id, sms.state, sms.reason) == (message_id, MessageState.CANCELLED, "in_app_instead")
    assert (placed.medium, placed.state, placed.content_class) == ("app", MessageState.SENT, content_class)
    assert open_text(house.runtime.vault, placed, owner=sara) == WITH_CPR
    assert "lagde den i borgerens app i stedet" in browser.get(f"/conversations/{sara}").text


def test_the_same_form_twice_is_one_message_in_the_app(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = held(house, sara)
    path = f"/conversations/{sara}/messages/{message_id}/edit"
    form = dict(re.findall(r'name="(csrf_token|seen|due_at)"[^>]*value="([^"]*)"', browser.get(path).text))
    for _ in range(2):
        browser.post(path, data={**form, "text": WITH_CPR, "action": "send_app"})

    assert [message.medium for message in out(house)] == ["sms", "app"]


def test_what_was_changed_on_the_page_is_what_goes_there_and_at_the_time_that_was_chosen(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = held(house, sara)
    due = (house.runtime.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT12:00")
    edits(browser, sara, message_id, text="Hele sagen “her” 😊", due_at=due)
    placed = out(house)[-1]

    assert placed.state is MessageState.SCHEDULED
    assert open_text(house.runtime.vault, placed, owner=sara) == "Hele sagen “her” 😊"


def test_without_the_app_it_is_not_offered_and_not_done(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    ends(house, device)
    message_id = held(house, sara)
    page = browser.get(f"/conversations/{sara}/messages/{message_id}/edit").text
    answer = edits(browser, sara, message_id)

    assert IN_APP not in page
    assert answer.status_code == 422
    assert "Borgeren har ikke appen mere" in answer.text
    assert [message.state for message in out(house)] == [MessageState.HELD]


def test_who_changes_it_second_is_told(house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID) -> None:
    message_id = held(house, sara)
    answer = edits(browser, sara, message_id, seen="2020-01-01T00:00:00+00:00")

    assert "En anden har rettet beskeden imens." in browser.get(answer.location).text
    assert len(out(house)) == 1


def test_an_edit_that_the_content_gate_refuses_offers_the_app(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = held(house, sara)
    answer = edits(browser, sara, message_id, action="", text=f"{WITH_CPR}!")

    assert answer.status_code == 422
    assert IN_APP in answer.text


# A message of the app that expired


def test_what_expired_on_its_way_into_the_app_is_said_and_sent_again_there(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = expired_in_app(house, sara, content_class=ContentClass.SENSITIVE)
    page = browser.get(f"/conversations/{sara}").text
    answers = [again(browser, sara, message_id, "app").status_code for _ in range(2)]
    old, new = out(house)
    with house.runtime.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="message.sent_again")).one()

    assert "Udløbet, ikke læst" in page
    assert AGAIN_IN_APP in page
    assert BY_SMS not in page  # only MitID was to open it
    assert answers == [303, 303]
    assert old.state is MessageState.EXPIRED
    assert (new.medium, new.state, new.content_class) == ("app", MessageState.SENT, ContentClass.SENSITIVE)
    assert entry.object_id == message_id
    assert AGAIN_IN_APP not in browser.get(f"/conversations/{sara}").text


def test_what_may_stand_on_a_postcard_may_be_sent_by_sms_instead(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = expired_in_app(house, sara)
    page = browser.get(f"/conversations/{sara}").text
    answer = again(browser, sara, message_id, "sms")

    assert BY_SMS in page
    assert answer.status_code == 303
    assert [(message.medium, message.state) for message in out(house)][1] == ("sms", MessageState.QUEUED)


@pytest.mark.parametrize(
    ("text", "content_class"),
    [(WITH_CPR, ContentClass.LOGIN_ONLY), ("Husk dit CV", ContentClass.SENSITIVE)],
    ids=["content gate", "sensitive"],
)
def test_what_may_not_stand_on_a_postcard_is_refused_by_sms(
    house: House,
    browser: FlaskClient,
    sara: uuid.UUID,
    device: uuid.UUID,
    text: str,
    content_class: ContentClass,
) -> None:
    message_id = expired_in_app(house, sara, text, content_class)
    page = browser.get(f"/conversations/{sara}").text
    answer = again(browser, sara, message_id, "sms")

    assert BY_SMS not in page
    assert answer.status_code == 409
    assert len(out(house)) == 1


def test_a_number_that_nothing_has_come_from_is_asked_about_in_the_reply_form(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = expired_in_app(house, sara)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(direction=Direction.IN).values(number_id=None))
    answer = again(browser, sara, message_id, "sms")

    assert answer.status_code == 409
    assert "Vi har ikke hørt fra nummeret endnu" in answer.text


def test_who_has_no_app_any_more_is_sent_nothing_there(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    message_id = expired_in_app(house, sara)
    ends(house, device)
    page = browser.get(f"/conversations/{sara}").text
    answer = again(browser, sara, message_id, "app")

    assert AGAIN_IN_APP not in page
    assert BY_SMS in page
    assert answer.status_code == 409
    assert "Borgeren har ikke appen mere" in answer.text


def test_an_sms_that_never_left_may_go_into_the_app_too(
    house: House, browser: FlaskClient, sara: uuid.UUID, device: uuid.UUID
) -> None:
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=sara, text="Husk dit CV", author=Author.CASEWORKER)
        message.state, message.reason = MessageState.FAILED, "parked"
        message_id = message.id
    page = browser.get(f"/conversations/{sara}").text
    again(browser, sara, message_id, "app")
    placed = out(house)[-1]

    assert IN_APP in page
    assert (placed.medium, placed.content_class) == ("app", ContentClass.LOGIN_ONLY)
