"""Every page of the app, in both languages, on a telephone, a small one, and with everything twice as large."""

import uuid

import pytest
from playwright.sync_api import Browser, Page

from messaging.appointments.own_meetings import token_of
from messaging.citizen_app.pages.doors import cookie_name, is_app_page
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.citizen_app.test_plain_language import PAGES
from tests.house import House
from tests.journeys.browsing import TELEPHONE, breaches, misfits
from tests.journeys.in_hand import SMALL, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

TWICE = {"width": 180, "height": 370}
"""What 200 % of zoom leaves of a telephone."""
LISTENED_AT = {"da": TELEPHONE, "en": SMALL}
"""The size at which the guidelines are tried in each language; what a finger would stumble over, at all in both."""
OFFLINE = "/app/offline/<language>"
MEETING = "/app/meetings/<meeting_token>"
BY_CODE = {"/app/start/<token>", "/app/start/<token>/done", "/app/start/<token>/open"}
"""What the QR code leads to; the journey of letting a phone in looks at it."""
ELSEWHERE = {
    "/app/helping/start/<token>",
    "/app/helping/<uuid:helper_id>",
    "/app/login/mitid",
    "/app/login/mitid/return",
    "/app/papers/<uuid:document_id>",
}
"""Who reads along has journeys of her own; the others lead to MitID and back, and give a file."""


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def _hold(held: Page, house: House, citizen_id: uuid.UUID, address: str) -> None:
    """Let the browser be in."""
    client, name = house.phone(citizen_id), cookie_name(house.runtime.config)
    cookie = client.get_cookie(name)
    assert cookie
    held.context.add_cookies([{"name": name, "value": cookie.value, "url": address}])


def test_every_page_of_the_app_is_looked_at_here_or_is_found_by_a_code(house: House) -> None:
    rules = {rule.rule for rule in house.app.url_map.iter_rules() if "GET" in rule.methods}

    assert {rule for rule in rules if is_app_page(rule) and "." not in rule} == {
        *PAGES,
        *BY_CODE,
        *ELSEWHERE,
        OFFLINE,
        MEETING,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_used_by_everybody(
    house: House, browser: Browser, address: str, axe: str, mette: Caseworker, sara: uuid.UUID, language: str
) -> None:
    meeting = token_of(house.runtime.vault, house.appointment(sara, mette).id)
    house.hears("Hej, det er en lang sms med et ordudenmellemrumsomerlangtnoktilatgåudoverkanten")
    wrong = {}
    with phone(browser) as held:
        held.goto(f"{address}/app/login")
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
        for path in ("/app/login", "/app/privacy", "/app/recognise", "/app/accessibility"):
            held.goto(address + path)
            wrong[f"{path}, not signed in"] = _faults(held, axe, language)
        _hold(held, house, sara, address)
        filled = (OFFLINE.replace("<language>", language), MEETING.replace("<meeting_token>", meeting))
        for path in (*PAGES, *filled):
            held.goto(address + path)
            wrong[path.replace(meeting, "…")] = _faults(held, axe, language)

    assert {path: found for path, found in wrong.items() if found} == {}


def _faults(held: Page, axe: str, language: str) -> list[str]:
    found = []
    for size in (TELEPHONE, SMALL, TWICE):
        held.set_viewport_size(size)
        faults = misfits(held)
        if size is LISTENED_AT[language]:
            faults += breaches(held, axe)
        found += [f"{size['width']}: {fault}" for fault in faults]
    return found
