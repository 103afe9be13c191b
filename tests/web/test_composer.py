"""The form under a thread: to whom it goes, approved texts, what may not be sent, and how long it is."""

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.conversations.models import Message, Template
from messaging.conversations.states import MessageState
from messaging.conversations.wording import REASONS
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.card_models import Preference
from messaging.people.models import Caseworker, ContactPoint, PauseReason, PhoneNumber
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from tests.house import House, csrf_token, send_form


@pytest.fixture
def browser(house: House, mette: Caseworker) -> FlaskClient:
    return house.browser(mette.initials)


def form_of(browser: FlaskClient, citizen_id: uuid.UUID, text: str, **more: str) -> dict[str, str]:
    token = csrf_token(browser, f"/conversations/{citizen_id}")
    return {"csrf_token": token, "message_id": str(uuid.uuid4()), "seen": "99", "text": text, **more}


def post(browser: FlaskClient, citizen_id: uuid.UUID, text: str = "", **more: str) -> TestResponse:
    return browser.post(f"/conversations/{citizen_id}/messages", data=form_of(browser, citizen_id, text, **more))


def messages(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction="out")))


def inserted(answer: TestResponse) -> str:
    return answer.text.split('id="text"')[1].split(">", 1)[1].split("</textarea>")[0]


def share_number(house: House) -> None:
    with house.runtime.act(SYSTEM) as act:
        number_id = act.session.scalars(sa.select(PhoneNumber.id)).one()
        wishes.mark_shared(act, number_id=number_id, shared=True)


def test_first_message_to_a_number_asks_once_more_and_keeps_the_text(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    form = form_of(browser, sara, "Vi ses")
    asked = browser.post(f"/conversations/{sara}/messages", data=form)

    assert asked.status_code == 409
    assert "Ja, send til" in asked.text
    assert form["message_id"] in asked.text
    assert inserted(asked) == "Vi ses"
    assert messages(house) == []


def test_second_step_sends_it_once(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    form = form_of(browser, sara, "Vi ses")
    answers = [send_form(browser, f"/conversations/{sara}", form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(messages(house)) == 1


def test_number_she_has_written_from_asks_nothing_and_says_when(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    house.hears("Hej")

    assert "Sidst hørt fra nummeret i dag kl. 10.00." in browser.get(f"/conversations/{sara}").text
    assert post(browser, sara, "Hej Sara").status_code == 303


def test_number_that_something_arrived_at_asks_nothing(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    send_form(browser, f"/conversations/{sara}", form_of(browser, sara, "Vi ses"))
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).values(state=MessageState.DELIVERED))

    assert post(browser, sara, "Og husk dit CV").status_code == 303


def test_approved_text_is_put_in_with_her_data_and_its_name_is_kept(
    house: House, browser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("Hej")
    house.appointment(sara, mette)
    drawn = post(browser, sara, template="M6", action="template")
    text = inserted(drawn)
    post(browser, sara, text, template="M6", action="send")
    (message,) = messages(house)

    assert text.startswith("Hej Sara. På mødet sø. 7/3 taler vi om ")
    assert text.endswith("Mette, Ungecenteret")
    assert message.template == "M6//da/1"


def test_text_that_was_changed_is_no_longer_the_approved_one(
    house: House, browser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("Hej")
    house.appointment(sara, mette)
    text = inserted(post(browser, sara, template="M6", action="template"))
    post(browser, sara, f"{text} Husk dit CV.", template="M6", action="send")

    assert [message.template for message in messages(house)] == [None]


def test_approved_text_is_put_in_in_the_language_she_reads(
    house: House, browser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("Hej")
    with house.runtime.act(SYSTEM) as act:
        danish = act.session.scalars(sa.select(Template).filter_by(key="M9", variant="", language="da")).one()
        kept = {name: getattr(danish, name) for name in ("key", "variant", "version", "content_class", "approved_by")}
        english = "Hi {first_name}. Log in to {app} to read a message."
        act.session.add(Template(**kept, language="en", text=english, valid_from=danish.valid_from))
        act.session.add(Preference(citizen_id=sara, language="en", changed_at=act.now))
    text = inserted(post(browser, sara, template="M9", action="template"))
    post(browser, sara, text, template="M9", action="send")
    (message,) = messages(house)

    assert text == "Hi Sara. Log in to Mit Ungecenter to read a message."
    assert message.template == "M9//en/1"


def test_text_with_a_hole_is_refused_by_the_name_of_what_is_missing(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    house.hears("Hej")
    answer = post(browser, sara, "Mit eget", template="M6", action="template")

    assert answer.status_code == 422
    assert "mødets dag mangler" in answer.text
    assert inserted(answer) == "Mit eget"


def test_text_behind_login_and_texts_the_service_sends_are_not_offered(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    with house.runtime.database.write() as session:
        session.execute(sa.update(Template).filter_by(key="M5").values(content_class="login_only"))
    page = browser.get(f"/conversations/{sara}").text

    assert 'value="M6"' in page
    assert 'value="M5"' not in page
    assert 'value="M1"' not in page
    assert post(browser, sara, template="M5", action="template").status_code == 422


def test_text_that_has_ended_is_not_offered(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    with house.runtime.database.write() as session:
        session.execute(sa.update(Template).filter_by(key="M6").values(valid_to=house.runtime.clock.now()))

    assert 'value="M6"' not in browser.get(f"/conversations/{sara}").text


def test_shared_number_gets_only_texts_without_content(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    house.hears("Hej")
    share_number(house)
    refused = post(browser, sara, "Hej Sara")
    text = inserted(post(browser, sara, template="M9", action="template"))
    sent = send_form(browser, f"/conversations/{sara}", form_of(browser, sara, text, template="M9"))

    assert refused.status_code == 422
    assert "Vælg en skabelon uden personlige oplysninger." in refused.text
    assert "Sara" not in text
    assert sent.status_code == 303
    assert [(message.template, message.state) for message in messages(house)] == [
        ("M9/content_free/da/1", MessageState.QUEUED)
    ]


def test_what_may_not_leave_is_shown_before_anything_is_written(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    house.hears("Hej")
    answer = post(browser, sara, "Dit nummer er 010199-1234")

    assert answer.status_code == 422
    assert str(REASONS["cpr"]) in answer.text
    assert "ring til borgeren, eller skriv i Digital Post" in answer.text
    assert inserted(answer) == "Dit nummer er 010199-1234"
    assert messages(house) == []


def test_emoji_is_named_and_can_be_removed(browser: FlaskClient, sara: uuid.UUID) -> None:
    measured = post(browser, sara, "Vi ses 😀 i morgen", action="measure").text
    plain = post(browser, sara, "Vi ses 😀 i morgen", action="plain")

    assert "Emoji 😀 gør den længere." in measured
    assert inserted(plain) == "Vi ses i morgen"


def test_length_price_and_reading_are_told_while_writing(browser: FlaskClient, sara: uuid.UUID) -> None:
    form = {"text": "Vi ses i morgen. " * 12, "csrf_token": csrf_token(browser, f"/conversations/{sara}")}
    said = browser.post("/messages/measure", data=form).text

    assert "Fylder 2 sms’er (0,70 kr.)" in said
    assert "Læsbarhed: let" in said


@pytest.mark.parametrize(
    ("column", "why", "to_do"),
    [
        ("opted_out", "Borgeren har frameldt sms.", "Åbn borgerkortet"),
        ("paused", "Nummeret er sat på pause", "Se nummeret"),
        ("closed", "Sagen er lukket.", "Genåbn sagen"),
    ],
)
def test_where_nothing_may_be_sent_the_next_step_stands_in_place_of_the_form(
    house: House, browser: FlaskClient, sara: uuid.UUID, column: str, why: str, to_do: str
) -> None:
    card = f"/citizens/{sara}"
    if column == "closed":
        browser.post(f"{card}/close", data={"csrf_token": csrf_token(browser, card), "reason": "Kommet i arbejde"})
    with house.runtime.act(SYSTEM) as act:
        if column == "opted_out":
            wishes.opt_out(act, citizen_id=sara)
        if column == "paused":
            number_id = act.session.scalars(sa.select(PhoneNumber.id)).one()
            wishes.pause_number(act, number_id=number_id, reason=PauseReason.WRONG_NUMBER)
    page = browser.get(f"/conversations/{sara}").text

    assert f"Du kan ikke sende sms nu. {why}" in page
    assert f'href="{card}">{to_do}</a>' in page
    assert 'id="text"' not in page


def test_what_was_written_when_nothing_may_be_sent_any_more_stays_in_the_form(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    with house.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)
    answer = post(browser, sara, "Vi ses på torsdag")

    assert "Ikke sendt. Borgeren har frameldt sms." in answer.text
    assert inserted(answer) == "Vi ses på torsdag"


def in_arm(house: House, citizen_id: uuid.UUID, arm: Arm) -> None:
    with house.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: arm})


def decisions(house: House) -> list[tuple[str, str]]:
    with house.runtime.database.read() as session:
        return [(row.sort, row.verdict) for row in session.scalars(sa.select(ArmDecision))]


def test_control_arm_of_the_trial_is_written_to_only_for_a_reason_and_both_are_kept(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    in_arm(house, sara, Arm.CONTROL)
    point = contact_point(house)
    refused = post(browser, sara, "Kan du komme?", action="send", confirmed=point)
    sent = post(browser, sara, "Kan du komme?", action="send", confirmed=point, override="Aftalt ved skranken")

    assert refused.status_code == 409
    assert "Borgeren er i forsøgets kontrolgruppe" in refused.text
    assert "Kan du komme?" in inserted(refused)
    assert sent.status_code == 303
    assert decisions(house) == [("free", "withheld"), ("free", "overridden")]


def test_a_reason_too_short_is_asked_for_again(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    in_arm(house, sara, Arm.CONTROL)
    answer = post(browser, sara, "Kan du komme?", action="send", confirmed=contact_point(house), override="ok")

    assert answer.status_code == 422
    assert "Skriv en grund på 5 til 500 tegn." in answer.text
    assert messages(house) == []


def test_who_has_written_is_answered_without_a_reason(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    in_arm(house, sara, Arm.CONTROL)
    house.hears("Hvornår er det?")

    assert 'name="override"' not in browser.get(f"/conversations/{sara}").text
    assert post(browser, sara, "Torsdag", action="send").status_code == 303


def test_apps_arm_of_the_trial_is_written_to_in_the_app_without_a_phone(
    house: House, browser: FlaskClient, sara: uuid.UUID
) -> None:
    in_arm(house, sara, Arm.APP)
    by_sms = post(browser, sara, "Kan du komme?", action="send", confirmed=contact_point(house))
    in_app = post(browser, sara, "Kan du komme?", action="send_app")

    assert (by_sms.status_code, in_app.status_code) == (409, 303)
    assert "forsøgets app-gruppe" in by_sms.text
    assert [message.medium for message in messages(house)] == ["app"]


def contact_point(house: House) -> str:
    with house.runtime.database.read() as session:
        return str(session.scalars(sa.select(ContactPoint.id)).one())
