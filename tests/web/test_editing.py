"""A message that has not left is changed: before the lane takes it, and never after."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations import sweeping
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from tests.house import House


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def browser(house: House, mette: Caseworker) -> FlaskClient:
    return house.browser(mette.initials)


def planned(house: House, citizen_id: uuid.UUID, text: str = "Husk dit CV", *, hours: float = 24) -> uuid.UUID:
    with house.runtime.act(SYSTEM) as act:
        due = act.now + timedelta(hours=hours) if hours else None
        return send_message(act, citizen_id=citizen_id, text=text, author=Author.CASEWORKER, due_at=due).id


def opened(browser: FlaskClient, citizen_id: uuid.UUID, message_id: uuid.UUID) -> dict[str, str]:
    page = browser.get(f"/conversations/{citizen_id}/messages/{message_id}/edit").text
    return dict(re.findall(r'name="(csrf_token|seen|due_at)"[^>]*value="([^"]*)"', page))


def save(
    browser: FlaskClient, citizen_id: uuid.UUID, message_id: uuid.UUID, form: dict[str, str], text: str, **more: str
) -> TestResponse:
    path = f"/conversations/{citizen_id}/messages/{message_id}/edit"
    return browser.post(path, data={**form, "text": text, **more})


def stands(house: House, message_id: uuid.UUID) -> tuple[MessageState, str]:
    with house.runtime.database.read() as session:
        message = session.get_one(Message, message_id)
        owner = message.conversation_id or uuid.UUID(int=0)
        return message.state, house.runtime.vault.open(message.body, owner=owner, place=body_place(message.id))


def count(house: House, model: type, **where: object) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**where)) or 0


def test_planned_message_gets_other_words_and_both_are_journaled(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    message_id = planned(house, sara)
    answer = save(browser, sara, message_id, opened(browser, sara, message_id), "Husk dit pas")

    assert answer.status_code == 303
    assert stands(house, message_id) == (MessageState.SCHEDULED, "Husk dit pas")
    assert [count(house, JournalEvent, type=type_) for type_ in ("message.queued", "message.edited")] == [1, 1]
    assert count(house, AuditEntry, action="message.edited") == 1


def test_planned_message_whose_time_is_taken_away_leaves_now(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    message_id = planned(house, sara)
    save(browser, sara, message_id, opened(browser, sara, message_id), "Husk dit CV", due_at="")

    assert stands(house, message_id) == (MessageState.QUEUED, "Husk dit CV")


def test_same_change_twice_is_one(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    message_id = planned(house, sara)
    form = opened(browser, sara, message_id)
    answers = [save(browser, sara, message_id, form, "Husk dit pas") for _ in range(2)]

    assert [answer.location for answer in answers] == [f"/conversations/{sara}#newest"] * 2
    assert count(house, JournalEvent, type="message.edited") == 1


def test_of_two_who_change_it_the_second_is_told(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    message_id = planned(house, sara)
    form = opened(browser, sara, message_id)
    house.runtime.clock.advance(minutes=1)
    save(browser, sara, message_id, form, "Husk dit pas")
    answer = save(browser, sara, message_id, form, "Husk din cykel")

    assert "En anden har rettet beskeden imens." in browser.get(answer.location).text
    assert stands(house, message_id) == (MessageState.SCHEDULED, "Husk dit pas")


def test_message_that_fell_due_meanwhile_keeps_its_words_and_its_editor_is_told(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    message_id = planned(house, sara)
    form = opened(browser, sara, message_id)
    house.runtime.clock.advance(hours=24, minutes=1)
    with house.runtime.act(SYSTEM) as act:
        sweeping.release_due(act)
    browser = house.browser("mho")
    form["csrf_token"] = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/citizens").text)[0]
    answer = save(browser, sara, message_id, form, "Husk dit pas", due_at="")

    assert "Beskeden kan ikke rettes mere" in browser.get(answer.location).text
    assert stands(house, message_id) == (MessageState.QUEUED, "Husk dit CV")


def test_message_that_is_held_is_mended_and_sent(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    message_id = planned(house, sara, "Dit nummer er 010199-1234", hours=0)
    form = opened(browser, sara, message_id)
    refused = save(browser, sara, message_id, form, "Dit cpr er 010199-1234")
    held = stands(house, message_id)[0]
    save(browser, sara, message_id, form, "Ring til mig")

    assert (refused.status_code, held) == (422, MessageState.HELD)
    assert stands(house, message_id) == (MessageState.QUEUED, "Ring til mig")


def test_thread_leads_to_changing_what_is_planned(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    message_id = planned(house, sara)

    assert f"/conversations/{sara}/messages/{message_id}/edit" in browser.get(f"/conversations/{sara}").text
