"""Whom one can call: offered after a message that may be a sign of danger, calmly and without a judgement."""

import uuid
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from messaging.citizen_app.help_numbers import OFFERED, numbers_in_force
from messaging.clock import FixedClock
from messaging.conversations.danger import DangerKind, find_danger, kind_of_rule
from messaging.conversations.readability import EASY_BELOW, read
from messaging.conversations.rendering import read_texts
from messaging.web.language import LANGUAGES
from tests.house import House, csrf_token

HELP = read_texts("messaging.citizen_app", "help.toml")["number"]
OFFER = "Er det svært lige nu?"
SELF_HARM, VIOLENCE, THREAT, CALM = "jeg vil ikke leve mere", "min kæreste slår mig", "jeg slår dig ihjel", "tak"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _write(phone: FlaskClient, text: str) -> str:
    form = {"csrf_token": csrf_token(phone, "/app"), "message_id": str(uuid.uuid4()), "text": text}
    return phone.post("/app/messages", data=form, follow_redirects=True).text


@pytest.mark.parametrize(
    ("text", "offered", "others"),
    [
        (SELF_HARM, {"112", "70201201"}, {"1888"}),
        (VIOLENCE, {"112", "1888", "114"}, {"70201201"}),
        (THREAT, {"112"}, {"70201201", "1888"}),
    ],
)
def test_a_sign_of_danger_is_answered_with_whom_to_call(
    house: House, sara: uuid.UUID, text: str, offered: set[str], others: set[str]
) -> None:
    page = _write(house.phone(sara), text)

    assert OFFER in page
    for number in offered:
        assert f'href="tel:{number}"' in page
    for number in others:
        assert f'href="tel:{number}"' not in page


def test_other_messages_are_answered_with_nothing(house: House, sara: uuid.UUID) -> None:
    assert OFFER not in _write(house.phone(sara), CALM)


def test_the_offer_stands_above_the_form(house: House, sara: uuid.UUID) -> None:
    page = _write(house.phone(sara), SELF_HARM)

    assert page.index('id="newest"') < page.index(OFFER) < page.index("Skriv til din sagsbehandler")


def test_a_sign_in_an_sms_is_answered_in_the_app_too(house: House, sara: uuid.UUID) -> None:
    house.hears(SELF_HARM)

    assert OFFER in house.phone(sara).get("/app").text


def test_nobody_else_is_offered_anything(house: House, sara: uuid.UUID) -> None:
    other = house.citizen(caseworker=house.caseworker(), number="+4529390626")
    _write(house.phone(sara), SELF_HARM)

    assert OFFER not in house.phone(other).get("/app").text


def test_the_offer_ends_after_a_day(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    phone = house.phone(sara)
    _write(phone, SELF_HARM)
    clock.moment += OFFERED - timedelta(minutes=1)
    assert OFFER in phone.get("/app").text
    clock.moment += timedelta(minutes=2)

    assert OFFER not in phone.get("/app").text


def test_who_puts_it_away_has_peace_until_there_is_a_new_reason(
    house: House, sara: uuid.UUID, clock: FixedClock
) -> None:
    phone = house.phone(sara)
    _write(phone, SELF_HARM)
    clock.moment += timedelta(minutes=1)
    phone.post("/app/help/away", data={"csrf_token": csrf_token(phone, "/app")})
    assert OFFER not in phone.get("/app").text
    clock.moment += timedelta(minutes=1)

    assert OFFER in _write(phone, VIOLENCE)


def test_everybody_finds_all_numbers(house: House) -> None:
    page = house.browser().get("/app/help").text

    for written in HELP:
        assert f'href="tel:{written["number"].replace(" ", "")}"' in page


def test_every_sign_has_somebody_to_call_and_112_first() -> None:
    for kind in DangerKind:
        numbers = numbers_in_force(on=date(2027, 3, 2), language="da", kinds=frozenset({kind}))

        assert numbers[0].number == "112"


def test_numbers_are_in_force_from_day_to_day() -> None:
    assert numbers_in_force(on=min(written["valid_from"] for written in HELP) - timedelta(days=1), language="da") == []


@pytest.mark.parametrize("written", HELP, ids=lambda written: written["number"])
def test_what_is_said_of_each_is_plain_and_in_every_language(written: dict[str, dict[str, str]]) -> None:
    assert set(written["name"]) == set(written["says"]) == set(LANGUAGES)
    for said in written["says"].values():
        found = read(said)
        assert found
        assert found.lix < EASY_BELOW


def test_the_kind_of_a_sign_follows_from_its_rule() -> None:
    rules = read_texts("messaging.conversations", "danger.toml")["rule"]

    assert {rule["name"]: kind_of_rule(rule["name"]) for rule in rules} == {
        rule["name"]: rule["kind"] for rule in rules
    }
    for text in (SELF_HARM, VIOLENCE, THREAT):
        assert find_danger(text, on=date(2027, 3, 2))
