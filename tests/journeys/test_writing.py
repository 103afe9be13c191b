"""Writing in a real browser: an approved text to a number from which nobody has answered."""

import os

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.models import Direction, Message
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults, sign_in

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


def _look(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
