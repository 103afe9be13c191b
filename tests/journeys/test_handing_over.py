"""Handing over, cover and a bad morning in a real browser, at a desk and on a telephone."""

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
from tests.house import PASSWORD, House
from tests.journeys.test_first_page import DESK, TELEPHONE, _breaches_here, _too_small, address, axe  # noqa: F401

pytestmark = pytest.mark.browser

OTHER_NUMBER = "+4529390626"
SOON = 40 / (24 * 60)


@pytest.fixture
def mette(house: House) -> Caseworker:
    """A caseworker with two citizens, one of whom waits and has a meeting in 40 minutes."""
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


def _sign_in(page: Page, address: str, initials: str) -> None:  # noqa: F811
    page.goto(f"{address}/sign-in")
    page.get_by_label("Initialer").fill(initials)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()


def _is_fit(page: Page, axe: str, size: dict[str, int]) -> None:  # noqa: F811
    assert _breaches_here(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert _too_small(page) == []


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_caseworker_hands_a_citizen_over_with_what_is_under_way(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
    mette: Caseworker,
    size: dict[str, int],
) -> None:
    page.set_viewport_size(size)
    _sign_in(page, address, "mho")
    page.get_by_role("link", name="Fravær").click()
    page.get_by_role("link", name="Overdrag borgere til en kollega").click()
    _is_fit(page, axe, size)
    page.get_by_label("Sara Nielsen").check()
    page.get_by_label("Hvem tager over?").select_option(label="Ali Demir (ali)")
    page.get_by_role("button", name="Se, hvad der flytter med").click()
    expect(page.get_by_role("heading", name="Overdrag 1 borger til Ali Demir?")).to_be_visible()
    expect(page.get_by_text("Venter på os")).to_be_visible()
    expect(page.get_by_text("1 planlagt besked")).to_be_visible()
    _is_fit(page, axe, size)
    page.get_by_role("button", name="Overdrag nu").click()

    expect(page.get_by_role("status")).to_contain_text("1 borger er overdraget.")
    expect(page.get_by_label("Sara Nielsen")).to_have_count(0)
    page.get_by_role("button", name="Log ud").click()
    _sign_in(page, address, "ali")
    page.get_by_role("link", name="Sara Nielsen").click()
    expect(page.get_by_role("log")).to_contain_text("Planlagt")
    expect(page.get_by_text("Overdraget fra Mette Holm til Ali Demir").first).to_be_visible()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_leader_rearranges_the_day_of_who_is_away(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
    mette: Caseworker,
    size: dict[str, int],
) -> None:
    page.set_viewport_size(size)
    page.clock.install()
    _sign_in(page, address, "lead")
    page.get_by_role("link", name="Fravær").click()
    page.get_by_label("Hvem er væk?").select_option(label="Mette Holm")
    page.get_by_label("Hvem dækker?").select_option(label="Ali Demir")
    page.get_by_label("Første dag").fill("2027-03-02")
    page.get_by_label("Sidste dag").fill("2027-03-02")
    _is_fit(page, axe, size)
    page.get_by_role("button", name="Notér fravær").click()
    expect(page.get_by_role("heading", name="Mette Holm er væk i dag")).to_be_visible()
    _is_fit(page, axe, size)
    page.get_by_label("Sara Nielsen").uncheck()
    page.get_by_role("button", name="Aflys de valgte").click()
    expect(page.get_by_role("status")).to_contain_text("1 møde er ordnet.")
    page.get_by_label("Vikar").select_option(label="Ali Demir")
    page.get_by_role("button", name="Lad vikaren holde de valgte").click()
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(direction=Direction.OUT).values(state=MessageState.FAILED))
    page.reload()
    page.get_by_role("button", name="Vis telefonnumre").click()
    expect(page.get_by_role("link", name="+4524101921")).to_be_visible()
    _is_fit(page, axe, size)
    page.get_by_role("button", name="Fik fat i Sara Nielsen").click()

    expect(page.get_by_text("Fik besked i dag kl. 10.00")).to_be_visible()


def test_a_deputy_answers_and_the_citizen_hears_who_does(
    house: House,
    page: Page,
    address: str,  # noqa: F811
    axe: str,  # noqa: F811
    mette: Caseworker,
) -> None:
    page.set_viewport_size(TELEPHONE)
    _sign_in(page, address, "mho")
    page.get_by_role("link", name="Fravær").click()
    page.get_by_text("Dine arbejdstider").click()
    _is_fit(page, axe, TELEPHONE)
    page.get_by_label("Hvem dækker?").select_option(label="Ali Demir")
    page.get_by_label("Første dag").fill("2027-03-02")
    page.get_by_label("Sidste dag").fill("2027-03-04")
    page.get_by_role("button", name="Notér fravær").click()
    page.get_by_role("button", name="Log ud").click()
    _sign_in(page, address, "ali")
    page.get_by_role("link", name="Sara Nielsen").click()
    page.get_by_role("textbox", name="Svar som sms").fill("Kom til indgang B")
    page.get_by_role("button", name="Send sms").click()

    thread = page.get_by_role("log")
    expect(thread).to_contain_text("Ali svarer dig i stedet for Mette, som ikke er her lige nu.")
    expect(thread).to_contain_text("Kom til indgang B")
    _is_fit(page, axe, TELEPHONE)
    page.get_by_role("link", name="Fravær").click()
    expect(page.get_by_text("Du dækker for Mette Holm.")).to_be_visible()
