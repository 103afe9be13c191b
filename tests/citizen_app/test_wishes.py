"""How a citizen wants to be met, said in the app: STOP and START in other words, and what stands on her card."""

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.seeding import seed
from messaging.citizen_app.models import Opened
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.card_models import Medium
from messaging.people.preferences import Wanted
from messaging.people.preferring import note_preferences
from messaging.people.reaching import reach
from messaging.people.wishes import opt_out
from tests.house import House, csrf_token

AS_KNOWN = {"sms": "yes", "medium": "sms", "language": "da", "interpreter": ""}


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    with house.runtime.database.write() as session:
        seed(session)
    return house.citizen(caseworker=house.caseworker())


def _wish(phone: FlaskClient, **said: str) -> TestResponse:
    form = {"csrf_token": csrf_token(phone, "/app/wishes"), **AS_KNOWN, **said}
    return phone.post("/app/wishes", data=form)


def _events(house: House, citizen_id: uuid.UUID) -> list[str]:
    with house.runtime.database.read() as session:
        chosen = sa.select(JournalEvent.type).filter_by(stream_id=citizen_id).order_by(JournalEvent.seq)
        return list(session.scalars(chosen))


def _opted_out(house: House, citizen_id: uuid.UUID) -> bool:
    with house.runtime.database.read() as session:
        return reach(session, citizen_id).opted_out


def test_no_to_sms_is_stop_and_yes_is_start(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    _wish(phone, sms="no", medium="app")
    assert _opted_out(house, sara)
    _wish(phone, sms="yes")

    assert not _opted_out(house, sara)
    assert [event for event in _events(house, sara) if event.startswith("opt_out")] == ["opt_out.set", "opt_out.lifted"]


def test_no_to_sms_calls_back_what_waits_but_no_code(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        for text, kind in (("Husk mødet", Kind.TEXT), ("Din kode er 123456", Kind.LOGIN_CODE)):
            send_message(act, citizen_id=sara, text=text, kind=kind, author=Author.SYSTEM)
    _wish(house.phone(sara), sms="no", medium="app")

    with house.runtime.database.read() as session:
        states = dict(tuple(row) for row in session.execute(sa.select(Message.kind, Message.state)))
    assert states == {Kind.TEXT: MessageState.CANCELLED, Kind.LOGIN_CODE: MessageState.QUEUED}


def test_whoever_says_no_is_told_that_the_duty_stands(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    _wish(phone, sms="no", medium="call")

    assert "Du skal stadig møde op." in phone.get("/app/wishes").text


def test_the_card_shows_what_she_said(house: House, sara: uuid.UUID) -> None:
    _wish(house.phone(sara), medium="call", language="en", interpreter="ar")

    card = house.browser("mho").get(f"/citizens/{sara}").text
    assert "Tolk: Arabisk" in card
    assert "citizen.preferences" in _events(house, sara)


def test_the_page_shows_what_is_known(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        note_preferences(act, citizen_id=sara, wanted=Wanted(medium=Medium.CALL, language="en", interpreter="so"))
        opt_out(act, citizen_id=sara)
    page = house.phone(sara).get("/app/wishes").text

    for chosen in ('value="no" checked', 'value="call" checked', 'value="en" checked', 'value="so" selected'):
        assert chosen in page


def test_the_same_again_writes_nothing(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    _wish(phone, language="en")
    before = house.everything()
    _wish(phone, language="en")

    assert house.everything() == before


def test_who_wants_no_sms_is_asked_for_another_way(house: House, sara: uuid.UUID) -> None:
    answer = _wish(house.phone(sara), sms="no", medium="sms", language="en")

    assert answer.status_code == 422
    assert "Vælg så appen, eller at vi ringer." in answer.text
    assert 'value="en" checked' in answer.text
    assert not _opted_out(house, sara)


@pytest.mark.parametrize(
    "said", [{"sms": "måske"}, {"medium": "due"}, {"language": "tlh"}, {"language": ""}, {"interpreter": "tlh"}]
)
def test_what_the_form_does_not_offer_changes_nothing(house: House, sara: uuid.UUID, said: dict[str, str]) -> None:
    phone = house.phone(sara)
    before = house.everything()

    assert _wish(phone, **said).status_code == 422
    assert house.everything() == before


def test_the_app_speaks_the_language_she_asked_for(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    _wish(phone, language="en")

    assert '<html lang="en"' in phone.get("/app").text


@pytest.mark.parametrize(("chosen", "spoken"), [(None, "en"), ("da", "da")])
def test_a_phone_that_is_let_in_speaks_her_language_unless_another_was_chosen_on_it(
    house: House, sara: uuid.UUID, chosen: str | None, spoken: str
) -> None:
    with house.runtime.act(SYSTEM) as act:
        note_preferences(act, citizen_id=sara, wanted=Wanted(language="en"))
    phone, address = house.browser(), house.offered(sara)
    if chosen is not None:
        phone.post("/language", data={"language": chosen, "csrf_token": csrf_token(phone, address)})
    phone.post(address, data={"csrf_token": csrf_token(phone, address)})

    assert f'<html lang="{spoken}"' in phone.get("/app").text


def test_a_code_by_sms_says_what_an_sms_could_say(house: House, sara: uuid.UUID) -> None:
    assert _wish(house.phone(sara, opened=Opened.CODE), sms="no", medium="app").status_code == 303
    assert _opted_out(house, sara)
