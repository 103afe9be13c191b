"""A phone that is knocked at: turned on by a tap, pushed without content, and followed by an SMS if nobody looks.

The push service is the stub's, which opens every push with the phone's own keys. The browser's own would be its
maker's, so its way to subscribe leads to the stub instead.
"""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from adapters.channels.app_push import AppPushChannel
from adapters.channels.vapid import new_key
from adapters.http import HttpSession
from adapters.stubs.faults import Fault
from adapters.stubs.settings import new_settings
from adapters.stubs.world import RunningStub, running_stub
from messaging.citizen_app.push_models import PushSubscription
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.runtime import Runtime
from messaging.vault.place import Place
from tests.citizen_app.knocking import Knocking
from tests.conversations.conftest import Town, templates  # noqa: F401
from tests.house import House
from tests.journeys.browsing import PATIENCE, faults, sign_in
from tests.journeys.in_hand import pair, phone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("templates"),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

SECRET = "Din ydelse er sat til 6.789 kr."
SUBSCRIBES_AT_THE_STUB = """
    const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
        if (!userVisibleOnly) throw new Error("a push that shows nothing");
        const given = await subscribeAtStub(text(applicationServerKey));
        return { toJSON: () => given, unsubscribe: async () => true };
    };
"""


@pytest.fixture(scope="module")
def chromium(chromium_with_windows: Path) -> Path:
    """The one without windows shows no notices."""
    return chromium_with_windows


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[RunningStub]:
    with running_stub(tmp_path / "world", settings=new_settings(service_url="http://127.0.0.1:9", pace=0.01)) as stub:
        yield stub


@pytest.fixture
def runtime(runtime: Runtime, stub: RunningStub) -> Runtime:
    settings = stub.settings.app_push(stub.url, key=new_key())
    session = HttpSession(stub_origins=[stub.url])
    push = AppPushChannel.from_settings(settings, http=session, public_url="http://127.0.0.1")
    return dataclasses.replace(runtime, push=push)


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def knocking(house: House, clock: FixedClock) -> Knocking:
    return Knocking(town=Town(runtime=house.runtime), clock=clock, push=house.runtime.push)


@pytest.fixture
def held(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID, stub: RunningStub
) -> Iterator[Page]:
    """Sara's phone, let in at the desk."""
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    with phone(browser) as held:
        held.context.expose_function("subscribeAtStub", stub.push.subscribe)
        held.context.add_init_script(SUBSCRIBES_AT_THE_STUB)
        pair(page, held, address)
        yield held


def _write(house: House, mette: Caseworker, citizen_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=citizen_id,
            text=SECRET,
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.CASEWORKER,
            author_id=mette.id,
        )


def _turn_on(held: Page) -> None:
    held.context.grant_permissions(["notifications"])
    held.get_by_role("link", name="Mere").click()
    held.get_by_role("link", name="Giv besked på telefonen").click()
    held.get_by_role("button", name="Slå til").click()
    expect(held.get_by_role("status")).to_contain_text("Din telefon giver nu besked", timeout=PATIENCE)


def _endpoint(knocking: Knocking) -> str:
    (row,) = knocking.town.rows(PushSubscription)
    place = Place("push_subscriptions", "subscription", row.id)
    opened = knocking.town.runtime.vault.open(row.subscription, owner=row.citizen_id, place=place)
    return str(json.loads(opened)["endpoint"])


def test_phone_is_pushed_without_content_and_an_unread_message_is_followed_by_one_sms(
    house: House, held: Page, stub: RunningStub, knocking: Knocking, mette: Caseworker, sara: uuid.UUID
) -> None:
    _turn_on(held)
    _write(house, mette, sara)
    knocking.works()
    (got,) = stub.push.received(_endpoint(knocking))
    assert (got["payload"], got["sender"]) == ("message", house.runtime.push.sender)

    knocking.later(minutes=59)
    knocking.town.sends()
    assert house.runtime.channel.sent == []
    knocking.later(minutes=2)
    knocking.town.sends()
    (sms,) = house.runtime.channel.sent
    assert "log ind" in sms.text
    assert SECRET not in sms.text
    assert "http" not in sms.text
    knocking.later(days=2)
    knocking.town.sends()
    assert len(house.runtime.channel.sent) == 1


SHOWN = """async () => {
    const here = await navigator.serviceWorker.ready;
    for (;;) {
        const shown = await here.getNotifications();
        if (shown.length) return shown.map((one) => [one.title, one.body, one.data]);
        await new Promise((wait) => setTimeout(wait, 50));
    }
}"""
"""What the phone shows, as soon as it shows something."""


def test_phone_shows_that_there_is_something_and_a_look_keeps_the_sms_away(
    house: House, held: Page, address: str, knocking: Knocking, mette: Caseworker, sara: uuid.UUID
) -> None:
    _turn_on(held)
    _write(house, mette, sara)
    knocking.works()
    _deliver(held, address, "message")

    assert held.evaluate(SHOWN) == [["Mit Ungecenter", "Du har en ny besked.", None]]
    held.goto(f"{address}/app")
    expect(held.get_by_role("log")).to_contain_text(SECRET)
    knocking.later(hours=2)
    knocking.town.sends()
    assert house.runtime.channel.sent == []


@pytest.mark.parametrize(("kind", "ends"), [("gone", True), ("redirect", False)])
def test_push_service_that_refuses_is_left_and_the_sms_comes_at_once(
    house: House,
    held: Page,
    page: Page,
    address: str,
    stub: RunningStub,
    knocking: Knocking,
    mette: Caseworker,
    sara: uuid.UUID,
    kind: str,
    ends: bool,
) -> None:
    """S4."""
    _turn_on(held)
    page.goto(f"{address}/conversations/{sara}")
    expect(page.locator("#app-state")).to_contain_text("Telefonen giver besked")
    stub.faults.add(Fault(place="push", kind=kind))
    _write(house, mette, sara)
    knocking.works()
    knocking.town.sends()

    assert [struck for _, struck in stub.faults.strikes()] == [1]
    assert stub.push.received(_endpoint(knocking)) == []
    assert len(house.runtime.channel.sent) == 1
    held.reload()
    expect(held.get_by_role("button", name="Slå til" if ends else "Slå fra")).to_be_visible()
    page.goto(f"{address}/conversations/{sara}")
    expect(page.locator("#app-state")).to_contain_text("Ingen telefon" if ends else "Telefonen giver besked")


def test_nothing_is_asked_before_a_tap_and_a_no_is_answered_with_words(held: Page, axe: str) -> None:
    held.get_by_role("link", name="Mere").click()
    held.get_by_role("link", name="Giv besked på telefonen").click()
    expect(held.get_by_role("button", name="Slå til")).to_be_visible()
    assert held.evaluate("Notification.permission") != "granted"
    found = faults(held, axe)
    held.get_by_role("button", name="Slå til").click()
    expect(held.get_by_text("Telefonen må ikke give besked.")).to_be_visible()

    assert found + faults(held, axe) == []


def test_phone_is_turned_off_by_one_tap(held: Page, axe: str, knocking: Knocking) -> None:
    _turn_on(held)
    found = faults(held, axe)
    held.get_by_role("button", name="Slå fra").click()
    expect(held.get_by_role("button", name="Slå til")).to_be_visible()

    assert found == []
    assert knocking.living() == 0


def _deliver(held: Page, address: str, payload: str) -> None:
    """Hand a push to the phone's service worker, as the browser does with what its push service brings."""
    tools: CDPSession = held.context.new_cdp_session(held)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"]),
    )
    tools.send("ServiceWorker.enable")
    held.evaluate("navigator.serviceWorker.ready.then(() => null)")
    held.wait_for_timeout(200)
    tools.send("ServiceWorker.deliverPushMessage", {"origin": address, "registrationId": found[-1], "data": payload})
