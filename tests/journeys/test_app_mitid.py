"""MitID as a citizen meets it on her phone: to the broker and back; what is sensitive opens, or she is told why not."""

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import oidc_provider_mock
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from adapters.http import HttpSession
from adapters.mitid import MitIdProvider
from messaging.app import create_app
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import PATIENCE, TELEPHONE, faults
from tests.journeys.in_hand import SMALL, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

CPR = "0101970001"
SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/Substantial"
LOW = "https://data.gov.dk/concept/core/nsis/Low"
SURE, UNSURE = "Sara", "Sara, uden app"
SECRET = "Din diagnose er noteret"
TOO_LOW = "Dit login med MitID var ikke sikkert nok til den."


@pytest.fixture
def broker() -> Iterator[str]:
    """A broker that knows her at two levels; its page lets one press who one is."""
    levels = {SURE: SUBSTANTIAL, UNSURE: LOW}
    known = [oidc_provider_mock.User(sub=sub, claims={"dk.cpr": CPR, "loa": level}) for sub, level in levels.items()]
    server = make_server("127.0.0.1", 0, oidc_provider_mock.app(require_nonce=True, user_claims=known), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def house(runtime: Runtime, broker: str) -> House:
    """The service of a municipality whose citizens can use MitID."""
    provider = MitIdProvider(
        issuer=broker,
        client_id="bd",
        client_secret="secret",
        cpr_claim="dk.cpr",
        assurance_claim="loa",
        assurance=(SUBSTANTIAL,),
        scope="openid",
        acr_values=SUBSTANTIAL,
        http=HttpSession(stub_origins=[broker]),
    )
    composed, log = replace(runtime, citizen_sign_in=provider), BytesIO()
    return House(runtime=composed, app=create_app(composed, log_file=log), log=log)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with a message in her app that only MitID opens."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette, cpr=CPR)
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=citizen_id,
            text=SECRET,
            content_class=ContentClass.SENSITIVE,
            author=Author.CASEWORKER,
            author_id=mette.id,
        )
    return citizen_id


def leads_home(held: Page, house: House, broker: str, address: str) -> None:
    """Let the broker lead back to where the test serves the house, which goes by another name in its settings."""

    def home(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        answer = route.fetch(max_redirects=0)
        back = answer.headers["location"].replace(house.runtime.config.public_url, address)
        route.fulfill(status=302, headers={"location": back})

    held.route(f"{broker}/**", home)


def comes_by_mitid(held: Page, address: str, sub: str) -> None:
    held.goto(f"{address}/app")
    held.get_by_role("link", name="Log ind med MitID").click()
    held.get_by_role("button", name=sub, exact=True).click()
    expect(held.get_by_role("log")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_by_mitid_a_sensitive_message_opens(
    house: House, browser: Browser, address: str, broker: str, sara: uuid.UUID, *, script: bool
) -> None:
    with phone(browser, script=script) as held:
        leads_home(held, house, broker, address)
        comes_by_mitid(held, address, SURE)

        expect(held.get_by_role("log")).to_contain_text(SECRET)


def test_too_low_a_level_says_what_to_do_and_doing_it_opens_the_message(
    house: House, browser: Browser, address: str, broker: str, sara: uuid.UUID
) -> None:
    with phone(browser) as held:
        leads_home(held, house, broker, address)
        comes_by_mitid(held, address, UNSURE)
        log = held.get_by_role("log")
        expect(log).not_to_contain_text(SECRET)
        expect(log).to_contain_text(TOO_LOW)
        expect(log).to_contain_text("Log ind igen med MitID-appen, eller mød op.")
        held.get_by_role("link", name="Læs med MitID").click()
        held.get_by_role("button", name=SURE, exact=True).click()

        expect(held.get_by_role("log")).to_contain_text(SECRET, timeout=PATIENCE)


def test_who_says_no_at_the_broker_can_try_again_or_come_in_another_way(
    house: House, browser: Browser, address: str, broker: str, sara: uuid.UUID
) -> None:
    with phone(browser) as held:
        leads_home(held, house, broker, address)
        held.goto(f"{address}/app")
        held.get_by_role("link", name="Log ind med MitID").click()
        held.get_by_role("button", name="Deny").click()

        expect(held.get_by_role("main")).to_contain_text("Du blev ikke logget ind")
        expect(held.get_by_role("link", name="Prøv igen med MitID")).to_be_visible()
        expect(held.get_by_role("link", name="Log ind på en anden måde")).to_be_visible()


@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["telephone", "320 px"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_that_needs_more_is_for_everybody(
    house: House,
    browser: Browser,
    address: str,
    broker: str,
    axe: str,
    sara: uuid.UUID,
    size: dict[str, int],
    language: str,
) -> None:
    with phone(browser, size=size) as held:
        leads_home(held, house, broker, address)
        held.goto(f"{address}/app/login")
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
        held.goto(f"{address}/app/login/mitid")
        held.get_by_role("button", name=UNSURE, exact=True).click()
        expect(held.get_by_role("log")).to_be_visible(timeout=PATIENCE)

        assert faults(held, axe) == []
