"""Every page that anybody may see, in both languages and at two sizes: whoever looks, listens or feels can use it.

The pages are those of the service's own map, so that a new one is looked at without being named here. One database is
enough: what a page looks like does not depend on it.
"""

import re
import uuid
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from messaging.web.language import DANISH, ENGLISH, LANGUAGES
from tests.access.table import TABLE, Answer, Who
from tests.house import House
from tests.journeys.browsing import DESK, TELEPHONE, breaches, misfits, sign_in
from tests.journeys.full_house import Ids, fill

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
INITIALS = {
    Who.CASEWORKER: "mho",
    Who.DEPUTY: "dep",
    Who.INFORMED: "lead",
    Who.SUPERUSER: "super",
    Who.AUDITOR: "audit",
}
"""Who looks; each opens what the table of routes lets them open."""
NOT_A_PAGE = re.compile(r"\.(csv|json|pdf|txt)$|^/(api|live|metrics|health|static)\b")
"""What systems ask for; the description of the API is drawn by Swagger UI, which is for programmers and not ours."""
ALSO = """() => [...new Set([...document.querySelectorAll("main a[href]")]
    .filter(link => link.pathname === location.pathname && link.search && link.search !== location.search)
    .map(link => link.pathname + link.search))]"""
"""The other states of a page, such as the next part of its list, are what it leads to itself."""


NOBODYS = {"/sign-in/municipality", "/sign-in/municipality/return"}
"""They lead to the municipality's own sign-in and back, and show nothing."""
COVERED = {"/conversations", "/absences"}
"""What looks otherwise to a deputy, beside the threads."""


@dataclass(kw_only=True)
class Looker:
    """Somebody who looks at pages with the eyes of those who see, hear or reach less."""

    page: Page
    address: str
    axe: str
    found: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Look at a page and, once each, at the other states it leads to."""
        self.go(path)
        for other in self.page.evaluate(ALSO):
            self.go(other)

    def go(self, path: str) -> None:
        """Look at one page."""
        answer = self.page.goto(self.address + path)
        self.look(path)
        if answer is None or answer.status != 200:
            self.found.append(f"{path}: cannot be opened")

    def look(self, what: str) -> None:
        """Look at the page as it stands, with everything unfolded, on the telephone and at the desk.

        The rules of accessibility are tried at the one size in Danish and at the other in English.
        """
        language = self.page.evaluate("document.documentElement.lang")
        self.page.evaluate("document.querySelectorAll('main details').forEach(folded => { folded.open = true; })")
        for size, spoken in ((TELEPHONE, DANISH), (DESK, ENGLISH)):
            self.page.set_viewport_size(size)
            found = misfits(self.page) + (breaches(self.page, self.axe) if language == spoken else [])
            self.found += [f"{what} ({language}, {size['width']}): {fault}" for fault in found]

    def send(self, path: str, **fields: str | list[str]) -> None:
        """Send a form whatever its page would allow, and look at what is said to it."""
        with self.page.expect_navigation():
            self.page.evaluate(
                """([path, fields]) => {
                    const form = Object.assign(document.createElement("form"), {method: "post", action: path});
                    const token = document.querySelector("[name=csrf_token]").value;
                    for (const [name, values] of Object.entries({...fields, csrf_token: token}))
                        for (const value of [values].flat())
                            form.append(Object.assign(document.createElement("input"), {name, value}));
                    document.body.append(form);
                    form.submit();
                }""",
                [path, fields],
            )
        self.look(f"POST {path} {sorted(fields)}")

    def change_language(self) -> None:
        """Read on in the other language."""
        before = self.page.locator("html").get_attribute("lang")
        self.page.locator("footer button[name=language]").click()
        self.page.locator(f"html:not([lang={before}])").wait_for(state="attached")


@pytest.fixture
def looker(page: Page, address: str, axe: str) -> Looker:
    """Somebody who has not signed in yet."""
    return Looker(page=page, address=address, axe=axe)


def paths_for(house: House, who: Who, ids: Ids) -> list[str]:
    """The addresses of all pages that somebody may open."""
    routes = [route for route in routes_of(house) if TABLE[f"GET {route}"].kind[who] is Answer.LET_IN]
    paths = [PLACEHOLDER.sub(lambda found: str(ids[found[1]]), route) for route in routes]
    return [path for path in paths if who is not Who.DEPUTY or path in COVERED or str(ids["citizen_id"]) in path]


def routes_of(house: House) -> list[str]:
    """Every page of the service."""
    rules = house.app.url_map.iter_rules()
    return sorted(rule.rule for rule in rules if "GET" in rule.methods and not NOT_A_PAGE.search(rule.rule))


@pytest.mark.parametrize("who", INITIALS)
def test_every_page_can_be_used_by_everybody_who_may_see_it(house: House, looker: Looker, who: Who) -> None:
    ids = fill(house)
    sign_in(looker.page, looker.address, INITIALS[who])
    if who is Who.INFORMED:
        looker.page.goto(f"{looker.address}/citizens/{ids['citizen_id']}/reason")
        looker.send(f"/citizens/{ids['citizen_id']}/reason", reason="Mette er syg i dag")
    for _language in LANGUAGES:
        for path in paths_for(house, who, ids):
            looker.open(path)
        looker.change_language()

    assert looker.found == []


def test_every_page_is_looked_at_by_somebody(house: House) -> None:
    seen = {route for route in routes_of(house) for who in INITIALS if TABLE[f"GET {route}"].kind[who] is Answer.LET_IN}

    assert set(routes_of(house)) - seen == NOBODYS


def test_unusual_threads_and_cards_can_be_used(house: House, looker: Looker) -> None:
    ids = fill(house)
    sign_in(looker.page, looker.address)
    for _language in LANGUAGES:
        for citizen_id in ids["unusual"]:
            looker.go(f"/conversations/{citizen_id}")
            looker.go(f"/citizens/{citizen_id}")
        looker.change_language()

    assert looker.found == []


def test_refusals_can_be_used(house: House, looker: Looker) -> None:
    ids = fill(house)
    looker.go("/sign-in")
    looker.send("/sign-in", initials="mho", password="forkert")
    looker.change_language()
    looker.send("/sign-in", initials="mho", password="forkert")
    looker.change_language()
    sign_in(looker.page, looker.address)
    thread = f"/conversations/{ids['unusual'][1]}"
    for _language in LANGUAGES:
        looker.page.goto(f"{looker.address}/nowhere")
        looker.look("what is nowhere")
        for path, fields in (
            (f"{thread}/messages", {"template": "M6", "action": "template", "seen": "0"}),
            (f"{thread}/messages", {"text": "Hej", "action": "send", "seen": "0"}),
            (f"{thread}/messages", {"text": "Hej", "action": "send", "seen": "0", "due_at": "i morgen"}),
            (f"{thread}/notes", {"note": ""}),
            (f"/citizens/{ids['unusual'][1]}/contacts", {"kind": ""}),
            (f"/citizens/{ids['unusual'][1]}/numbers", {"number": "112"}),
            ("/batches/preview", {"template": "M9", "batch_id": str(uuid.uuid4())}),
            ("/handover/preview", {}),
            ("/absences", {"caseworker": str(ids["caseworker_id"]), "first_day": "2020-01-01"}),
            ("/search", {"words": "cv"}),
            ("/search", {"words": ""}),
            ("/search", {"words": "findes ikke"}),
        ):
            looker.page.goto(f"{looker.address}{thread}")
            looker.send(path, **fields)
        looker.page.goto(f"{looker.address}/conversations")
        looker.page.keyboard.press("?")
        looker.look("the help with the keys")
        looker.page.keyboard.press("Escape")
        looker.change_language()

    assert looker.found == []
