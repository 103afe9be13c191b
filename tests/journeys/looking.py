"""Looking at pages with the eyes of those who see, hear or reach less, in both languages and at both sizes."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import Page, Response

from tests.journeys.browsing import DESK, TELEPHONE, breaches, misfits, sign_in

ALSO = """() => [...new Set([...document.querySelectorAll("main a[href]")]
    .filter(link => link.pathname === location.pathname && link.search && link.search !== location.search)
    .map(link => link.pathname + link.search))]"""
"""The other states of a page, such as the next part of its list, are what it leads to itself."""
LISTENED_AT = {"da": TELEPHONE, "en": DESK}
"""The size at which the guidelines are tried in each language: both sizes and both languages in half the time.

What a finger or a small screen would stumble over is looked for at both sizes in both.
"""
UNFOLD = "document.querySelectorAll('main details').forEach(folded => { folded.open = true; })"
NOT_IN_FILES = re.compile(r"\W+")
TOLD_TWICE = """() => [...document.querySelectorAll("[role=status]")]
    .filter(told => told.checkVisibility()).slice(1).map(told => told.outerHTML.slice(0, 200))"""
"""Whoever listens hears of one thing at a time."""
SEND = """([path, fields]) => {
    const form = Object.assign(document.createElement("form"), {method: "post", action: path});
    const token = document.querySelector("[name=csrf_token]").value;
    for (const [name, values] of Object.entries({csrf_token: token, ...fields}))
        for (const value of [values].flat()) {
            const field = document.createElement("textarea");
            form.append(Object.assign(field, {name, value}));
        }
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass(kw_only=True)
class Looker:
    """Somebody who looks at pages and notes in `found` what is wrong with them."""

    page: Page
    address: str
    axe: str
    language: str
    found: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Look at a page and, once each, at the other states it leads to."""
        self.go(path)
        for other in self.page.evaluate(ALSO):
            self.go(other)

    def go(self, path: str, *, status: int = 200, shows: str = "main") -> None:
        """Look at one page."""
        answer = self.page.goto(self.address + path)
        self.look(path, shows=shows)
        self._expect(path, answer, status)

    def send(self, path: str, *, status: int = 200, shows: str = "main", **fields: str | list[str]) -> None:
        """Send a form whatever its page would allow, and look at what is answered, after it has led elsewhere."""
        with self.page.expect_navigation() as answer:
            self.page.evaluate(SEND, [path, fields])
        what = f"POST {path} {sorted(fields)}"
        self.look(what, shows=shows)
        self._expect(what, answer.value, status)

    def look(self, what: str, *, shows: str = "main") -> None:
        """Look at the page as it stands, with everything unfolded, on the telephone and at the desk.

        `shows` selects what makes it the state that is meant: a page without it is not looked at in vain.
        """
        self.page.wait_for_load_state()
        self.page.evaluate(UNFOLD)
        if not self.page.locator(shows).first.is_visible():
            self.found.append(f"{what} ({self.language}): does not show {shows}")
        self.found += [f"{what} ({self.language}): told twice: {told}" for told in self.page.evaluate(TOLD_TWICE)]
        for size in (TELEPHONE, DESK):
            self.page.set_viewport_size(size)
            found = misfits(self.page)
            if size is LISTENED_AT[self.language]:
                found += breaches(self.page, self.axe)
            self.found += [f"{what} ({self.language}, {size['width']}): {fault}" for fault in found]
            self._keep(f"{what} {shows} {self.language} {size['width']}")

    def come(self, initials: str) -> None:
        """Come in as somebody, to read in one's language."""
        self.page.context.clear_cookies()
        sign_in(self.page, self.address, initials)
        self.speak()

    def come_by_phone(self, phone: FlaskClient, cookie: str, home: str) -> None:
        """Come into the app as the one whose phone this is, by the page that opens first, to read in one's language."""
        kept = phone.get_cookie(cookie)
        assert kept is not None
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": cookie, "value": kept.value, "url": self.address}])
        self.page.goto(self.address + home)
        self.speak()

    def speak(self) -> None:
        """Let the pages speak one's language from here on."""
        if self.page.locator("html").get_attribute("lang") != self.language:
            self.page.locator(f"footer button[value={self.language}]").click()
            self.page.locator(f"html[lang={self.language}]").wait_for(state="attached")

    def _expect(self, what: str, answer: Response | None, status: int) -> None:
        if answer is None or answer.status != status:
            self.found.append(f"{what}: answers {answer and answer.status}")

    def _keep(self, name: str) -> None:
        """Keep what was looked at, for whoever has asked for it by naming a folder."""
        if folder := os.environ.get("LOOKED_AT"):
            file = NOT_IN_FILES.sub("-", name)[-150:]
            self.page.screenshot(path=Path(folder) / f"{file}.png", full_page=True)
