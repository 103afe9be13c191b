"""A citizen's phone in the journeys of the app: a browser of its own, of a phone's size, that reads QR codes."""

import io
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.doors import cookie_name
from messaging.citizen_app.sessions import begin_session
from messaging.people.actors import SYSTEM
from tests.house import House
from tests.journeys.browsing import TELEPHONE

SMALL = {"width": 320, "height": 640}
DAY = 86400


@contextmanager
def phone(browser: Browser, *, size: dict[str, int] = TELEPHONE, script: bool = True) -> Iterator[Page]:
    """Hold a phone; without `script` its browser runs none."""
    with browser.new_context(
        viewport=size, locale="da-DK", timezone_id="Europe/Copenhagen", has_touch=True, java_script_enabled=script
    ) as context:
        yield context.new_page()


def scan(desk: Page, address: str) -> str:
    """Point the camera at the desk's screen; return the address there, at the test's own server."""
    picture = Image.open(io.BytesIO(desk.get_by_role("img", name="QR-kode").screenshot()))
    found = zxingcpp.read_barcode(picture)
    assert found is not None, "no QR code can be read from the screen"
    return address + urlsplit(found.text).path


def offer(desk: Page) -> None:
    """At the thread of a citizen: show a QR code for her phone."""
    desk.get_by_role("link", name="Åbn appen på borgerens telefon").click()
    desk.get_by_label("Billedlegitimation").check()
    desk.get_by_role("button", name="Vis QR-koden").click()
    expect(desk.get_by_role("img", name="QR-kode")).to_be_visible()


def pair(desk: Page, held: Page, address: str) -> None:
    """Let a phone in: show the code, scan it, say yes, and go on to the messages."""
    offer(desk)
    held.goto(scan(desk, address))
    held.get_by_role("button", name="Ja, det er min telefon").click()
    held.get_by_role("link", name="Se mine beskeder").click()
    expect(held.get_by_role("log")).to_be_visible()


def let_in(house: House, context: BrowserContext, address: str, citizen_id: uuid.UUID) -> None:
    """Let a phone in without a desk: give its browser the token that pairing gives it."""
    with house.runtime.act(SYSTEM) as act:
        token = begin_session(act, citizen_id=citizen_id, opened=Opened.PAIRED)
    name = cookie_name(house.runtime.config)
    context.add_cookies(
        [{"name": name, "value": token, "url": address, "httpOnly": True, "expires": time.time() + DAY}]
    )
