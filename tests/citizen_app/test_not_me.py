"""Somebody says that the messages on a phone are not hers: its access ends at once, and a human looks."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Device, EndedBy, Opened
from messaging.citizen_app.pages.doors import cookie_name
from messaging.clock import FixedClock
from messaging.conversations.models import Author, Conversation, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState, Waiting
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import PauseReason, PhoneNumber
from messaging.people.reaching import SMS
from tests.house import House, csrf_token

WORDS = "Husk mødet på torsdag"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _say(phone: FlaskClient) -> TestResponse:
    return phone.post("/app/not-me", data={"csrf_token": csrf_token(phone, "/app/not-me")})


def _writes(house: House, citizen_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=citizen_id, text=WORDS, author=Author.CASEWORKER)


def test_asking_changes_nothing_and_shows_nothing_of_anybody(house: House, sara: uuid.UUID) -> None:
    house.hears(WORDS)
    phone, before = house.phone(sara), house.everything()
    page = phone.get("/app/not-me").text

    assert house.everything() == before
    assert WORDS not in page
    assert "Sara" not in page


@pytest.mark.parametrize("opened", Opened)
def test_the_access_ends_at_once_whatever_opened_it(house: House, sara: uuid.UUID, opened: Opened) -> None:
    phone = house.phone(sara, opened=opened)
    token = phone.get_cookie(cookie_name(house.runtime.config))
    answer = _say(phone)

    assert answer.location == "/app/closed"
    assert "Tak, fordi du sagde det" in phone.get("/app/closed").text
    assert token
    kept = house.browser()
    kept.set_cookie(token.key, token.value, secure=True)
    assert kept.get("/app").location.startswith("/app/login")


def test_every_session_of_the_phone_ends_and_no_other_phone_is_touched(house: House, sara: uuid.UUID) -> None:
    phone, other = house.phone(sara), house.phone(sara)
    _say(phone)

    assert other.get("/app").status_code == 200
    with house.runtime.database.read() as session:
        ended = session.scalars(sa.select(Device.ended_by).order_by(Device.id)).all()
    assert ended == [EndedBy.SYSTEM, None]


def test_the_caseworker_is_told_where_she_looks(house: House, sara: uuid.UUID) -> None:
    _say(house.phone(sara))
    with house.runtime.database.read() as session:
        conversation = session.get_one(Conversation, sara)
        standing = (conversation.waiting, conversation.unread)
    desk = house.browser("mho")

    assert standing == (Waiting.FOR_US, 1)
    assert "Sara Nielsen" in desk.get("/conversations").text
    thread = desk.get(f"/conversations/{sara}").text
    assert "Nogen i appen sagde: Det er ikke mig." in thread
    assert "Tal med borgeren, før du åbner appen igen" in thread


def test_the_warning_goes_when_her_phone_is_let_in_again(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    _say(house.phone(sara))
    clock.moment += timedelta(days=1)
    house.phone(sara)

    thread = house.browser("mho").get(f"/conversations/{sara}").text
    assert "Nogen i appen sagde: Det er ikke mig." in thread
    assert "Tal med borgeren, før du åbner appen igen" not in thread


def test_it_is_journaled_and_audited(house: House, sara: uuid.UUID) -> None:
    _say(house.phone(sara, opened=Opened.CODE))

    with house.runtime.database.read() as session:
        events = session.scalars(sa.select(JournalEvent.type).filter_by(stream_id=sara)).all()
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert {"app.wrong_person", "number.paused"} <= set(events)
    assert "app.wrong_person" in actions


def test_a_code_that_reached_a_stranger_stops_the_number_too(house: House, sara: uuid.UUID) -> None:
    _writes(house, sara)
    _say(house.phone(sara, opened=Opened.CODE))

    with house.runtime.database.read() as session:
        number = session.scalars(sa.select(PhoneNumber)).one()
        states = session.scalars(sa.select(Message.state).filter_by(medium=SMS)).all()
    assert number.pause_reason is PauseReason.WRONG_NUMBER
    assert states == [MessageState.CANCELLED]


def test_a_phone_that_was_let_in_at_the_desk_says_nothing_of_the_number(house: House, sara: uuid.UUID) -> None:
    _writes(house, sara)
    _say(house.phone(sara))

    with house.runtime.database.read() as session:
        assert session.scalars(sa.select(PhoneNumber.paused_since)).one() is None
        assert session.scalars(sa.select(Message.state)).all() == [MessageState.QUEUED]
