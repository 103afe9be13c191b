"""Letters on the keyboard do what stands on the page, and nothing where it does not."""

import pytest
from playwright.sync_api import Page, expect

from messaging.conversations.models import Conversation
from messaging.conversations.settling import settle
from messaging.conversations.states import Waiting
from messaging.people.actors import SYSTEM
from tests.house import House
from tests.journeys.browsing import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


def test_e_leaves_a_thread_alone_in_which_nothing_waits(house: House, page: Page, address: str) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("👍")
    with house.runtime.act(SYSTEM) as act:
        settle(act, citizen_id=citizen_id)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.keyboard.press("e")
    page.keyboard.press("l")

    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    with house.runtime.database.read() as session:
        assert session.get_one(Conversation, citizen_id).waiting is Waiting.SETTLED
