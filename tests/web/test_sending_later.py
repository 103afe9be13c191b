"""A caseworker lets a message wait for its time: it is shown, can be called back, and leaves when it is due."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.clock import COPENHAGEN
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.people.models import Caseworker
from tests.house import House, csrf_token, send_form


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def write(browser: FlaskClient, citizen_id: uuid.UUID, *, due_at: str) -> TestResponse:
    page = f"/conversations/{citizen_id}"
    fields = dict(re.findall(r'name="(csrf_token|message_id|seen)"[^>]*value="([^"]*)"', browser.get(page).text))
    return send_form(browser, page, {**fields, "text": "Husk dit CV", "due_at": due_at, "action": "send"})


def messages(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message)))


def on(house: House, *, days: int, clock: str) -> str:
    """The form's words for a time so many days ahead."""
    return f"{(house.runtime.clock.now() + timedelta(days=days)).date()}T{clock}"


def test_message_waits_for_its_time_and_stands_in_the_list(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    browser = house.browser(mette.initials)
    answer = write(browser, sara, due_at=on(house, days=1, clock="10:15"))
    (message,) = messages(house)

    assert answer.status_code == 303
    assert (message.state, message.due_at.astimezone(COPENHAGEN).strftime("%H:%M")) == (MessageState.SCHEDULED, "10:15")
    assert "Sara Nielsen" in browser.get("/conversations?show=scheduled").text
    assert "Planlagt" in browser.get(f"/conversations/{sara}").text


def test_planned_message_can_be_called_back(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    browser = house.browser(mette.initials)
    write(browser, sara, due_at=on(house, days=1, clock="10:15"))
    (message,) = messages(house)
    form = {"csrf_token": csrf_token(browser, f"/conversations/{sara}")}
    browser.post(f"/conversations/{sara}/messages/{message.id}/cancel", data=form)

    assert messages(house)[0].state is MessageState.CANCELLED
    assert "Sara Nielsen" not in browser.get("/conversations?show=scheduled").text


@pytest.mark.parametrize(
    "later",
    ["2020-01-01T10:00", "9999-12-31T23:59", "0001-01-01T00:00", "i morgen", "2027-13-01T10:00"],
    ids=["past", "too far", "long ago", "words", "no month"],
)
def test_time_that_cannot_be_is_refused_and_the_text_kept(
    house: House, mette: Caseworker, sara: uuid.UUID, later: str
) -> None:
    answer = write(house.browser(mette.initials), sara, due_at=later)

    assert answer.status_code == 422
    assert "Vælg et tidspunkt" in answer.text
    assert "Husk dit CV" in answer.text
    assert messages(house) == []


def test_nothing_is_planned_for_the_night(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    answer = write(house.browser(mette.initials), sara, due_at=on(house, days=1, clock="03:00"))

    assert (answer.status_code, messages(house)) == (422, [])


def test_same_form_sent_again_with_another_time_is_no_second_message(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    browser, page = house.browser(mette.initials), f"/conversations/{sara}"
    fields = dict(re.findall(r'name="(csrf_token|message_id|seen)"[^>]*value="([^"]*)"', browser.get(page).text))
    form = {**fields, "text": "Husk dit CV", "action": "send"}
    first = send_form(browser, page, {**form, "due_at": on(house, days=1, clock="10:15")})
    second = send_form(browser, page, {**form, "due_at": on(house, days=1, clock="11:15")})

    assert (first.status_code, second.status_code) == (303, 422)
    assert len(messages(house)) == 1
