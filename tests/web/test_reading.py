"""Reading a thread: personal numbers stay hidden until asked for, and what was read may be unread again."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.states import Action
from messaging.appointments.wording import ACTIONS
from messaging.appointments.work import AnswerReader
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation, Message
from messaging.conversations.states import Waiting
from tests.house import House, csrf_token

CPR = "010199-1234"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of the caseworker `mho`."""
    return house.citizen(caseworker=house.caseworker())


def _rows(house: House, table: Any, **chosen: Any) -> list[Any]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(table).filter_by(**chosen)))


def test_a_personal_number_is_hidden_until_somebody_asks_and_that_is_audited(house: House, sara: uuid.UUID) -> None:
    """A3."""
    house.hears(f"Mit nummer er {CPR}, og min søn hedder Åge")
    client, thread, message = house.browser("mho"), f"/conversations/{sara}", _rows(house, Message)[0]
    hidden = client.get(thread).text
    form = {"csrf_token": csrf_token(client, thread)}
    answer = client.post(f"{thread}/received/{message.id}/number", data=form)
    shown, again = client.get(thread).text, client.get(thread).text

    assert CPR not in hidden
    assert "og min søn hedder Åge" in hidden
    assert "Vis nummeret" in hidden
    assert (answer.status_code, CPR in answer.location) == (303, False)
    assert CPR in shown
    assert CPR not in again
    assert [entry.object_id for entry in _rows(house, AuditEntry, action="message.number_shown")] == [message.id]


def test_a_personal_number_is_shown_neither_later_nor_to_a_page_that_looks_by_itself(
    house: House, sara: uuid.UUID
) -> None:
    """A3."""
    house.hears(f"Mit nummer er {CPR}")
    client, thread, message = house.browser("mho"), f"/conversations/{sara}", _rows(house, Message)[0]
    form = {"csrf_token": csrf_token(client, thread)}
    client.post(f"{thread}/received/{message.id}/number", data=form)
    by_itself = client.get(thread, headers={"X-Live": "1"}).text
    house.runtime.clock.advance(minutes=2)

    assert CPR not in by_itself
    assert CPR not in client.get(thread).text


def test_a_thread_marked_unread_waits_for_us_again(house: House, sara: uuid.UUID) -> None:
    house.hears("Hvornår er mødet?")
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    form = {"csrf_token": csrf_token(client, thread), "seen": "1"}
    client.post(f"{thread}/settle", data=form)
    answer = client.post(f"{thread}/unread", data=form)
    row = _rows(house, Conversation)[0]

    assert (answer.status_code, answer.location) == (303, "/conversations")
    assert (row.waiting, row.unread) == (Waiting.FOR_US, 1)
    assert "1 ulæst" in client.get("/conversations").text
    assert len(_rows(house, AuditEntry, action="conversation.marked_unread")) == 1


def test_marking_unread_does_not_reset_how_long_somebody_waits(house: House, sara: uuid.UUID) -> None:
    house.hears("Hvornår er mødet?")
    since = _rows(house, Conversation)[0].waiting_since
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    form = {"csrf_token": csrf_token(client, thread)}
    house.runtime.clock.advance(minutes=5)
    client.post(f"{thread}/unread", data=form)

    assert _rows(house, Conversation)[0].waiting_since == since


@pytest.mark.parametrize("text", ["tak", "👍", "👍🏽", "🙏", "❤️", "👍 😊"])
def test_a_thanks_settles_itself_and_stays_readable(house: House, sara: uuid.UUID, text: str) -> None:
    house.hears(text)
    AnswerReader(house.runtime).drain()
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert _rows(house, Conversation)[0].waiting is Waiting.SETTLED
    assert text in page
    assert str(ACTIONS[Action.SETTLED]) in page


@pytest.mark.parametrize("text", ["😡", "😂", "👍?", "🙏 hvornår", "👎"])
def test_other_signs_wait_for_a_human(house: House, sara: uuid.UUID, text: str) -> None:
    house.hears(text)
    AnswerReader(house.runtime).drain()

    assert _rows(house, Conversation)[0].waiting is Waiting.FOR_US


def test_a_personal_number_in_triage_is_hidden(house: House, sara: uuid.UUID) -> None:
    house.hears(f"Jeg har {CPR}, hvem er I?", sender="+4529390626")
    page = house.browser("mho").get("/triage").text

    assert "hvem er I?" in page
    assert CPR not in page
