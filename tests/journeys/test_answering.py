"""Reading, answering and finding again by keyboard alone: nothing here touches the mouse."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.sending import send_message
from messaging.people.actors import SYSTEM
from tests.house import House
from tests.journeys import keyboard
from tests.journeys.browsing import PATIENCE, at_desk_and_on_telephone
from tests.journeys.case_system import journal

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@at_desk_and_on_telephone
def test_a_caseworker_answers_sees_the_receipt_come_and_settles(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Hej Mette, kan vi finde en ny tid?")
    keyboard.arrive(page, address, size)
    keyboard.open_first(page, "Sara Nielsen")
    keyboard.answer(page, "Ja, hvad med torsdag kl. 10?")
    page.evaluate("window.isTheSame = true")
    written = page.get_by_role("log").get_by_role("listitem").last
    expect(written).to_contain_text("Afventer journal")
    keyboard.back_to(page, "Træk tilbage")
    journal(house)
    expect(written).to_contain_text("I journalen: J-", timeout=PATIENCE)
    house.hears("Det er fint")
    expect(page.get_by_role("log")).to_contain_text("Det er fint", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Træk tilbage")).to_be_focused()
    assert page.evaluate("window.isTheSame")
    page.keyboard.press("e")

    expect(page.get_by_text("Samtalen er afsluttet.")).to_be_visible()


@at_desk_and_on_telephone
def test_an_empty_variable_is_refused(house: House, page: Page, address: str, size: dict[str, int]) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    house.citizen(caseworker=house.caseworker())
    house.hears("Hvornår er det?")
    keyboard.arrive(page, address, size)
    keyboard.open_first(page, "Sara Nielsen")
    keyboard.choose_template(page, "M6")
    keyboard.press(page, "Sæt ind")

    expect(page.get_by_role("alert")).to_contain_text("mødets dag mangler")
    expect(page.get_by_role("textbox", name="Svar som sms")).to_be_focused()


@at_desk_and_on_telephone
def test_message_sent_twice_without_a_connection_goes_once_when_it_is_back(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    keyboard.arrive(page, address, size)
    keyboard.open_first(page, "Sara Nielsen")
    page.keyboard.press("r")
    page.keyboard.type("Vi ses på torsdag")
    page.context.set_offline(True)
    keyboard.press(page, "Send sms")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-status")).to_contain_text("Ingen forbindelse.")
    expect(page.get_by_role("button", name="Send sms")).to_be_focused()
    kept = page.get_by_role("textbox", name="Svar som sms").input_value()
    before = _sent(house)
    page.context.set_offline(False)
    expect(page.get_by_role("log").get_by_role("listitem").last).to_contain_text("Vi ses på torsdag", timeout=PATIENCE)

    assert (kept, before, _sent(house)) == ("Vi ses på torsdag", 0, 1)


@at_desk_and_on_telephone
def test_an_old_message_is_found_in_its_context(house: House, page: Page, address: str, size: dict[str, int]) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Min læge siger, at jeg må cykle til praktikken igen")
    with house.runtime.act(SYSTEM) as act:
        for number in range(60):
            send_message(act, citizen_id=citizen_id, text=f"Brev {number}", author=Author.CASEWORKER)
    SearchIndexer(house.runtime).drain()
    keyboard.arrive(page, address, size)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Ord i beskeden")).to_be_focused()
    page.keyboard.type("cykler prakt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 besked")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["cykle", "praktikken"])
    page.wait_for_load_state()
    assert "cykle" not in page.url
    keyboard.open_first(page, "Sara Nielsen")
    found = page.get_by_role("listitem").filter(has_text="Min læge siger")
    expect(found).to_be_in_viewport()
    expect(found).to_have_css("outline-style", "solid")
    keyboard.press(page, "Vis de nyeste beskeder")

    expect(page.get_by_role("log")).to_contain_text("Brev 59")


def _sent(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message).filter_by(direction=Direction.OUT)) or 0
