"""A caseworker writes into the citizen's app from the form under the thread."""

import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.conversations.work import ConversationWork
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.web.shell import EXTENSION
from tests.house import House, csrf_token, send_form

APP_BUTTON, SMS_BUTTON = 'value="send_app"', 'name="action" value="send"'


@pytest.fixture
def devices(house: House) -> set[uuid.UUID]:
    """Who has the app."""
    having: set[uuid.UUID] = set()
    shell = house.app.extensions[EXTENSION]
    house.app.extensions[EXTENSION] = replace(shell, has_app=lambda _, citizen_id: citizen_id in having)
    return having


@pytest.fixture
def sara_with_app(sara: uuid.UUID, devices: set[uuid.UUID]) -> uuid.UUID:
    devices.add(sara)
    return sara


@pytest.fixture
def browser(house: House, mette: Caseworker) -> FlaskClient:
    return house.browser(mette.initials)


def form_of(browser: FlaskClient, citizen_id: uuid.UUID, text: str, **more: str) -> dict[str, str]:
    token = csrf_token(browser, f"/conversations/{citizen_id}")
    return {
        "csrf_token": token,
        "message_id": str(uuid.uuid4()),
        "seen": "99",
        "text": text,
        "action": "send_app",
        **more,
    }


def post(browser: FlaskClient, citizen_id: uuid.UUID, text: str, **more: str) -> TestResponse:
    return browser.post(f"/conversations/{citizen_id}/messages", data=form_of(browser, citizen_id, text, **more))


def messages(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction="out").order_by(Message.seq)))


def words(house: House, message: Message) -> str:
    owner = message.conversation_id
    assert owner is not None
    return house.runtime.vault.open(message.body, owner=owner, place=body_place(message.id))


def in_textarea(answer: TestResponse) -> str:
    return answer.text.split('id="text"')[1].split(">", 1)[1].split("</textarea>")[0]


def test_the_app_is_offered_only_to_who_has_it(browser: FlaskClient, sara: uuid.UUID, devices: set[uuid.UUID]) -> None:
    without = browser.get(f"/conversations/{sara}").text
    devices.add(sara)
    having = browser.get(f"/conversations/{sara}").text

    assert (APP_BUTTON in without, SMS_BUTTON in without) == (False, True)
    assert (APP_BUTTON in having, SMS_BUTTON in having) == (True, True)


def test_a_message_is_put_into_the_app_as_it_was_typed(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    answer = post(browser, sara_with_app, "”Dit CPR er 010199-1234” …")

    (message,) = messages(house)
    assert answer.status_code == 303
    assert (message.medium, message.state) == ("app", MessageState.SENT)
    assert message.content_class is ContentClass.LOGIN_ONLY
    assert words(house, message) == "”Dit CPR er 010199-1234” …"


def test_the_thread_says_that_it_lies_in_the_app_and_hides_the_number(
    browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    post(browser, sara_with_app, "Dit CPR er 010199-1234", sensitive="yes")

    page = browser.get(f"/conversations/{sara_with_app}").text
    assert all(shown in page for shown in ("<span>App</span>", "Ligger i appen", "Kræver MitID", "Vis nummeret"))
    assert "010199-1234" not in page


def test_the_number_in_it_is_shown_to_who_asks(house: House, browser: FlaskClient, sara_with_app: uuid.UUID) -> None:
    post(browser, sara_with_app, "Dit CPR er 010199-1234")
    (message,) = messages(house)

    token = csrf_token(browser, f"/conversations/{sara_with_app}")
    shown = browser.post(
        f"/conversations/{sara_with_app}/received/{message.id}/number",
        data={"csrf_token": token},
        follow_redirects=True,
    )

    assert "010199-1234" in shown.text


def test_what_is_ticked_as_sensitive_needs_mitid(house: House, browser: FlaskClient, sara_with_app: uuid.UUID) -> None:
    post(browser, sara_with_app, "Om din sygdom", sensitive="yes")

    assert [message.content_class for message in messages(house)] == [ContentClass.SENSITIVE]


def test_an_sms_stays_an_sms_whatever_is_ticked(house: House, browser: FlaskClient, sara_with_app: uuid.UUID) -> None:
    house.hears("Hej")
    post(browser, sara_with_app, "Vi ses", sensitive="yes", action="send")

    assert [(message.medium, message.content_class) for message in messages(house)] == [("sms", ContentClass.SMS_OK)]


def test_text_that_may_not_leave_by_sms_goes_into_the_app_by_one_button(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    house.hears("Hej")
    held = post(browser, sara_with_app, "Dit CPR er 010199-1234", action="send")
    assert held.status_code == 422
    assert "Send i appen i stedet" in held.text
    assert in_textarea(held) == "Dit CPR er 010199-1234"

    assert post(browser, sara_with_app, in_textarea(held)).status_code == 303
    assert [message.medium for message in messages(house)] == ["app"]


def test_held_text_of_one_without_the_app_offers_no_app(house: House, browser: FlaskClient, sara: uuid.UUID) -> None:
    house.hears("Hej")

    assert "Send i appen i stedet" not in post(browser, sara, "Dit CPR er 010199-1234", action="send").text


def test_where_sms_is_impossible_only_the_app_is_offered(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    with house.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara_with_app)

    page = browser.get(f"/conversations/{sara_with_app}").text

    assert (APP_BUTTON in page, SMS_BUTTON in page) == (True, False)
    assert "Borgeren har frameldt sms." in page
    assert post(browser, sara_with_app, "Din plan").status_code == 303


def test_one_without_a_number_is_written_to_in_the_app(
    house: House, browser: FlaskClient, mette: Caseworker, devices: set[uuid.UUID]
) -> None:
    ahmed = house.citizen(caseworker=mette, first_name="Ahmed", number=None)
    devices.add(ahmed)

    assert post(browser, ahmed, "Din plan").status_code == 303
    assert [message.state for message in messages(house)] == [MessageState.SENT]


def test_form_that_comes_twice_is_one_message(house: House, browser: FlaskClient, sara_with_app: uuid.UUID) -> None:
    form = form_of(browser, sara_with_app, "Din plan")
    answers = [send_form(browser, f"/conversations/{sara_with_app}", form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(messages(house)) == 1


def test_form_that_comes_again_the_other_way_is_refused(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    house.hears("Hej")
    form = form_of(browser, sara_with_app, "Din plan")
    send_form(browser, f"/conversations/{sara_with_app}", form)
    again = browser.post(f"/conversations/{sara_with_app}/messages", data={**form, "action": "send"})

    assert again.status_code == 422
    assert [message.medium for message in messages(house)] == ["app"]


def test_who_has_not_seen_the_newest_is_told_first(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    form = form_of(browser, sara_with_app, "Din ”plan”", seen="0", sensitive="yes")
    house.hears("Jeg er syg")

    answer = browser.post(f"/conversations/{sara_with_app}/messages", data=form)

    assert answer.status_code == 409
    assert in_textarea(answer) == "Din ”plan”"
    assert 'name="sensitive" value="yes" checked' in answer.text
    assert messages(house) == []


def test_who_lost_the_app_meanwhile_gets_nothing_and_the_text_stays(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID, devices: set[uuid.UUID]
) -> None:
    form = form_of(browser, sara_with_app, "Din plan")
    devices.clear()

    answer = browser.post(f"/conversations/{sara_with_app}/messages", data=form)

    assert answer.status_code == 409
    assert "Borgeren har ikke appen mere" in answer.text
    assert in_textarea(answer) == "Din plan"
    assert messages(house) == []


@pytest.mark.parametrize("text", ["", "x" * 5001])
def test_text_that_is_no_message_is_refused(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID, text: str
) -> None:
    answer = post(browser, sara_with_app, text)

    assert answer.status_code == 422
    assert "højst 5000 tegn" in answer.text
    assert messages(house) == []


def test_one_for_later_waits_and_can_be_mended_as_it_is_typed(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    post(browser, sara_with_app, "Din plan", due_at="2027-03-03T10:15")
    (message,) = messages(house)
    address = f"/conversations/{sara_with_app}/messages/{message.id}/edit"
    page = browser.get(address).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    form = {"csrf_token": csrf_token(browser, address), "seen": seen, "due_at": "2027-03-03T11:15"}

    answer = browser.post(address, data={**form, "text": "”Ny” 010199-1234"})

    (changed,) = messages(house)
    assert "Den lægges i borgerens app." in page
    assert answer.status_code == 303
    assert (words(house, changed), changed.state) == ("”Ny” 010199-1234", MessageState.SCHEDULED)


def test_one_that_expired_before_it_was_placed_is_not_offered_as_sms(
    house: House, browser: FlaskClient, mette: Caseworker, sara_with_app: uuid.UUID
) -> None:
    post(browser, sara_with_app, "Din plan", due_at="2027-03-03T10:15")
    house.runtime.clock.advance(days=3)
    ConversationWork(runtime=house.runtime).sweep()

    page = house.browser(mette.initials).get(f"/conversations/{sara_with_app}").text
    assert "Udløbet" in page
    assert "Send igen som ny besked" not in page


def test_system_sees_by_which_way_it_went_and_who_may_read_it(
    house: House, browser: FlaskClient, sara_with_app: uuid.UUID
) -> None:
    post(browser, sara_with_app, "Din plan", sensitive="yes")

    answer = house.app.test_client().get(f"/api/v1/conversations/{sara_with_app}/messages", headers=house.key())

    (item,) = answer.get_json()["items"]
    assert (item["medium"], item["content_class"], item["state"]) == ("app", "sensitive", "sent")
