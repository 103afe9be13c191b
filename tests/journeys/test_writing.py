"""Writing in a real browser: an approved text to a number from which nobody has answered."""

import os

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.citizen_app.models import Device
from messaging.conversations.models import Direction, Message
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults, sign_in
from tests.runtime import A_TUESDAY

pytestmark = pytest.mark.browser


def _sent(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message).filter_by(direction=Direction.OUT)) or 0


def test_approved_text_goes_to_a_new_number_after_one_more_question(
    house: House,
    page: Page,
    address: str,
    axe: str,
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    page.set_viewport_size(TELEPHONE)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.get_by_label("Skabelon").select_option("M6")
    page.get_by_role("button", name="Sæt ind").click()
    expect(page.get_by_role("alert")).to_contain_text("mødets dag mangler")
    _look(page, "empty_variable")
    house.appointment(citizen_id, staff)
    page.get_by_role("button", name="Sæt ind").click()
    expect(page.locator("#size")).to_contain_text("Læsbarhed:")
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("alert")).to_contain_text("Det er den første besked til nummeret")
    _look(page, "first_message")
    wrong = faults(page, axe)
    page.get_by_role("button", name="Ja, send til").click()
    expect(page.get_by_role("log").get_by_role("listitem").last).to_contain_text("Hej Sara. På mødet")

    assert (wrong, _sent(house)) == ([], 1)


def test_text_that_may_not_leave_by_sms_goes_into_the_app_by_one_button(
    house: House,
    page: Page,
    address: str,
    axe: str,
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    citizen_id = house.citizen(caseworker=house.caseworker())
    with house.runtime.database.write() as session:
        session.add(Device(citizen_id=citizen_id, name="Telefon", added_at=A_TUESDAY, seen_at=A_TUESDAY))
    page.set_viewport_size(TELEPHONE)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.get_by_label("Svar i appen").fill("Dit CPR er 010199-1234")
    page.get_by_label("Følsomt").check()
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("alert").filter(has_text="Ikke sendt")).to_contain_text("CPR-nummer")
    _look(page, "held_with_app")
    wrong = faults(page, axe)
    page.get_by_role("button", name="Send i appen i stedet").click()
    newest = page.get_by_role("log").get_by_role("listitem").last
    expect(newest).to_contain_text("Ligger i appen")
    expect(newest).to_contain_text("Kræver MitID")
    wrong += faults(page, axe)

    assert (wrong, _sent(house)) == ([], 1)


def _look(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
