"""What stands beside the messages of a thread: what a human decides, pictures, and how an answer was read."""

import dataclasses
import re
import uuid
from datetime import UTC, datetime
from itertools import count

import pytest
import sqlalchemy as sa

from adapters.channels.twilio_codes import BLOCKED_AT_PROVIDER, explain
from adapters.contract import InboundMessage, MediaReference
from adapters.errors import OutcomeUnknown
from messaging.app import create_app
from messaging.appointments.answering import UNREADABLE
from messaging.appointments.reading_wording import BECAUSE
from messaging.appointments.reply_rules import RULES, Label
from messaging.appointments.seeding import seed
from messaging.appointments.states import Action
from messaging.appointments.wording import ACTIONS, LABELS, NOT_SPOKEN_OF
from messaging.appointments.work import AnswerReader
from messaging.audit.models import AuditEntry
from messaging.conversations import resolving, wording
from messaging.conversations.hooks import take_message
from messaging.conversations.keywords import Keyword
from messaging.conversations.models import Attempt, Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.conversations.work import MessageLane
from messaging.people.actors import SYSTEM
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.fakes import FakeChannel
from tests.house import NUMBER, House, csrf_token

_ids = count(1)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of the caseworker `mho`."""
    return house.citizen(caseworker=house.caseworker())


def _write(house: House, citizen_id: uuid.UUID) -> uuid.UUID:
    with house.runtime.act(SYSTEM) as act:
        return send_message(act, citizen_id=citizen_id, text="Vi ses", author=Author.CASEWORKER).id


def _message(house: House, message_id: uuid.UUID) -> Message:
    with house.runtime.database.read() as session:
        return session.get_one(Message, message_id)


def _lose_the_answer(house: House, citizen_id: uuid.UUID) -> uuid.UUID:
    """Write a message of which the provider has not told whether it was sent."""
    runtime, message_id = house.runtime, _write(house, citizen_id)
    runtime.channel.failures.append(OutcomeUnknown("timeout"))
    MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.INTERACTIVE).drain()
    return message_id


def _leave_to_human(house: House, citizen_id: uuid.UUID) -> uuid.UUID:
    """Write a message of which the provider never told whether it was sent."""
    runtime, message_id = house.runtime, _lose_the_answer(house, citizen_id)
    with runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(intended_at=datetime(2020, 1, 1, tzinfo=UTC)))
        assert resolving.hand_to_humans(act, waits=runtime.config.waits) == 1
    return message_id


def _decide(house: House, citizen_id: uuid.UUID, message_id: uuid.UUID, was_sent: str) -> int:
    client = house.browser("mho")
    form = {"csrf_token": csrf_token(client, "/conversations"), "was_sent": was_sent}
    return client.post(f"/conversations/{citizen_id}/messages/{message_id}/decide", data=form).status_code


@pytest.mark.parametrize(("word", "state"), [("yes", MessageState.SENT), ("no", MessageState.QUEUED)])
def test_a_human_says_what_became_of_an_unclear_message(
    house: House, sara: uuid.UUID, word: str, state: MessageState
) -> None:
    message_id = _leave_to_human(house, sara)
    page = house.browser("mho").get(f"/conversations/{sara}").text
    house.runtime.waker.woken.clear()
    status = _decide(house, sara, message_id, word)
    with house.runtime.database.read() as session:
        decided = session.scalars(sa.select(AuditEntry).filter_by(action="message.decided")).one()

    assert "Den blev ikke sendt" in page
    assert status == 303
    assert _message(house, message_id).state is state
    assert decided.object_id == message_id
    assert Lane.INTERACTIVE in house.runtime.waker.woken


def test_a_message_is_decided_about_once_and_only_with_a_clear_word(house: House, sara: uuid.UUID) -> None:
    message_id = _leave_to_human(house, sara)
    answers = [_decide(house, sara, message_id, word) for word in ("perhaps", "yes", "no")]

    assert answers == [422, 303, 409]


def test_a_message_that_is_still_looked_for_has_no_buttons(house: House, sara: uuid.UUID) -> None:
    message_id = _write(house, sara)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(id=message_id).values(state="unclear", reason="timeout"))
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert "Uklart" in page
    assert "Den blev ikke sendt" not in page


def test_a_message_that_is_still_looked_for_is_not_decided_about(house: House, sara: uuid.UUID) -> None:
    message_id = _lose_the_answer(house, sara)
    client = house.browser("mho")
    form = {"csrf_token": csrf_token(client, "/conversations"), "was_sent": "no"}
    answer = client.post(f"/conversations/{sara}/messages/{message_id}/decide", data=form)

    assert answer.status_code == 303
    assert str(wording.STILL_LOOKED_FOR) in client.get(f"/conversations/{sara}").text
    assert _message(house, message_id).state is MessageState.UNCLEAR


def test_nobody_decides_about_a_foreign_message(house: House) -> None:
    """S3, for this route: also not by way of one's own citizen."""
    foreign = house.citizen(caseworker=house.caseworker("foreign", unit="Team B"))
    own = house.citizen(caseworker=house.caseworker(), number="+4529390626")
    message_id = _leave_to_human(house, foreign)
    answers = [_decide(house, citizen_id, message_id, "yes") for citizen_id in (foreign, own)]

    assert answers == [404, 404]
    assert _message(house, message_id).state is MessageState.UNCLEAR


def _hear_pictures(house: House, text: str, *, pictures: int, sender: str = NUMBER) -> None:
    media = tuple(MediaReference(url=f"https://api.twilio.com/{n}", content_type="image/jpeg") for n in range(pictures))
    take_message(
        house.runtime,
        InboundMessage(
            provider_message_id=f"MM{next(_ids)}",
            account="fake",
            sender=sender,
            recipient="+4591000000",
            text=text,
            media=media,
        ),
    )


def test_pictures_are_told_of_though_they_cannot_be_shown(house: House, sara: uuid.UUID) -> None:
    _hear_pictures(house, "", pictures=1)
    _hear_pictures(house, "Se her", pictures=2)
    _hear_pictures(house, "Hvem er I?", pictures=1, sender="+4599887766")
    client = house.browser("mho")
    page = client.get(f"/conversations/{sara}").text

    assert re.findall(r"[^<>]*modtaget \(kan ikke vises her\)", page) == [
        "Billede modtaget (kan ikke vises her)",
        "2 billeder modtaget (kan ikke vises her)",
    ]
    assert "Billede modtaget" in client.get("/triage").text


def test_another_system_learns_how_many_files_came(house: House, sara: uuid.UUID) -> None:
    _hear_pictures(house, "Se her", pictures=2)
    house.hears("Hej")
    answer = house.app.test_client().get(f"/api/v1/conversations/{sara}/messages", headers=house.key())

    assert [message["media"] for message in answer.json["items"]] == [2, 0]


class ExplainingChannel(FakeChannel):
    """Knows its codes, as the channels of providers do."""

    def explain(self, code: str) -> str:
        return explain(code)


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [(ExplainingChannel(), BLOCKED_AT_PROVIDER), (FakeChannel(), wording.explain("21610"))],
    ids=["explaining", "silent"],
)
def test_a_failure_is_told_in_the_providers_words_where_it_has_some(
    house: House, sara: uuid.UUID, channel: FakeChannel, sentence: str
) -> None:
    message_id = _write(house, sara)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(id=message_id).values(state="failed", reason="21610"))
    runtime = dataclasses.replace(house.runtime, channel=channel)
    there = dataclasses.replace(house, runtime=runtime, app=create_app(runtime, log_file=house.log))
    page = there.browser("mho").get(f"/conversations/{sara}").text

    assert sentence in page
    assert "Ring til borgeren, eller skriv i Digital Post." in page


def _read_answers(house: House) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    AnswerReader(house.runtime).drain()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Tak", "Forstået som: tak, fordi beskeden siger tak og ikke andet. Kræver ikke svar."),
        ("Jeg er syg", "Forstået som: borgeren er syg, fordi beskeden fortæller om sygdom."),
        (
            "Forkert nummer",
            "Forstået som: forkert nummer, fordi beskeden siger, at nummeret er en andens. Nummeret er sat på pause.",
        ),
        ("Jeg gider ikke have flere sms fra jer", "Måske ønsker borgeren ikke flere sms’er. Spørg borgeren."),
        ("STOP", "Forstået som: STOP – ingen sms, fordi beskeden kun er det ord. Udført, da beskeden kom."),
    ],
)
def test_how_an_answer_was_read_stands_below_it(house: House, sara: uuid.UUID, text: str, note: str) -> None:
    house.hears(text)
    _read_answers(house)
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert re.findall(r'<div class="message-note">(?:<p>)?([^<]*)<', page) == [note]


def test_nothing_is_said_of_a_text_that_no_rule_understood(house: House, sara: uuid.UUID) -> None:
    house.hears("Min mor bor i Kolding")
    _read_answers(house)

    assert "message-note" not in house.browser("mho").get(f"/conversations/{sara}").text


def test_every_reading_has_its_danish_words() -> None:
    assert {rule.name for rule in RULES} <= set(BECAUSE)
    assert set(LABELS) | NOT_SPOKEN_OF == {*Label, *Keyword, UNREADABLE}
    assert set(ACTIONS) == set(Action)


def test_reading_is_corrected_with_one_tap_and_then_told_what_it_means(house: House, sara: uuid.UUID) -> None:
    house.hears("Jeg er syg")
    _read_answers(house)
    browser, address = house.browser("mho"), f"/conversations/{sara}"
    page = browser.get(address).text
    tap = re.search(r'action="([^"]*/meaning)"', page)[1]

    assert re.findall(r'name="label" value="(\w+)">([^<]*)<', page) == [("other", "Forkert forstået")]
    browser.post(tap, data={"csrf_token": csrf_token(browser, address), "label": "other"})
    page = browser.get(address).text
    assert "Forkert forstået som: borgeren er syg." in page
    assert 'value="late">borgeren kommer for sent<' in page
    browser.post(tap, data={"csrf_token": csrf_token(browser, address), "label": "late"})
    assert "Rettet til: borgeren kommer for sent." in browser.get(address).text


def test_guess_is_confirmed_with_one_tap(house: House, sara: uuid.UUID) -> None:
    house.hears("Ja jeg kommer sammen med min mor")
    _read_answers(house)
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert "Måske: borgeren kommer." in page
    assert re.findall(r'name="label" value="(\w+)">([^<]*)<', page) == [("confirm", "Ja, det passer")]


def test_message_of_another_citizen_is_not_corrected_in_her_thread(house: House, sara: uuid.UUID) -> None:
    other = house.citizen(caseworker=house.caseworker(), number="+4528999999")
    house.hears("Jeg er syg")
    _read_answers(house)
    browser, address = house.browser("mho"), f"/conversations/{sara}"
    page = browser.get(address).text
    tap = re.search(r'action="([^"]*/meaning)"', page)[1].replace(str(sara), str(other))

    assert browser.post(tap, data={"csrf_token": csrf_token(browser, address), "label": "other"}).status_code == 404
