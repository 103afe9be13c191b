"""The pictures README shows, of a house full of invented people. `make pictures` takes them; a suite only looks."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.house import House
from tests.journeys.browsing import TELEPHONE, sign_in
from tests.journeys.full_house import fill

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

DESK = {"width": 1280, "height": 800}


def _take(page: Page, name: str) -> None:
    """Keep the picture if somebody has asked for it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", caret="hide")


def test_the_pages_that_readme_shows_have_something_to_show(house: House, page: Page, address: str) -> None:
    ids = fill(house)
    page.set_viewport_size(DESK)
    sign_in(page, address)
    expect(page.get_by_role("link", name="Sara Nielsen")).to_be_visible()
    _take(page, "inbox")
    page.goto(f"{address}/conversations/{ids['citizen_id']}")
    note = page.get_by_text("Træffes bedst efter kl. 12.")
    note.scroll_into_view_if_needed()
    expect(note).to_be_visible()
    _take(page, "thread")
    page.set_viewport_size(TELEPHONE)
    note.scroll_into_view_if_needed()
    _take(page, "telephone")
    page.set_viewport_size(DESK)
    page.goto(f"{address}/meetings")
    expect(page.get_by_text("Sara Nielsen").first).to_be_visible()
    _take(page, "day")
    page.goto(f"{address}/absences/{ids['absence_id']}/day")
    expect(page.get_by_role("button", name="Aflys de valgte")).to_be_visible()
    _take(page, "morning")
