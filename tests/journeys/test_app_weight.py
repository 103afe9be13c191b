"""What a telephone has to fetch before the app can be read: little enough for a bad connection."""

import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from tests.house import House
from tests.journeys.browsing import sign_in
from tests.journeys.in_hand import let_in, offer, phone, scan

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

MOST = 150_000
"""Bytes on the wire, headers and all, without fonts, and without any proxy that compresses."""
PAGE = 30
"""Messages that the thread shows at first."""


class Scale:
    """Weighs what a page fetches, by kind."""

    def __init__(self, page: Page) -> None:
        self.weights: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", self._asked)
        devtools.on("Network.loadingFinished", self._came)

    @property
    def bytes(self) -> int:
        """All but fonts."""
        return sum(weight for kind, weight in self.weights.items() if kind != "Font")

    def _asked(self, told: dict[str, str]) -> None:
        self._kinds[told["requestId"]] = told["type"]

    def _came(self, told: dict[str, str]) -> None:
        kind = self._kinds[told["requestId"]]
        self.weights[kind] = self.weights.get(kind, 0) + int(told["encodedDataLength"])


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with as many messages as the first page shows, each as long as people write them."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette)
    for number in range(PAGE):
        with house.runtime.act(SYSTEM) as act:
            send_in_app(
                act,
                citizen_id=citizen_id,
                text=f"{number}: {uuid.uuid4().hex * 10}",
                content_class=ContentClass.LOGIN_ONLY,
                author=Author.CASEWORKER,
                author_id=mette.id,
            )
    return citizen_id


def test_the_first_pages_weigh_little(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    offer(page)
    start = scan(page, address)
    with phone(browser) as held:
        scale = Scale(held)
        held.goto(start, wait_until="networkidle")
        first = scale.bytes
        held.get_by_role("button", name="Ja, det er min telefon").click()
        held.get_by_role("heading", name="Din telefon er klar").wait_for()
    assert {"Document", "Stylesheet", "Script"} <= set(scale.weights)
    assert first < MOST

    with phone(browser) as held:
        let_in(house, held.context, address, sara)
        scale = Scale(held)
        held.goto(f"{address}/app", wait_until="networkidle")
        expect(held.get_by_role("log").get_by_role("listitem")).to_have_count(PAGE)
    assert {"Document", "Stylesheet", "Script"} <= set(scale.weights)
    assert scale.bytes < MOST
