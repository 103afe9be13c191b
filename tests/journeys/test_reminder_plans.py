"""A plan of reminders in a real browser: one superuser lays it, another signs it, and it holds."""

import pytest
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.people.models import Role
from tests.house import House
from tests.journeys.browsing import faults, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


def test_a_plan_that_one_lays_and_another_signs_holds(house: House, page: Page, address: str, axe: str) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    for initials in ("super1", "super2"):
        house.caseworker(initials, role=Role.SUPERUSER)
    waiting, standing = (page.get_by_role("region", name=name) for name in ("Venter på underskrift", "Planer, der"))

    sign_in(page, address, "super1")
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Påmindelser", exact=True).click()
    first = page.get_by_role("group", name="Påmindelse 1")
    first.get_by_label("dage før mødet").fill("2")
    first.get_by_label("kl. (tom").fill("12")
    first.get_by_label("M1 –").check()
    only = page.get_by_role("group", name="Sendes kun")
    only.get_by_label("fra kl.").fill("9")
    only.get_by_label("til kl.").fill("15")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_label("Vej", exact=True).select_option(label="Kun sms")
    page.get_by_role("button", name="Gem planen").click()
    expect(page.get_by_role("status")).to_contain_text("En anden superbruger skal skrive under")
    expect(waiting).to_contain_text("2 dage før kl. 12: M1")
    expect(waiting).to_contain_text("Sendes på hverdage kl. 9–15, aldrig i weekender")
    expect(waiting).to_contain_text("Kun som sms, også til dem, der har appen.")
    assert faults(page, axe) == []
    expect(waiting.get_by_role("button", name="Skriv under")).to_have_count(0)
    page.get_by_role("button", name="Log ud").click()

    sign_in(page, address, "super2")
    page.goto(f"{address}/administration/reminder-plans")
    waiting.get_by_role("button", name="Skriv under").click()
    expect(page.get_by_role("status")).to_contain_text("Planen er skrevet under.")
    expect(standing).to_contain_text("2 dage før kl. 12: M1")
    expect(waiting).to_have_count(0)
