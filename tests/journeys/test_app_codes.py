"""A code by SMS as a citizen meets it on her phone: asked for, tried, and refused when there were too many."""

import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.readability import read
from messaging.web.language import LANGUAGES
from tests.citizen_app.asking import codes, write_codes
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults
from tests.journeys.in_hand import SMALL, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

HARDEST = 35
"""LIX of what citizens read stays below."""


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen who has written from her number."""
    with house.runtime.database.write() as session:
        seed(session)
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej Mette")
    return citizen_id


def _ask(held: Page, address: str, number: str = "24 10 19 21") -> None:
    held.goto(f"{address}/app")
    held.get_by_role("link", name="Få en kode").click()
    held.get_by_label("Dit mobilnummer").fill(number)
    held.get_by_role("button", name="Send koden").click()


def test_a_code_is_asked_for_mistyped_and_lets_in(
    house: House, browser: Browser, address: str, sara: uuid.UUID
) -> None:
    with phone(browser, script=False) as held:
        _ask(held, address)
        write_codes(house.runtime)
        (code,) = codes(house)
        held.get_by_label("Din kode på 6 tal").fill("000000" if code != "000000" else "111111")
        held.get_by_role("button", name="Log ind").click()
        expect(held.get_by_role("alert")).to_contain_text("Du kan prøve 4 gange til.")
        held.get_by_label("Din kode på 6 tal").fill(code)
        held.get_by_role("button", name="Log ind").click()

        expect(held.get_by_role("log")).to_contain_text("Hej Mette")


def test_who_asks_too_often_is_told_when_to_come_back(
    house: House, browser: Browser, address: str, sara: uuid.UUID
) -> None:
    with phone(browser) as held:
        for _ in range(3):
            _ask(held, address)
            expect(held.get_by_label("Din kode på 6 tal")).to_be_visible()
        _ask(held, address)
        expect(held.get_by_role("main")).to_contain_text("Vent en time, og prøv så igen.")
        write_codes(house.runtime)

        assert len(codes(house)) == 3


@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["telephone", "320 px"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_is_for_everybody_and_easily_read(
    house: House, browser: Browser, address: str, axe: str, sara: uuid.UUID, size: dict[str, int], language: str
) -> None:
    wrong: dict[str, list[str]] = {}
    hard: dict[str, int] = {}

    with phone(browser, size=size) as held:

        def look(name: str) -> None:
            if found := faults(held, axe):
                wrong[name] = found
            lix = read(held.get_by_role("main").inner_text()).lix
            if language == "da" and lix >= HARDEST:
                hard[name] = lix

        held.goto(f"{address}/app/login")
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
        held.goto(f"{address}/app/login")
        look("ways")
        held.goto(f"{address}/app/login/code")
        look("number")
        held.locator("#number").fill("112")
        held.locator("main form button").click()
        look("no number")
        for name in ("code", "code again", "code a third time", "later"):
            held.goto(f"{address}/app/login/code")
            held.locator("#number").fill("24101921")
            held.locator("main form button").click()
            look(name)
        held.goto(f"{address}/app/login/code/enter")
        for number in range(5):
            held.locator("#code").fill(f"00000{number}")
            held.locator("main form button").click()
            look(f"wrong {number}")

    assert wrong == {}
    assert hard == {}
