"""Writing in a real browser: without a connection, with an approved text, and to a number nobody has answered from."""

import os

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from messaging.appointments.seeding import seed
from messaging.conversations.models import Direction, Message
from messaging.conversations.work import ConversationWork
from messaging.people.actors import SYSTEM
from messaging.people.wishes import opt_out
from tests.house import House
from tests.journeys.test_first_page import DESK, TELEPHONE, _breaches_here, _sign_in, _too_small, address, axe  # noqa: F401

pytestmark = pytest.mark.browser


def _sent(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message).filter_by(direction=Direction.OUT)) or 0


def test_message_sent_without_a_connection_goes_once_when_it_is_back(
    house: House,
    page: Page,
    address: str,  # noqa: F811
) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    _sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.get_by_role("textbox", name="Svar som sms").fill("Vi ses på torsdag")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send sms").dblclick()
    expect(page.locator("#reply-status")).to_contain_text("Ingen forbindelse.")
    kept = page.get_by_role("textbox", name="Svar som sms").input_value()
    before = _sent(house)
    page.context.set_offline(False)
    expect(page.get_by_role("log").get_by_role("listitem").last).to_contain_text("Vi ses på torsdag")

    assert (kept, before, _sent(house)) == ("Vi ses på torsdag", 0, 1)


def test_approved_text_goes_to_a_new_number_after_one_more_question(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    page.set_viewport_size(TELEPHONE)
    _sign_in(page, address)
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
    breaches, small = _breaches_here(page, axe), _too_small(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.get_by_role("button", name="Ja, send til").click()
    expect(page.get_by_role("log").get_by_role("listitem").last).to_contain_text("Hej Sara. På mødet")

    assert (breaches, small, _sent(house)) == ([], [], 1)
    assert wide <= TELEPHONE["width"]


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_message_to_thirty_leaves_two_out_and_says_why(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
    size: dict[str, int],
) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizens = [
        house.citizen(caseworker=staff, first_name=f"Sara{chr(97 + at)}", number=f"+4520{at:06}" if at else None)
        for at in range(26)
    ] + [house.citizen(caseworker=staff, first_name=f"Ali{chr(97 + at)}", number=f"+4530{at:06}") for at in range(4)]
    with house.runtime.act(SYSTEM) as act:
        opt_out(act, citizen_id=citizens[-1])
    page.set_viewport_size(size)
    _sign_in(page, address)
    page.goto(f"{address}/citizens")
    page.get_by_role("link", name="Skriv til flere").click()
    page.get_by_role("link", name="Skriv til flere").click()
    page.get_by_label("Skabelon").select_option("M9")
    page.get_by_label("Alle mine borgere").check(force=True)
    _look(page, f"choose_{size['width']}")
    breaches, small = _breaches_here(page, axe), _too_small(page)
    page.get_by_role("button", name="Se teksterne").click()
    expect(page.get_by_text("28 borgere får beskeden.")).to_be_visible()
    expect(page.get_by_role("heading", name="2 får den ikke")).to_be_visible()
    _look(page, f"preview_{size['width']}")
    breaches += _breaches_here(page, axe)
    page.get_by_role("button", name="Send til 28 borgere").dblclick()
    expect(page.get_by_role("button", name="Træk alt tilbage")).to_be_visible()
    ConversationWork(runtime=house.runtime).write_all_batches()
    page.reload()
    _look(page, f"batch_{size['width']}")
    breaches += _breaches_here(page, axe)

    assert (breaches, small, _sent(house)) == ([], [], 28)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def _look(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
