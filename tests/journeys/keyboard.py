"""A caseworker who has a keyboard and nothing else: what she reaches, she reaches by Tab or by one of the keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.house import PASSWORD

MOST_STEPS = 25
"""How often somebody presses Tab for one thing before the page is not made for her."""
FOCUSED = """() => {
    const at = document.activeElement;
    if (!at || at.matches("body, main")) return "";
    const name = at.labels?.[0]?.textContent || at.getAttribute("aria-label") || at.textContent;
    return name.replace(/\\s+/g, " ").trim();
}"""
SHOWN = """() => {
    const at = document.activeElement;
    const drawn = at.matches("[type=checkbox], [type=radio]") ? [at.labels[0], "::before"] : [at, null];
    const style = getComputedStyle(...drawn);
    return style.outlineStyle !== "none" || style.boxShadow !== "none" || getComputedStyle(at).outlineStyle !== "none";
}"""


def to(page: Page, name: str, *, key: str = "Tab") -> None:
    """Press Tab until what is named so has the focus, and see that it has."""
    for _step in range(MOST_STEPS + 1):
        if name in page.evaluate(FOCUSED):
            assert page.evaluate(SHOWN), f"nobody sees that {name} has the focus"
            return
        page.keyboard.press(key)
    pytest.fail(f"{MOST_STEPS} times {key} do not lead to {name}")


def back_to(page: Page, name: str) -> None:
    """The same the other way."""
    to(page, name, key="Shift+Tab")


def press(page: Page, name: str) -> None:
    """Go to a button or a link and press it."""
    to(page, name)
    page.keyboard.press("Enter")


def tick(page: Page, name: str) -> None:
    """Go to a box and change its tick."""
    to(page, name)
    page.keyboard.press("Space")


def write(page: Page, name: str, text: str) -> None:
    """Go to a field and write in it; in a list that opens, this chooses what begins so."""
    to(page, name)
    page.keyboard.type(text)


def choose_template(page: Page, key: str) -> None:
    """Go down the list of templates to one of them."""
    to(page, "Skabelon")
    while page.evaluate("document.activeElement.value") != key:
        page.keyboard.press("ArrowDown")


def open_first(page: Page, name: str) -> None:
    """Go to the first row of a list and open it; it leads to a page with this heading."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.wait_for_load_state()  # the keys are known only then


def answer(page: Page, text: str) -> None:
    """Write in the open thread and send it."""
    page.keyboard.press("r")
    page.keyboard.type(text)
    press(page, "Send sms")
    expect(page.get_by_role("log").get_by_role("listitem").last).to_contain_text(text)
    page.wait_for_load_state()


def sign_in(page: Page, initials: str = "mho") -> None:
    """Come in by the door, which is open before her."""
    write(page, "Initialer", initials)
    write(page, "Adgangskode", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    page.wait_for_load_state()


def arrive(page: Page, address: str, size: dict[str, int], initials: str = "mho") -> None:
    """Open the service on a screen of this size and come in."""
    page.set_viewport_size(size)
    page.goto(address)
    sign_in(page, initials)


def change_person(page: Page, initials: str) -> None:
    """Leave, and let somebody else come in."""
    press(page, "Log ud")
    expect(page.get_by_role("heading", name="Log ind")).to_be_visible()
    sign_in(page, initials)
