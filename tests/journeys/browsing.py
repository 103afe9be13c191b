"""What the journeys share: two sizes of screen, a way in, and the eyes that look at a page."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.house import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
DESK = {"width": 1280, "height": 900}
TELEPHONE = {"width": 360, "height": 740}
SMALLEST_TARGET = 44
LISTENING = 1500
"""Milliseconds in which a page that was opened begins to hear what happens."""
PATIENCE = 30_000
"""Milliseconds for a page to show what has happened, on a busy machine."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

at_desk_and_on_telephone = pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])

TOO_SMALL = """smallest => [...document.querySelectorAll(
        "main button, main a, main summary, main select, main textarea, header a, header button, footer a, "
        + "footer button, main input:not([type=hidden], [type=checkbox], [type=radio])")]
    .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < smallest)
    .map(element => element.outerHTML.slice(0, 200))"""
TOO_WIDE = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"


def sign_in(page: Page, address: str, initials: str = "mho") -> None:
    """Come in by the door, in Danish."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Initialer").fill(initials)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind", exact=True).click()
    expect(page.get_by_role("button", name="Log ud")).to_be_visible()
    page.wait_for_load_state()  # the keys are known only then


def breaches(page: Page, axe: str) -> list[str]:
    """Return what breaks a rule of accessibility on the page as it stands once it is there, from its top.

    Further down the bar at the top covers half of whatever it happens to pass, which is no fault.
    """
    page.wait_for_load_state()  # a click has done its part when the next page begins
    page.evaluate("scrollTo(0, 0)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found = page.evaluate(f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})")
    return [
        f"{breach['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for breach in found["violations"]
        for node in breach["nodes"]
    ]


def faults(page: Page, axe: str) -> list[str]:
    """Return what is wrong with the page as it stands, for whoever looks, listens or feels."""
    return breaches(page, axe) + misfits(page)


def too_small(page: Page) -> Sequence[str]:
    """Return what a finger must hit and cannot."""
    found: list[str] = page.evaluate(TOO_SMALL, SMALLEST_TARGET)
    return found


def misfits(page: Page) -> list[str]:
    """Return what a small screen or a finger would stumble over, once the page has its styles."""
    page.wait_for_load_state()
    wide = page.evaluate(TOO_WIDE)
    return [*(f"too small: {element}" for element in too_small(page)), *([f"{wide} pixels too wide"] if wide else [])]
