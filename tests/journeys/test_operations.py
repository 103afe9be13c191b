"""The administration in a real browser: every page at both widths, and the switch by which nothing leaves."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from messaging.journal import overseeing
from messaging.journal.models import JournalEvent
from messaging.people.models import Role
from messaging.work.vital_signs import Beat, record_beats
from tests.house import PASSWORD, House
from tests.journeys.browsing import at_desk_and_on_telephone, faults

pytestmark = pytest.mark.browser

PAGES = {
    Role.SUPERUSER: ("", "/channels", "/channels?examine=1", "/journal", "/background", "/keys"),
    Role.AUDITOR: ("", "/journal", "/audit"),
}


@at_desk_and_on_telephone
@pytest.mark.parametrize("role", PAGES)
def test_pages_of_the_administration_are_accessible_at_every_width(
    house: House,
    page: Page,
    address: str,
    axe: str,
    size: dict[str, int],
    role: Role,
) -> None:
    _fill(house)
    page.set_viewport_size(size)
    _sign_in(house, page, address, role=role)
    for path in PAGES[role]:
        page.goto(f"{address}/administration{path}")

        assert faults(page, axe) == [], path


def test_a_superuser_stops_what_leaves_and_a_caseworker_is_told(
    house: House,
    page: Page,
    address: str,
) -> None:
    citizen_id = _fill(house)
    _sign_in(house, page, address, role=Role.SUPERUSER)
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Kanaler").click()
    page.get_by_label("Hvorfor?").select_option("costs")
    page.get_by_role("button", name="Slå afsendelse fra nu").click()
    expect(page.locator("#stopped")).to_contain_text("Udgifterne er uventet høje")

    told = house.browser("mho").get(f"/conversations/{citizen_id}").text
    assert "Afsendelse er slået fra" in told

    page.get_by_role("button", name="Slå afsendelse til").click()
    expect(page.get_by_role("status")).to_contain_text("Afsendelse er slået til.")


def _fill(house: House) -> uuid.UUID:
    """A citizen who has written, an event that was parked, and a worker that lives."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    house.key("citizens:read", "messages:write")
    with house.runtime.database.write() as session:
        event = session.query(JournalEvent).filter_by(type="message.received").one()
        overseeing.park(session, event_id=event.id, reason="too_big")
        record_beats(session, [Beat(name="send.urgent", errors=2, error_code="timeout")])
    return citizen_id


def _sign_in(house: House, page: Page, address: str, *, role: Role) -> None:
    house.caseworker("adm", name="Anne Dam", role=role)
    page.goto(address)
    page.get_by_label("Initialer").fill("adm")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind", exact=True).click()
