"""A citizen at the desk with a new number, in a real browser, at a desk and on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.models import Author
from messaging.conversations.sending import send_message
from messaging.people.actors import SYSTEM
from tests.house import House
from tests.journeys.test_first_page import DESK, TELEPHONE, address, axe  # noqa: F401
from tests.journeys.test_handing_over import _is_fit, _sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_citizens_new_number_at_the_desk(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
    size: dict[str, int],
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    sara = house.citizen(caseworker=house.caseworker())
    house.hears("Jeg har fået nyt nummer")
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=sara, text="Husk dit cv", author=Author.SYSTEM)
    page.set_viewport_size(size)
    _sign_in(page, address, "mho")

    page.goto(f"{address}/conversations/{sara}")
    page.get_by_role("link", name="Borgerkort").click()
    page.get_by_text("Nyt nummer").click()
    _is_fit(page, axe, size)
    page.get_by_label("Mobilnummer").fill("29 39 06 26")
    page.get_by_label("Hvem har oplyst det?").select_option("borgeren selv ved skranken")
    page.get_by_role("button", name="Brug nummeret").click()
    expect(page.get_by_role("status")).to_contain_text("1 besked til det gamle nummer er trukket tilbage.")
    page.get_by_label("Borgerens telefon ringede").check()
    page.get_by_role("button", name="Notér").click()
    expect(page.get_by_text("set af Mette Holm")).to_be_visible()
    page.get_by_label("Grund").fill("Kommet i arbejde")
    page.get_by_role("button", name="Luk sagen").click()
    expect(page.get_by_role("button", name="Genåbn sagen")).to_be_visible()
    _is_fit(page, axe, size)
