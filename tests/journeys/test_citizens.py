"""Who a message is from, at which number a citizen is reached, and one message to many: by keyboard alone."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.sending import send_message
from messaging.conversations.work import ConversationWork
from messaging.people.actors import SYSTEM
from messaging.people.wishes import opt_out
from tests.house import House
from tests.journeys import keyboard
from tests.journeys.browsing import at_desk_and_on_telephone, faults

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

SHARED_NUMBER = "+4529390626"


@at_desk_and_on_telephone
def test_a_shared_numbers_message_finds_its_citizen(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    mette = house.caseworker()
    for first_name in ("Sara", "Emil"):
        house.citizen(caseworker=mette, first_name=first_name, number=SHARED_NUMBER)
    house.citizen(caseworker=mette, first_name="Freja", number=None)
    house.hears("Det er Emil, jeg kommer lidt for sent", sender=SHARED_NUMBER)
    keyboard.arrive(page, address, size)
    keyboard.press(page, "Ukendte afsendere")
    expect(page.get_by_role("heading", name="Ukendte afsendere")).to_be_visible()
    assert "Freja Nielsen" not in page.get_by_label("Hvem har skrevet?").inner_text()
    keyboard.write(page, "Hvem har skrevet?", "Emil")
    keyboard.press(page, "Flyt til samtalen")
    expect(page.get_by_role("status")).to_contain_text("Beskeden står nu i borgerens samtale.")
    keyboard.press(page, "Samtaler")
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    page.wait_for_load_state()
    keyboard.open_first(page, "Emil Nielsen")

    expect(page.get_by_role("log")).to_contain_text("jeg kommer lidt for sent")


@at_desk_and_on_telephone
def test_a_citizens_new_number_at_the_desk(
    house: House, page: Page, address: str, axe: str, size: dict[str, int]
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    sara = house.citizen(caseworker=house.caseworker())
    house.hears("Jeg har fået nyt nummer")
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=sara, text="Husk dit cv", author=Author.SYSTEM)
    house.hears("Kan du skrive til det?")
    keyboard.arrive(page, address, size)
    keyboard.open_first(page, "Sara Nielsen")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Numre")).to_be_visible()
    keyboard.press(page, "Nyt nummer")
    keyboard.write(page, "Mobilnummer", "29 39 06 26")
    keyboard.write(page, "Hvem har oplyst det?", "borgeren selv ved")
    keyboard.press(page, "Brug nummeret")
    expect(page.get_by_role("status")).to_contain_text("1 besked til det gamle nummer er trukket tilbage.")
    keyboard.to(page, "Ring op nu")
    assert page.evaluate("document.activeElement.href") == "tel:+4529390626"
    keyboard.tick(page, "Borgerens telefon ringede")
    keyboard.press(page, "Notér")
    expect(page.get_by_text("set af Mette Holm")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="+4524101921")).to_contain_text("brugt til")
    keyboard.write(page, "Grund", "Kommet i arbejde")
    keyboard.press(page, "Luk sagen")

    expect(page.get_by_role("button", name="Genåbn sagen")).to_be_visible()
    assert faults(page, axe) == []


@at_desk_and_on_telephone
def test_message_to_thirty_leaves_two_out_and_says_why(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizens = [
        house.citizen(caseworker=staff, first_name=f"Sara{chr(97 + at)}", number=f"+4520{at:06}" if at else None)
        for at in range(30)
    ]
    with house.runtime.act(SYSTEM) as act:
        opt_out(act, citizen_id=citizens[-1])
    keyboard.arrive(page, address, size)
    keyboard.press(page, "Borgere")
    expect(page.get_by_role("heading", name="Borgere")).to_be_visible()
    keyboard.press(page, "Skriv til flere")
    expect(page.get_by_role("heading", name="Beskeder til flere")).to_be_visible()
    keyboard.press(page, "Skriv til flere")
    expect(page.get_by_role("heading", name="Skriv til flere")).to_be_visible()
    keyboard.choose_template(page, "M9")
    keyboard.tick(page, "Alle mine borgere")
    keyboard.press(page, "Se teksterne")
    expect(page.get_by_text("28 borgere får beskeden.")).to_be_visible()
    left_out = page.get_by_role("listitem").filter(has_text="Får den ikke")
    expect(left_out.get_by_role("paragraph")).to_have_count(2)
    keyboard.press(page, "Send til 28 borgere")
    expect(page.get_by_role("button", name="Træk alt tilbage")).to_be_visible()
    ConversationWork(runtime=house.runtime).write_all_batches()
    page.reload()

    expect(page.locator("#batch").get_by_role("listitem")).to_have_count(30)
    assert _sent(house) == 28


def _sent(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message).filter_by(direction=Direction.OUT)) or 0
