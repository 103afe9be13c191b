"""Doors in a real browser: signed out by time and back again, and a team leader who is asked why."""

from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, expect

from adapters.sign_in_contract import SignInRequest
from messaging.app import create_app
from messaging.people.models import Role
from messaging.runtime import Runtime
from tests.house import PASSWORD, House
from tests.journeys.browsing import TELEPHONE, breaches, faults, misfits

pytestmark = pytest.mark.browser


@dataclass(frozen=True, kw_only=True)
class NobodysProvider:
    """Is there, so that the sign-in page shows its button; nobody goes to it."""

    def begin(self, *, return_to: str) -> SignInRequest:
        raise NotImplementedError

    def finish(self, *, nonce: str, verifier: str, code: str, return_to: str) -> str:
        raise NotImplementedError


@pytest.fixture
def house(runtime: Runtime, house: House) -> House:
    """The service of a municipality with a sign-in of its own."""
    composed = replace(runtime, sign_in_provider=NobodysProvider())
    return replace(house, runtime=composed, app=create_app(composed, log_file=house.log))


def test_who_was_signed_out_by_time_comes_back_to_her_page(
    house: House,
    page: Page,
    address: str,
    axe: str,
) -> None:
    house.caseworker()
    page.set_viewport_size(TELEPHONE)
    page.goto(f"{address}/sign-in")
    assert breaches(page, axe) == []
    expect(page.get_by_role("link", name="Log ind med kommunens login")).to_be_visible()
    _sign_in(page, initials="mho")
    house.runtime.clock.advance(minutes=61)

    page.goto(f"{address}/citizens")
    assert breaches(page, axe) == []
    expect(page.get_by_role("status")).to_contain_text("Du er logget ud, fordi der er gået et stykke tid.")
    assert misfits(page) == []
    _sign_in(page, initials="mho")
    expect(page.get_by_role("heading", name="Borgere")).to_be_visible()


def test_a_team_leader_opens_a_thread_by_saying_why(
    house: House,
    page: Page,
    address: str,
    axe: str,
) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Jeg kommer for sent")
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    page.set_viewport_size(TELEPHONE)
    page.goto(address)
    _sign_in(page, initials="lead")
    page.get_by_role("link", name="Sara Nielsen").click()

    expect(page.get_by_role("heading", name="Hvorfor åbner du samtalen?")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_label("Grund").fill("Mette er syg i dag")
    page.get_by_role("button", name="Åbn samtalen").click()
    expect(page.get_by_role("log")).to_contain_text("Jeg kommer for sent")


def _sign_in(page: Page, *, initials: str) -> None:
    page.get_by_label("Initialer").fill(initials)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind", exact=True).click()
