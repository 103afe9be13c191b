"""What is shown to whom the service does not let in, does not understand or cannot reach."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import abort
from playwright.sync_api import Page, expect

from adapters.errors import SignInRefused, TryLater
from adapters.sign_in_contract import SignInRequest
from messaging.app import LARGEST_REQUEST, create_app
from messaging.runtime import Runtime
from messaging.web.language import LANGUAGES
from messaging.web.problems import PAGES
from tests.house import House
from tests.journeys.looking import Looker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]

LEAVE = "/sign-in/municipality"
RETURN = f"{LEAVE}/return"
TRIES = 10
"""As many as one may make in a quarter of an hour."""


@dataclass(kw_only=True)
class Provider:
    """Sends whoever comes straight back, and proves nothing that `proves` does not."""

    begins: Callable[[], None] = lambda: None
    proves: Callable[[], str] = lambda: "nobody"

    def begin(self, *, return_to: str) -> SignInRequest:
        self.begins()
        return SignInRequest(url=f"{RETURN}?state=this&code=it", state="this", nonce="n", verifier="v")

    def finish(self, *, nonce: str, verifier: str, code: str, return_to: str) -> str:
        return self.proves()


@pytest.fixture
def provider() -> Provider:
    """The municipality's sign-in."""
    return Provider()


@pytest.fixture
def house(runtime: Runtime, house: House, provider: Provider) -> House:
    """The service of a municipality with a sign-in of its own, and an address at which anything can go wrong."""
    composed = replace(runtime, sign_in_provider=provider)
    app = create_app(composed, log_file=house.log)
    app.add_url_rule("/fails/<int:status>", "fails", lambda status: abort(status))
    return replace(house, runtime=composed, app=app)


@pytest.fixture
def looker(page: Page, address: str, axe: str, language: str) -> Looker:
    """Somebody who has not signed in yet."""
    looker = Looker(page=page, address=address, axe=axe, language=language)
    page.goto(f"{address}/sign-in")
    looker.speak()
    return looker


def _silent() -> None:
    raise TryLater("silent")


def _refused() -> str:
    raise SignInRefused("refused")


def test_signing_in_that_fails(looker: Looker, house: House, provider: Provider) -> None:
    house.caseworker()
    looker.go("/sign-in")
    looker.send("/sign-in", status=403, shows="#wrong", initials="mho", password="forkert")
    looker.go(f"{RETURN}?state=another", status=400, shows="#wrong")
    looker.go(LEAVE, status=403, shows="#wrong")
    provider.proves = _refused
    looker.go(LEAVE, status=403, shows="#wrong")
    provider.begins = _silent
    looker.go(LEAVE, status=503, shows="#wrong")
    looker.page.goto(f"{looker.address}/sign-in")
    for _try in range(TRIES - 1):
        looker.page.request.post(f"{looker.address}/sign-in", form=_form(looker))
    looker.send("/sign-in", status=429, shows="h1", initials="mho", password="forkert")

    assert looker.found == []


def test_whoever_was_signed_out_by_time(looker: Looker, house: House) -> None:
    house.caseworker()
    looker.come("mho")
    house.runtime.clock.advance(minutes=61)
    looker.go("/citizens", shows=".alert-info")

    assert looker.found == []


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["stranger", "signed in"])
def test_every_page_that_says_what_went_wrong(looker: Looker, house: House, *, is_signed_in: bool) -> None:
    house.caseworker()
    if is_signed_in:
        looker.come("mho")
        looker.go(f"/conversations/{uuid.uuid4()}", status=404, shows="h1")
        looker.go("/administration/staff", status=404, shows="h1")
        looker.send("/search", status=413, shows="h1", words="x" * (LARGEST_REQUEST + 1))
        looker.page.goto(f"{looker.address}/citizens")
        looker.send("/search", status=400, shows="h1", csrf_token="another")
    else:
        looker.go("/nowhere", status=404, shows="h1")
        looker.go("/language", status=405, shows="h1")
        for status in (*PAGES, 500):
            looker.go(f"/fails/{status}", status=status, shows="h1")

    assert looker.found == []


def test_a_reply_without_a_connection_or_a_session(looker: Looker, house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hvornår skal jeg komme?")
    looker.come("mho")
    page, thread = looker.page, f"{looker.address}/conversations/{citizen_id}"
    page.goto(thread)
    page.locator("#text").fill("Klokken ni")
    page.context.set_offline(True)
    page.locator("#reply button[value=send]").click()
    expect(page.locator("#reply button[value=send]")).to_be_disabled()
    looker.look("a reply without a connection", shows="#reply-status")
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(False)
    page.wait_for_url(f"{thread}#newest")
    page.locator("#text").fill("Eller ti")
    house.runtime.clock.advance(minutes=61)
    page.locator("#reply button[value=send]").click()
    page.locator("#reply-status").wait_for(state="visible")
    looker.look("a reply without a session", shows="#reply-status")

    assert looker.found == []


def test_whoever_has_signed_out_in_another_tab_and_whoever_asks_for_the_keys(looker: Looker, house: House) -> None:
    house.caseworker()
    looker.come("mho")
    page = looker.page
    page.goto(f"{looker.address}/conversations")
    page.keyboard.press("?")
    looker.look("the help with the keys", shows="#keys-help")
    page.keyboard.press("Escape")
    token = page.locator("[name=csrf_token]").first.input_value()
    page.request.post(f"{looker.address}/sign-out", form={"csrf_token": token}, max_redirects=0)
    expect(page.locator("#session-over")).to_be_visible()
    looker.look("signed out in another tab", shows="#session-over")

    assert looker.found == []


def _form(looker: Looker) -> dict[str, str]:
    token = looker.page.locator("[name=csrf_token]").first.input_value()
    return {"initials": "mho", "password": "forkert", "csrf_token": token}
