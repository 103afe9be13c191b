"""The app as a citizen uses it, on a phone: let in at the desk, read, write, and see what comes."""

import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import PATIENCE, TELEPHONE, faults, sign_in
from tests.journeys.in_hand import SMALL, offer, pair, phone, scan

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

SECRET = "Din ydelse er sat til 6.789 kr. – “husk” lønsedlen 😊"


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def _write(house: House, mette: Caseworker, citizen_id: uuid.UUID, text: str, class_: ContentClass) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=citizen_id,
            text=text,
            content_class=class_,
            author=Author.CASEWORKER,
            author_id=mette.id,
        )


def _wrote(house: House, citizen_id: uuid.UUID) -> int:
    chosen = sa.select(sa.func.count()).select_from(Message)
    with house.runtime.database.read() as session:
        return session.scalar(chosen.filter_by(conversation_id=citizen_id, direction=Direction.IN)) or 0


def test_a_citizen_is_let_in_at_the_desk_reads_and_answers(
    house: House, browser: Browser, page: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, SECRET, ContentClass.LOGIN_ONLY)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    with phone(browser) as held:
        pair(page, held, address)
        expect(page.get_by_role("status")).to_contain_text("Telefonen er åbnet.", timeout=PATIENCE)
        expect(held.get_by_role("log")).to_contain_text(SECRET)
        held.get_by_label("Skriv til din sagsbehandler").fill("Tak, jeg finder den")
        held.get_by_role("button", name="Send", exact=True).click()
        expect(held.get_by_role("log")).to_contain_text("Tak, jeg finder den")
        page.goto(f"{address}/conversations/{sara}")
        expect(page.get_by_role("log")).to_contain_text("Tak, jeg finder den")
        expect(page.get_by_role("log")).to_contain_text("Vist i appen")
        _write(house, mette, sara, "Det er fint, Sara", ContentClass.LOGIN_ONLY)

        expect(held.get_by_role("log")).to_contain_text("Det er fint, Sara", timeout=PATIENCE)
    assert _wrote(house, sara) == 1


def test_without_script_the_app_reads_and_answers(
    house: House, browser: Browser, page: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, SECRET, ContentClass.LOGIN_ONLY)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    with phone(browser, script=False) as held:
        pair(page, held, address)
        expect(held.get_by_role("log")).to_contain_text(SECRET)
        held.get_by_label("Skriv til din sagsbehandler").fill("Det er mig")
        held.get_by_role("button", name="Send", exact=True).click()

        expect(held.get_by_role("log")).to_contain_text("Det er mig")
    assert _wrote(house, sara) == 1


def test_the_installed_app_asks_for_six_digits_once(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    offer(page)
    start, digits = scan(page, address), page.locator(".digits").inner_text()
    with phone(browser) as held, phone(browser) as installed:
        held.goto(start)
        held.get_by_role("button", name="Ja, det er min telefon").click()
        installed.goto(f"{start}/open")
        installed.get_by_label("Seks tal").fill("000000" if digits != "000 000" else "111111")
        installed.get_by_role("button", name="Åbn appen").click()
        expect(installed.get_by_role("alert")).to_contain_text("Tallene passer ikke.")
        installed.get_by_label("Seks tal").fill(digits)
        installed.get_by_role("button", name="Åbn appen").click()
        expect(installed.get_by_role("log")).to_be_visible()
        installed.goto(f"{start}/open")

        expect(installed.get_by_role("log")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["360", "320"])
def test_every_page_of_the_app_can_be_used_by_everybody(
    house: House,
    browser: Browser,
    page: Page,
    address: str,
    axe: str,
    mette: Caseworker,
    sara: uuid.UUID,
    size: dict[str, int],
    language: str,
) -> None:
    _write(house, mette, sara, SECRET, ContentClass.LOGIN_ONLY)
    _write(house, mette, sara, SECRET, ContentClass.SENSITIVE)
    house.hears("Hej, det er en sms")
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    offer(page)
    start = scan(page, address)
    wrong = {}
    with phone(browser, size=size) as held:

        def look(name: str) -> None:
            if found := faults(held, axe):
                wrong[name] = found

        held.goto(f"{address}/app")
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
        look("ways in")
        held.goto(start)
        look("start")
        held.locator("main form button").click()
        look("started")
        for path in ("/app", "/app/more", "/app/devices", "/app/start/intet/open", "/app/nowhere"):
            held.goto(f"{address}{path}")
            look(path)
        held.goto(f"{address}/app")
        held.locator("#text").evaluate("field => field.removeAttribute('required')")
        held.locator("main form button").click()
        look("nothing written")
    with phone(browser, size=size) as other:
        other.goto(start)
        held = other
        look("over")
        other.goto(f"{start}/open")
        look("digits")
    assert wrong == {}
