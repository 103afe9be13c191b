"""Leaving the app at once: by the button or by Esc, on every page and for whoever holds the phone."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults
from tests.journeys.in_hand import SMALL, let_in, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

ELSEWHERE = "https://www.dr.dk/"
FOR_EVERYBODY = ("/app/login", "/app/login/code", "/app/help", "/app/leaving", "/app/nowhere", "/app/offline/da")
HERS = ("/app", "/app/meetings", "/app/papers", "/app/more")


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def asked() -> list[dict[str, str]]:
    """The headers of every request for the page elsewhere."""
    return []


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def held(
    house: House,
    browser: Browser,
    address: str,
    sara: uuid.UUID,
    asked: list[dict[str, str]],
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """Sara's phone."""
    with phone(browser, script=request.param) as held:
        _play_elsewhere(held.context, asked)
        let_in(house, held.context, address, sara)
        yield held


def _play_elsewhere(context: BrowserContext, asked: list[dict[str, str]]) -> None:
    def show(route: Route) -> None:
        asked.append(route.request.headers)
        route.fulfill(content_type="text/html", body="<title>Nyheder</title><h1>Vejret i dag</h1>")

    context.route(f"{ELSEWHERE}**", show)


def _tap(held: Page) -> None:
    held.get_by_role("link", name="Forlad siden", exact=True).click()


def _press_esc(held: Page) -> None:
    for _time in range(3):
        held.keyboard.press("Escape")


def _is_elsewhere(held: Page) -> None:
    held.wait_for_url(ELSEWHERE)
    expect(held.get_by_role("heading", name="Vejret i dag")).to_be_visible()


with_script = pytest.mark.parametrize("held", [True], indirect=True)
both_ways = pytest.mark.parametrize("leave", [_tap, _press_esc], ids=["button", "Esc"])


def test_one_tap_leaves_every_page_and_tells_nobody_where_she_was(
    held: Page, address: str, asked: list[dict[str, str]]
) -> None:
    for path in (*FOR_EVERYBODY, *HERS):
        held.goto(f"{address}{path}")
        _tap(held)
        _is_elsewhere(held)

    assert [headers.get("referer") for headers in asked] == [None] * len((*FOR_EVERYBODY, *HERS))


@with_script
@both_ways
def test_back_does_not_show_the_app_again_and_opening_it_does(
    held: Page, address: str, leave: Callable[[Page], None]
) -> None:
    for path in ("/app/login", "/app/more", "/app"):
        held.goto(f"{address}{path}")
    leave(held)
    _is_elsewhere(held)
    for _time in range(2):
        held.evaluate("history.back()")
        held.wait_for_timeout(500)
        _is_elsewhere(held)
    held.goto(f"{address}/app")

    expect(held.get_by_role("log")).to_be_visible()
    held.goto(f"{address}/app/more")
    held.go_back()
    expect(held.get_by_role("log")).to_be_visible()


@with_script
def test_esc_pressed_once_or_slowly_leaves_nothing(held: Page, address: str) -> None:
    held.goto(f"{address}/app")
    for pause in (1100, 1100, 1100, 0):
        held.keyboard.press("Escape")
        held.wait_for_timeout(pause)

    assert held.url == f"{address}/app"
    expect(held.get_by_role("log")).to_be_visible()


@with_script
def test_the_page_is_gone_before_the_other_one_has_come(held: Page, address: str) -> None:
    held.goto(f"{address}/app")
    shown = held.evaluate("""() => {
        document.getElementById("leave").click();
        return [document.querySelector("main").checkVisibility(), document.title];
    }""")

    assert shown == [False, "www.dr.dk"]


@with_script
@both_ways
def test_who_reads_along_leaves_by_it_too(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID, leave: Callable[[Page], None]
) -> None:
    client = house.helpers_phone(sara, house.helper(sara, mette), mette)
    cookie = next(cookie for cookie in client._cookies.values() if "helping" in cookie.key)
    held.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    held.goto(f"{address}/app/helping")
    expect(held.get_by_role("heading", name="Beskeder til og fra Sara")).to_be_visible()
    leave(held)

    _is_elsewhere(held)


@with_script
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["360", "320"])
def test_the_page_about_it_can_be_used_by_everybody(
    held: Page, address: str, axe: str, size: dict[str, int], language: str
) -> None:
    held.set_viewport_size(size)
    held.goto(f"{address}/app/leaving")
    if language != "da":
        held.get_by_role("button", name=LANGUAGES[language]).click()
    expect(held.locator("#leave")).to_be_in_viewport()
    held.locator("footer").scroll_into_view_if_needed()
    expect(held.locator("#leave")).to_be_in_viewport()

    assert faults(held, axe) == []
