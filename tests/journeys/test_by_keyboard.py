"""The day's work by keyboard alone: nothing here touches the mouse."""

import pytest
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from tests.house import PASSWORD, House
from tests.journeys.browsing import at_desk_and_on_telephone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

MOST_STEPS = 120
SHARED_NUMBER = "+4529390626"
FOCUSED = """() => {
    const at = document.activeElement;
    return (at.labels?.[0]?.textContent || at.getAttribute("aria-label") || at.textContent).trim();
}"""


def _to(page: Page, name: str) -> None:
    """Press Tab until what is named has the focus."""
    for _step in range(MOST_STEPS):
        if page.evaluate(FOCUSED).startswith(name):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {name}")


def _press(page: Page, name: str) -> None:
    """Go to a button or a link by Tab and press it."""
    _to(page, name)
    page.keyboard.press("Enter")


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    _to(page, "Initialer")
    page.keyboard.type("mho")
    _to(page, "Adgangskode")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    page.wait_for_load_state()


@at_desk_and_on_telephone
def test_a_caseworker_answers_and_settles(house: House, page: Page, address: str, size: dict[str, int]) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Hej Mette, kan vi finde en ny tid?")
    page.set_viewport_size(size)
    _sign_in(page, address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("kan vi finde en ny tid?")
    page.wait_for_load_state()
    page.keyboard.press("r")
    page.keyboard.type("Ja, hvad med torsdag kl. 10?")
    _press(page, "Send sms")
    expect(page.get_by_role("log")).to_contain_text("Ja, hvad med torsdag kl. 10?")
    house.hears("Det er fint")
    page.reload()
    _press(page, "Afslut uden svar")

    expect(page.get_by_text("Samtalen er afsluttet.")).to_be_visible()


@at_desk_and_on_telephone
def test_an_empty_variable_is_refused_and_the_outcome_is_one_key(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    house.appointment(citizen_id, staff, in_days=-1)
    page.set_viewport_size(size)
    _sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    _to(page, "Skabelon")
    while page.evaluate("document.activeElement.value") != "M6":
        page.keyboard.press("ArrowDown")
    _press(page, "Sæt ind")
    expect(page.get_by_role("alert")).to_contain_text("mangler")
    page.goto(f"{address}/meetings")
    _press(page, "Holdt")

    expect(page.get_by_text("Udfaldet noteres om lidt.")).to_be_visible()


@at_desk_and_on_telephone
def test_a_citizen_is_handed_over(house: House, page: Page, address: str, size: dict[str, int]) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    house.citizen(caseworker=house.caseworker())
    house.caseworker("ali", name="Ali Demir")
    page.set_viewport_size(size)
    _sign_in(page, address)
    _press(page, "Fravær")
    expect(page.get_by_role("heading", name="Fravær").first).to_be_visible()
    _press(page, "Overdrag borgere til en kollega")
    expect(page.get_by_label("Sara Nielsen")).to_be_visible()
    _to(page, "Sara Nielsen")
    page.keyboard.press("Space")
    _to(page, "Hvem tager over?")
    page.keyboard.type("Ali")
    _press(page, "Se, hvad der flytter med")
    expect(page.get_by_role("heading", name="Overdrag 1 borger til Ali Demir?")).to_be_visible()
    _press(page, "Overdrag nu")

    expect(page.get_by_role("status")).to_contain_text("1 borger er overdraget.")


@at_desk_and_on_telephone
def test_a_shared_numbers_message_finds_its_citizen(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    mette = house.caseworker()
    for first_name in ("Sara", "Emil"):
        citizen_id = house.citizen(caseworker=mette, first_name=first_name, number=SHARED_NUMBER)
    house.citizen(caseworker=mette, first_name="Freja", number=None)
    house.hears("Det er Emil, jeg kommer lidt for sent", sender=SHARED_NUMBER)
    page.set_viewport_size(size)
    _sign_in(page, address)
    _press(page, "Ukendte afsendere")
    expect(page.get_by_role("heading", name="Ukendte afsendere")).to_be_visible()
    _to(page, "Hvem har skrevet?")
    assert "Freja Nielsen" not in page.get_by_label("Hvem har skrevet?").inner_text()
    page.keyboard.type("Emil")
    _press(page, "Flyt til samtalen")
    expect(page.get_by_role("status")).to_contain_text("Beskeden står nu i borgerens samtale.")
    page.goto(f"{address}/conversations/{citizen_id}")

    expect(page.get_by_role("log")).to_contain_text("jeg kommer lidt for sent")
