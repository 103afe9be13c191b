"""Meetings, handing over, cover and a bad morning by keyboard alone: nothing here touches the mouse."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.models import Place
from messaging.appointments.seeding import seed
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, Role
from tests.house import House
from tests.journeys import keyboard
from tests.journeys.browsing import at_desk_and_on_telephone, faults

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

OTHER_NUMBER = "+4529390626"
SOON = 40 / (24 * 60)


@pytest.fixture
def mette(house: House) -> Caseworker:
    """A caseworker with three citizens; one waits, has a meeting in 40 minutes and a message that goes tomorrow."""
    with house.runtime.database.write() as session:
        seed(session)
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Ungecenteret i Sydhavnen", approved_by="MHO"))
    mette = house.caseworker()
    house.caseworker("ali", name="Ali Demir")
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    sara = house.citizen(caseworker=mette)
    ahmed = house.citizen(caseworker=mette, first_name="Ahmed", last_name="Yilmaz", number=OTHER_NUMBER)
    house.citizen(caseworker=mette, first_name="Nadia", last_name="Holm-Christensen", number=None)
    house.appointment(sara, mette, in_days=SOON)
    house.appointment(ahmed, mette, in_days=2 * SOON)
    house.hears("Hvor skal jeg hen?")
    with house.runtime.act(SYSTEM) as act:
        tomorrow = act.now + timedelta(days=1)
        send_message(act, citizen_id=sara, text="Husk dit cv", author=Author.SYSTEM, due_at=tomorrow)
    return mette


@at_desk_and_on_telephone
def test_an_outcome_is_one_key_and_is_taken_back_in_time(
    house: House, page: Page, address: str, size: dict[str, int]
) -> None:
    staff = house.caseworker()
    for first_name in ("Sara", "Emil"):
        citizen_id = house.citizen(caseworker=staff, first_name=first_name, number=None)
        house.appointment(citizen_id, staff, in_days=-1)
    keyboard.arrive(page, address, size)
    keyboard.press(page, "Møder")
    expect(page.get_by_role("heading", name="Mangler udfald")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    keyboard.press(page, "Holdt")
    expect(page.get_by_text("Noteres om lidt: ")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Fortryd udfaldet af mødet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Fortryd udfaldet af mødet")).to_have_count(0)

    expect(page.get_by_role("button", name="Holdt")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Emil Nielsen", exact=True)).to_be_visible()
    keyboard.press(page, "Holdt")
    expect(page.get_by_text("Noteres om lidt: ")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Fortryd")).to_be_focused()


@at_desk_and_on_telephone
@pytest.mark.usefixtures("mette")
def test_a_citizen_is_handed_over_with_what_is_under_way(
    page: Page, address: str, axe: str, size: dict[str, int]
) -> None:
    keyboard.arrive(page, address, size)
    keyboard.press(page, "Fravær")
    expect(page.get_by_role("heading", name="Fravær").first).to_be_visible()
    keyboard.press(page, "Overdrag borgere til en kollega")
    expect(page.get_by_label("Sara Nielsen")).to_be_visible()
    keyboard.tick(page, "Sara Nielsen")
    keyboard.write(page, "Hvem tager over?", "Ali")
    keyboard.press(page, "Se, hvad der flytter med")
    expect(page.get_by_role("heading", name="Overdrag 1 borger til Ali Demir?")).to_be_visible()
    expect(page.get_by_text("Venter på os")).to_be_visible()
    expect(page.get_by_text("1 planlagt besked")).to_be_visible()
    assert faults(page, axe) == []
    keyboard.press(page, "Overdrag nu")
    expect(page.get_by_role("status")).to_contain_text("1 borger er overdraget.")
    expect(page.get_by_label("Sara Nielsen")).to_have_count(0)
    keyboard.change_person(page, "ali")
    keyboard.open_first(page, "Sara Nielsen")

    expect(page.get_by_role("log")).to_contain_text("Planlagt")
    expect(page.get_by_text("Overdraget fra Mette Holm til Ali Demir").first).to_be_visible()


@at_desk_and_on_telephone
@pytest.mark.usefixtures("mette")
def test_a_deputy_answers_and_the_citizen_hears_who_does(page: Page, address: str, size: dict[str, int]) -> None:
    keyboard.arrive(page, address, size)
    keyboard.press(page, "Fravær")
    expect(page.get_by_role("heading", name="Dit fravær")).to_be_visible()
    keyboard.write(page, "Hvem dækker?", "Ali")
    keyboard.press(page, "Notér fravær")
    expect(page.get_by_role("heading", name="Mette Holm er væk i dag")).to_be_visible()
    keyboard.change_person(page, "ali")
    keyboard.open_first(page, "Sara Nielsen")
    keyboard.answer(page, "Kom til indgang B")

    thread = page.get_by_role("log")
    expect(thread).to_contain_text("Ali svarer dig i stedet for Mette, som ikke er her lige nu.")


@at_desk_and_on_telephone
@pytest.mark.usefixtures("mette")
def test_a_leader_rearranges_the_day_of_who_is_away(
    house: House, page: Page, address: str, axe: str, size: dict[str, int]
) -> None:
    keyboard.arrive(page, address, size, "lead")
    keyboard.press(page, "Fravær")
    expect(page.get_by_role("heading", name="Fravær").first).to_be_visible()
    keyboard.write(page, "Hvem er væk?", "Mette")
    keyboard.write(page, "Hvem dækker?", "Ali")
    keyboard.press(page, "Notér fravær")
    expect(page.get_by_role("heading", name="Mette Holm er væk i dag")).to_be_visible()
    expect(page.get_by_text("om 40 minutter")).to_be_visible()
    keyboard.tick(page, "Sara Nielsen")
    keyboard.press(page, "Aflys de valgte")
    expect(page.get_by_role("status")).to_contain_text("1 møde er ordnet.")
    keyboard.write(page, "Vikar", "Ali")
    keyboard.press(page, "Lad vikaren holde de valgte")
    expect(page.get_by_text("Der er ingen møder at ordne.")).to_be_visible()
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(direction=Direction.OUT).values(state=MessageState.FAILED))
    page.reload()
    keyboard.press(page, "Vis telefonnumre")
    expect(page.get_by_role("link", name="+4524101921")).to_be_visible()
    assert faults(page, axe) == []
    keyboard.press(page, "Fik fat i Sara Nielsen")

    expect(page.get_by_text("Fik besked i dag kl. 10.00")).to_be_visible()
    expect(page.locator("#decided")).to_contain_text("Aflyst")
    expect(page.locator("#decided")).to_contain_text("Ali Demir holder mødet")
