"""A passkey on a phone: made once the phone is in, used at the door, refused when the authenticator counts back."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, CDPSession, Page, expect

from messaging.app import create_app
from messaging.citizen_app.passkey_models import Passkey
from messaging.conversations.readability import read
from messaging.runtime import Runtime
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults, sign_in
from tests.journeys.conftest import served
from tests.journeys.in_hand import SMALL, offer, phone, scan
from tests.journeys.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

HARDEST = 35


@pytest.fixture
def house(runtime: Runtime) -> House:
    """A service that is called by a name: passkeys are for none that is only a number."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    named = replace(runtime, config=replace(runtime.config, public_url=f"http://localhost:{port}"))
    log = BytesIO()
    return House(runtime=named, app=create_app(named, log_file=log), log=log)


@pytest.fixture
def address(house: House, line: Line) -> Iterator[str]:
    """The address at which the house is served."""
    address = house.runtime.config.public_url
    with served(line, port=int(address.rsplit(":", 1)[1])):
        yield address


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _authenticator(held: Page, *, recognises: bool = True) -> tuple[CDPSession, str]:
    """Give the phone a sensor for fingers; return how to speak to it."""
    session = held.context.new_cdp_session(held)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": recognises,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def _passkeys(house: House) -> list[Any]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Passkey)))


def _pair(house: House, page: Page, held: Page, address: str, citizen_id: uuid.UUID) -> None:
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    offer(page)
    held.goto(scan(page, address))
    held.get_by_role("button", name="Ja, det er min telefon").click()


def _turn_on(held: Page) -> None:
    held.get_by_role("link", name="Log ind med fingeraftryk eller ansigt næste gang").click()
    held.get_by_role("button", name="Slå det til på denne telefon").click()
    expect(held.get_by_role("status")).to_contain_text("Næste gang kan du logge ind med fingeraftryk")


def _sign_out(held: Page, address: str) -> None:
    held.goto(f"{address}/app/more")
    held.get_by_role("button", name="Log ud").click()
    expect(held.get_by_role("heading", name="Log ind", exact=True)).to_be_visible()


def _come_in(held: Page) -> None:
    held.get_by_role("link", name="Brug fingeraftryk eller ansigt").click()
    held.get_by_role("button", name="Log ind").click()


def test_a_phone_comes_in_again_by_a_finger_and_not_when_its_count_goes_back(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    with phone(browser) as held:
        session, id_ = _authenticator(held)
        _pair(house, page, held, address, sara)
        _turn_on(held)
        _sign_out(held, address)
        _come_in(held)
        expect(held.get_by_role("log")).to_be_visible()
        _sign_out(held, address)
        (credential,) = session.send("WebAuthn.getCredentials", {"authenticatorId": id_})["credentials"]
        counted = _passkeys(house)[0].sign_count
        session.send("WebAuthn.removeCredential", {"authenticatorId": id_, "credentialId": credential["credentialId"]})
        session.send("WebAuthn.addCredential", {"authenticatorId": id_, "credential": {**credential, "signCount": 0}})
        _come_in(held)
        expect(held.get_by_role("alert")).to_contain_text("Telefonen blev ikke genkendt.")

        assert counted > 1
        assert held.goto(f"{address}/app").url.startswith(f"{address}/app/login")


def test_whom_the_phone_does_not_recognise_is_not_let_in(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    with phone(browser) as held:
        session, id_ = _authenticator(held)
        _pair(house, page, held, address, sara)
        _turn_on(held)
        _sign_out(held, address)
        session.send("WebAuthn.setUserVerified", {"authenticatorId": id_, "isUserVerified": False})
        _come_in(held)

        expect(held.get_by_role("alert")).to_contain_text("Det lykkedes ikke.")


def test_a_phone_that_cannot_and_one_without_script_are_told_so(house: House, browser: Browser, address: str) -> None:
    for script in (True, False):
        with phone(browser, script=script) as held:
            held.goto(f"{address}/app/login/passkey")

            expect(held.get_by_text("Det kan din telefon ikke endnu.")).to_be_visible()
            expect(held.get_by_role("button", name="Log ind")).to_be_hidden()


@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["telephone", "320 px"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_it_is_for_everybody_and_easily_read(
    house: House,
    browser: Browser,
    page: Page,
    address: str,
    axe: str,
    sara: uuid.UUID,
    size: dict[str, int],
    language: str,
) -> None:
    wrong: dict[str, list[str]] = {}
    hard: dict[str, int] = {}
    with phone(browser, size=size) as held:

        def look(name: str) -> None:
            if found := faults(held, axe):
                wrong[name] = found
            lix = read(held.get_by_role("main").inner_text()).lix
            if language == "da" and lix >= HARDEST:
                hard[name] = lix

        held.goto(f"{address}/app/login/passkey")
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
            held.goto(f"{address}/app/login/passkey")
        look("cannot")
        held.goto(f"{address}/app/login")
        look("ways")
        session, id_ = _authenticator(held)
        held.goto(f"{address}/app/login/passkey")
        held.locator("main form button").click()
        expect(held.locator("[data-failed]")).to_be_visible()
        look("no passkey")
        sign_in(page, address)
        page.goto(f"{address}/conversations/{sara}")
        offer(page)
        held.goto(scan(page, address))
        held.locator("main form button").click()
        look("started")
        held.goto(f"{address}/app/passkey")
        look("offered")
        session.send("WebAuthn.setUserVerified", {"authenticatorId": id_, "isUserVerified": False})
        held.locator("main form button").click()
        expect(held.locator("[data-failed]")).to_be_visible()
        look("not made")
        session.send("WebAuthn.setUserVerified", {"authenticatorId": id_, "isUserVerified": True})
        held.locator("main form button").click()
        expect(held.get_by_role("status")).to_be_visible()
        look("made")

    assert wrong == {}
    assert hard == {}
