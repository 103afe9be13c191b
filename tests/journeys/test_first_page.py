"""A caseworker's pages in a real browser: what waits for her decision, what happens while she looks, and the keys."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from adapters.errors import OutcomeUnknown
from messaging.conversations import resolving
from messaging.conversations.models import Attempt, Author
from messaging.conversations.sending import send_message
from messaging.conversations.work import MessageLane
from messaging.people import registering, wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import PauseReason, PhoneNumber
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import House
from tests.journeys.browsing import LISTENING, PATIENCE, at_desk_and_on_telephone, misfits, sign_in

pytestmark = pytest.mark.browser

OTHER_NUMBER = "+4529390626"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complains about, such as a breach of the content policy."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@at_desk_and_on_telephone
def test_a_caseworker_decides_what_waits_for_a_human(
    house: House, page: Page, address: str, complaints: list[str], size: dict[str, int]
) -> None:
    _citizen_with_decisions(house)
    page.set_viewport_size(size)
    sign_in(page, address)
    page.get_by_role("link", name="Ikke leveret").first.click()
    page.get_by_role("link", name="Sara Nielsen").click()
    expect(page.get_by_role("heading", name="Sara Nielsen")).to_be_visible()
    assert misfits(page) == []

    page.get_by_role("button", name="Den blev sendt").click()
    expect(page.get_by_role("status")).to_contain_text("Det er noteret, at beskeden blev sendt.")
    page.get_by_role("button", name="Send igen til nummeret").click()
    expect(page.get_by_role("status")).to_contain_text("Der kan igen sendes sms til nummeret.")
    page.get_by_role("button", name="Brug dette nummer").click()
    expect(page.get_by_role("status")).to_contain_text("Nummeret bruges fra nu af.")

    page.get_by_role("textbox", name="Svar som sms").fill("Kom bare ind")
    house.hears("Vent lidt", sender=OTHER_NUMBER)
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("alert")).to_contain_text("Der er kommet en ny besked, siden du åbnede siden.")
    expect(page.get_by_role("textbox", name="Svar som sms")).to_have_value("Kom bare ind")
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("log").get_by_role("listitem").filter(has_text="Kom bare ind")).to_be_visible()
    assert [heard for heard in complaints if "409" not in heard] == []


def test_pages_follow_what_happens_and_keys_lead_through_them(
    house: House, page: Page, address: str, complaints: list[str]
) -> None:
    house.citizen(caseworker=house.caseworker())
    sign_in(page, address)
    page.wait_for_timeout(LISTENING)
    house.hears("Hvor skal jeg møde?")
    row = page.get_by_role("link", name="Sara Nielsen")
    expect(row).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sara Nielsen")).to_be_visible()

    page.wait_for_timeout(LISTENING)
    page.keyboard.press("r")
    page.keyboard.type("Kom til os")
    house.hears("Og hvornår?")
    expect(page.get_by_role("log")).to_contain_text("Og hvornår?", timeout=PATIENCE)
    answer = page.get_by_label("Svar som sms")
    expect(answer).to_be_focused()
    expect(answer).to_have_value("Kom til os")

    page.get_by_role("heading", name="Sara Nielsen").click()
    page.keyboard.press("e")
    expect(page.get_by_text("Samtalen er afsluttet.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Genveje på tastaturet")).to_be_visible()
    assert complaints == []


def test_keys_can_be_switched_off(house: House, page: Page, address: str) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    sign_in(page, address)
    page.keyboard.press("?")
    page.get_by_label("Brug genveje i denne browser").uncheck(force=True)
    page.get_by_role("button", name="Luk").click()
    page.keyboard.press("j")

    expect(page.get_by_role("link", name="Sara Nielsen")).not_to_be_focused()


def test_the_first_key_leads_past_the_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/a-page-without-form")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Gå til indholdet")).to_be_focused()
    assert page.locator("html").get_attribute("lang") == "da"


def _citizen_with_decisions(house: House) -> uuid.UUID:
    """A citizen whose message is unclear for good, whose number is paused, and for whom another is proposed."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    runtime = house.runtime
    with runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=citizen_id, text="Vi ses torsdag", author=Author.CASEWORKER)
    runtime.channel.failures.append(OutcomeUnknown("timeout"))
    MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.INTERACTIVE).drain()
    with runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(intended_at=datetime(2020, 1, 1, tzinfo=UTC)))
        resolving.hand_to_humans(act, waits=runtime.config.waits)
        number = act.session.scalars(sa.select(PhoneNumber)).one()
        wishes.pause_number(act, number_id=number.id, reason=PauseReason.WRONG_NUMBER)
        registering.name_number(act, citizen_id=citizen_id, e164=OTHER_NUMBER, source="fagsystem.csv")
    return citizen_id
