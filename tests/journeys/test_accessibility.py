"""Every page that anybody may see, in both languages and at two sizes: whoever looks, listens or feels can use it.

The pages are those of the service's own map, so that a new one is looked at without being named here. One database is
enough: what a page looks like does not depend on it.
"""

import re

import pytest
from playwright.sync_api import Page

from messaging.web.language import LANGUAGES
from tests.access.table import TABLE, Answer, Who
from tests.house import House
from tests.journeys.browsing import DESK, TELEPHONE, breaches
from tests.journeys.full_house import Ids, fill
from tests.journeys.looking import Looker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(360),  # some may see fifty pages, each at two sizes
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
INITIALS = {
    Who.CASEWORKER: "mho",
    Who.DEPUTY: "dep",
    Who.INFORMED: "lead",
    Who.SUPERUSER: "super",
    Who.AUDITOR: "audit",
}
"""Who looks; each opens what the table of routes lets them open."""
NOT_A_PAGE = re.compile(r"\.(csv|html|json|pdf|txt)$|/<uuid:document_id>$|^/(api|app|live|metrics|health|static)\b")
"""What systems ask for, and the description of the API and the app, which are looked at by themselves."""

NOBODYS = {"/sign-in/municipality", "/sign-in/municipality/return"}
"""They lead to the municipality's own sign-in and back, and show nothing."""
COVERED = {"/conversations", "/absences"}
"""What looks otherwise to a deputy, beside the threads."""


@pytest.fixture
def looker(page: Page, address: str, axe: str, language: str) -> Looker:
    """Somebody who has not signed in yet."""
    return Looker(page=page, address=address, axe=axe, language=language)


def paths_for(house: House, who: Who, ids: Ids) -> list[str]:
    """The addresses of all pages that somebody may open."""
    routes = [route for route in routes_of(house) if TABLE[f"GET {route}"].kind[who] is Answer.LET_IN]
    paths = [PLACEHOLDER.sub(lambda found: str(ids[found[1]]), route) for route in routes]
    return [path for path in paths if who is not Who.DEPUTY or path in COVERED or str(ids["citizen_id"]) in path]


def routes_of(house: House) -> list[str]:
    """Every page of the service."""
    rules = house.app.url_map.iter_rules()
    return sorted(rule.rule for rule in rules if "GET" in rule.methods and not NOT_A_PAGE.search(rule.rule))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", INITIALS)
def test_every_page_can_be_used_by_everybody_who_may_see_it(house: House, looker: Looker, who: Who) -> None:
    ids = fill(house)
    looker.come(INITIALS[who])
    if who is Who.INFORMED:
        looker.page.goto(f"{looker.address}/citizens/{ids['citizen_id']}/reason")
        looker.send(f"/citizens/{ids['citizen_id']}/reason", reason="Mette er syg i dag")
    for path in paths_for(house, who, ids):
        looker.open(path)

    assert looker.found == []


def test_every_page_is_looked_at_by_somebody(house: House) -> None:
    seen = {route for route in routes_of(house) for who in INITIALS if TABLE[f"GET {route}"].kind[who] is Answer.LET_IN}

    assert set(routes_of(house)) - seen == NOBODYS


def test_the_description_of_the_api_can_be_used(house: House, page: Page, address: str, axe: str) -> None:
    """Swagger UI draws it, in English and for programmers: the rules hold for it, our size of targets does not."""
    found = []
    for size in (TELEPHONE, DESK):
        page.set_viewport_size(size)
        page.goto(f"{address}/api/v1/docs")
        for method in ("get", "post"):
            page.locator(f".opblock-{method} button.opblock-summary-control").first.click()
            page.locator(f".opblock-{method} .microlight").first.wait_for()
        found += breaches(page, axe)

    assert found == []
