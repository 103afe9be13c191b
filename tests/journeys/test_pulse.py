"""The two questions on a citizen's phone: scanned at the desk, 320 px wide, without script, and easy to read."""

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.conversations.readability import EASY_BELOW, read
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm
from messaging.trial.taking_part import join
from messaging.web.language import LANGUAGES
from tests.experience.conftest import Desk
from tests.house import House
from tests.journeys.browsing import DESK, faults, misfits, sign_in
from tests.journeys.in_hand import SMALL, phone, scan

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


def test_a_code_from_the_desks_screen_is_answered_on_a_phone(
    house: House, browser: Browser, page: Page, address: str, axe: str
) -> None:
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: Arm.SMS})
    house.appointment(citizen_id, mette, in_days=-0.01)
    page.set_viewport_size(DESK)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.get_by_role("button", name="Vis en kode til borgeren").click()
    assert faults(page, axe) == []
    with phone(browser, size=SMALL, script=False) as held:
        held.goto(scan(page, address))
        assert misfits(held) == []
        held.get_by_role("group", name="Var det let at få kontakt").get_by_label("Ja", exact=True).check()
        held.get_by_role("group", name="Vidste du før mødet").get_by_label("Nej, slet ikke").check()
        held.get_by_role("button", name="Send svar").click()
        expect(held.get_by_role("heading", level=1)).to_have_text("Tak for dit svar")
        held.go_back()
        held.reload()

        expect(held.get_by_role("heading", level=1)).to_have_text("Koden virker ikke")
        assert held.context.cookies() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_is_for_everybody_and_easily_read(
    browser: Browser, address: str, axe: str, house: House, language: str
) -> None:
    (code,) = Desk(runtime=house.runtime).hands_out()
    wrong: dict[str, list[str]] = {}
    with phone(browser, size=SMALL) as held:
        for path in (f"/p/{code}", "/p", "/p/7KQ4M2XD9T", "/p/thanks"):
            held.goto(f"{address}{path}")
            if language != "da":
                held.get_by_role("link", name=LANGUAGES[language]).click()
            if found := faults(held, axe):
                wrong[path] = found
            reading = read(held.get_by_role("main").inner_text())
            if language == "da" and reading and reading.lix >= EASY_BELOW:
                wrong[f"{path} LIX"] = [str(reading.lix)]

    assert wrong == {}
