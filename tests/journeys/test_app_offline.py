"""The app without a connection: what is written waits on the phone, and is sent once and in order (F24)."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Error, Page, expect

from messaging.citizen_app.models import Opened
from messaging.citizen_app.sessions import LASTING
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.opening import open_text
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import PATIENCE, TELEPHONE, faults, sign_in
from tests.journeys.case_system import journal
from tests.journeys.in_hand import SMALL, let_in, pair, phone
from tests.journeys.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

SHELL_IS_KEPT = "navigator.serviceWorker.ready.then(() => caches.keys()).then((names) => names.length === 1)"


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def held(house: House, browser: Browser, address: str, sara: uuid.UUID) -> Iterator[Page]:
    """Sara's phone, open at her thread, with the shell on it."""
    with phone(browser) as held:
        let_in(house, held.context, address, sara)
        _open(held, address)
        yield held


def _open(held: Page, address: str) -> None:
    held.goto(f"{address}/app")
    assert held.evaluate(SHELL_IS_KEPT)


def _write(held: Page, text: str) -> None:
    field = held.get_by_label("Skriv til din sagsbehandler")
    field.fill(text)
    held.locator("form[data-answer] button").click()
    expect(field).to_have_value("")


def _waits(held: Page, sentence: str) -> None:
    expect(held.locator("#waiting")).to_have_text(sentence, timeout=PATIENCE)


def _came_in(house: House) -> list[str]:
    """What citizens wrote, in the order of the thread."""
    with house.runtime.database.read() as session:
        messages = session.scalars(sa.select(Message).filter_by(direction=Direction.IN).order_by(Message.seq))
        return [open_text(house.runtime.vault, message, owner=message.conversation_id) for message in messages]


def test_she_reads_answers_without_a_connection_and_the_caseworker_gets_one_message(
    house: House, browser: Browser, page: Page, address: str, line: Line, mette: Caseworker, sara: uuid.UUID
) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text="Husk lønsedlen",
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.CASEWORKER,
            author_id=mette.id,
        )
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    with phone(browser) as held:
        pair(page, held, address)
        expect(held.get_by_role("log")).to_contain_text("Husk lønsedlen")
        page.goto(f"{address}/conversations/{sara}")
        with line.away(held.context):
            _write(held, "Jeg har den med")
            expect(held.get_by_role("log")).to_contain_text("Venter på forbindelse")
            _waits(held, "1 besked venter på forbindelse.")
            assert _came_in(house) == []
        _waits(held, "")
        expect(held.get_by_role("log").get_by_text("Sendt")).to_be_visible(timeout=PATIENCE)

    written = page.get_by_role("log").get_by_role("listitem").filter(has_text="Jeg har den med")
    expect(written).to_have_count(1, timeout=PATIENCE)
    expect(written).to_contain_text("Afventer journal")
    journal(house)
    expect(written).to_contain_text("I journalen: J-", timeout=PATIENCE)
    assert _came_in(house) == ["Jeg har den med"]


def test_several_messages_come_in_the_order_in_which_they_were_written(house: House, held: Page, line: Line) -> None:
    """F24."""
    with line.away(held.context):
        for number in range(5):
            _write(held, f"Linje {number}")
        _waits(held, "5 beskeder venter på forbindelse.")

    _waits(held, "")
    expect(held.get_by_role("log").get_by_role("listitem")).to_have_count(5, timeout=PATIENCE)
    assert _came_in(house) == [f"Linje {number}" for number in range(5)]


def test_what_is_written_survives_that_the_app_is_closed(house: House, held: Page, address: str, line: Line) -> None:
    context = held.context
    with line.away(context):
        _write(held, "Før")
        held.close()
        reopened = context.new_page()
        reopened.goto(f"{address}/app")
        expect(reopened.get_by_role("heading", name="Du er ikke på nettet")).to_be_visible()
        _waits(reopened, "1 besked venter på forbindelse.")
        _write(reopened, "Efter")
        _waits(reopened, "2 beskeder venter på forbindelse.")

    expect(reopened.get_by_role("log").get_by_role("listitem")).to_have_count(2, timeout=PATIENCE)
    assert _came_in(house) == ["Før", "Efter"]


def test_a_proxys_502_after_the_commit_makes_no_second_message(house: House, held: Page, line: Line) -> None:
    """F24."""
    line.answers_to_lose = 1
    _write(held, "Kun én gang")
    _until(lambda: len(line.sent) == 2)

    _waits(held, "")
    expect(held.get_by_role("log").get_by_role("listitem")).to_have_count(1, timeout=PATIENCE)
    assert line.sent == ["200", "200"]
    assert _came_in(house) == ["Kun én gang"]


def test_two_tabs_send_each_message_once_and_in_order(house: House, held: Page, address: str, line: Line) -> None:
    """F24."""
    other = held.context.new_page()
    _open(other, address)
    with line.away(held.context):
        for number in range(6):
            _write((held, other)[number % 2], f"Linje {number}")
        line.answers_to_lose = 2
    for tab in (held, other):
        _waits(tab, "")

    assert _came_in(house) == [f"Linje {number}" for number in range(6)]
    assert line.sent == ["200"] * 8


def test_a_service_worker_that_sends_again_makes_no_second_message(
    house: House, held: Page, address: str, line: Line
) -> None:
    """F24. The worker sends what waits when the app is closed, loses the answers, and is woken again and again."""
    context = held.context
    with line.away(context):
        _write(held, "Et")
        _write(held, "To")
        held.close()
        elsewhere = context.new_page()
        wake = _waker(elsewhere, address)
    line.answers_to_lose = 2
    for _ in range(4):
        wake()
    _until(lambda: len(line.sent) >= 4)
    wake()

    assert _came_in(house) == ["Et", "To"]
    _open(elsewhere, address)
    _waits(elsewhere, "")
    assert _came_in(house) == ["Et", "To"]


def _waker(page: Page, address: str) -> Callable[[], None]:
    """Return what the browser does when it says to the app's worker that there is a connection."""
    registrations: list[str] = []
    devtools = page.context.new_cdp_session(page)
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(each["registrationId"] for each in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_timeout(200)

    def wake() -> None:
        asked = {"origin": address, "registrationId": registrations[-1], "tag": "outbox", "lastChance": False}
        devtools.send("ServiceWorker.dispatchSyncEvent", asked)

    return wake


def test_who_is_signed_out_meanwhile_is_told_and_loses_nothing(
    house: House, held: Page, address: str, line: Line, clock: FixedClock, sara: uuid.UUID
) -> None:
    with line.away(held.context):
        _write(held, "Skrevet, mens jeg var inde")
        clock.moment += LASTING[Opened.PAIRED].idle
    expect(held.get_by_text("Du er logget ud. Log ind, så sender vi det, du har skrevet.")).to_be_visible(
        timeout=PATIENCE
    )
    assert _came_in(house) == []
    let_in(house, held.context, address, sara)
    _open(held, address)

    expect(held.get_by_role("log")).to_contain_text("Skrevet, mens jeg var inde", timeout=PATIENCE)
    _waits(held, "")
    assert _came_in(house) == ["Skrevet, mens jeg var inde"]


def test_what_one_citizen_wrote_is_never_sent_in_the_name_of_another(
    house: House, held: Page, address: str, line: Line, clock: FixedClock
) -> None:
    ali = house.citizen(caseworker=house.caseworker("ali", name="Ali Abdi"), number="+4529390626")
    with line.away(held.context):
        _write(held, "Fra Sara")
        clock.moment += LASTING[Opened.PAIRED].idle
        let_in(house, held.context, address, ali)
    expect(held.get_by_text("En besked blev ikke sendt.")).to_be_visible(timeout=PATIENCE)
    _open(held, address)

    assert held.evaluate("outbox.count()") == 0
    assert line.sent == ["410"]
    assert _came_in(house) == []


def test_a_page_that_stayed_open_writes_in_the_session_she_came_in_by_again(
    house: House, held: Page, address: str, line: Line, sara: uuid.UUID
) -> None:
    other = held.context.new_page()
    other.goto(f"{address}/app/more")
    other.get_by_role("button", name="Log ud").click()
    expect(other.get_by_role("heading", name="Log ind")).to_be_visible()
    let_in(house, held.context, address, sara)
    _write(held, "Med den gamle nøgle")
    expect(held.get_by_role("log")).to_contain_text("Ikke sendt", timeout=PATIENCE)
    expect(held.locator("form[data-answer]")).to_be_visible()
    held.wait_for_timeout(500)
    _write(held, "Med den nye nøgle")
    _until(lambda: len(line.sent) == 2)

    assert line.sent == ["410", "200"]
    assert _came_in(house) == ["Med den nye nøgle"]


def test_one_button_puts_the_app_on_the_home_screen_where_the_browser_can(held: Page, address: str) -> None:
    """Chromium offers it by an event, which a test has to play."""
    held.goto(f"{address}/app/start/kode/done")
    button = held.get_by_role("button", name="Læg appen på startskærmen")
    expect(button).to_be_hidden()
    held.evaluate(
        """() => dispatchEvent(Object.assign(new Event("beforeinstallprompt"), {
            prompt: () => { document.body.dataset.prompted = "yes"; },
        }))"""
    )
    button.click()

    expect(held.locator("body[data-prompted=yes]")).to_be_visible()
    expect(button).to_be_hidden()


def test_signing_out_sends_first_what_can_be_sent_and_says_what_cannot(
    house: House, held: Page, address: str, line: Line
) -> None:
    held.goto(f"{address}/app/more")
    more = held.context.new_page()
    more.goto(f"{address}/app/more")
    _open(held, address)
    line.answers_to_lose = 100
    _write(held, "Venter")
    more.get_by_role("button", name="Log ud").click()
    expect(more.get_by_text("Det, der venter, bliver slettet, når du logger ud.")).to_be_visible(timeout=PATIENCE)
    more.get_by_role("button", name="Log ud").click()

    expect(more.get_by_role("heading", name="Log ind")).to_be_visible()
    assert more.evaluate("Promise.all([indexedDB.databases(), caches.keys()])") == [[], []]


def test_a_new_edition_comes_when_she_asks_for_it_and_never_while_she_writes(held: Page, line: Line) -> None:
    held.evaluate("window.isTheSame = true")
    line.edition = b"// another edition\n"
    held.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update())")
    expect(held.get_by_text("Der er en ny udgave.")).to_be_visible(timeout=PATIENCE)
    held.get_by_label("Skriv til din sagsbehandler").fill("Jeg er i gang")
    held.get_by_role("button", name="Opdatér").click()
    expect(held.get_by_text("Send først det, du er ved at skrive.")).to_be_visible()
    assert held.evaluate("window.isTheSame")
    held.get_by_label("Skriv til din sagsbehandler").fill("")
    held.get_by_role("button", name="Opdatér").click()

    held.wait_for_function("!window.isTheSame")
    expect(held.get_by_role("log")).to_be_visible()
    expect(held.get_by_text("Der er en ny udgave.")).to_be_hidden()
    assert held.evaluate(SHELL_IS_KEPT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["360", "320"])
def test_the_page_without_a_connection_can_be_used_by_everybody(
    held: Page, address: str, line: Line, axe: str, size: dict[str, int], language: str
) -> None:
    held.set_viewport_size(size)
    if language != "da":
        held.get_by_role("button", name=LANGUAGES[language]).click()
        _open(held, address)
    with line.away(held.context):
        held.goto(f"{address}/app")
        heading = {"da": "Du er ikke på nettet", "en": "You are offline"}[language]
        expect(held.get_by_role("heading", name=heading)).to_be_visible()
        expect(held.locator("textarea")).to_be_visible()
        held.locator("textarea").fill("x")
        held.locator("form[data-answer] button").click()
        expect(held.locator("#waiting")).not_to_be_empty()

        assert faults(held, axe) == []


def test_pages_of_staff_whose_address_begins_alike_are_none_of_the_apps(held: Page, address: str, line: Line) -> None:
    with line.away(held.context), pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        held.goto(f"{address}/appointments")


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while not is_so():
        assert time.monotonic() < end, "this never came"
        time.sleep(0.05)
