"""A caseworker's first morning in a real browser: sign in, read, answer, see it sent and journaled."""

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from adapters.errors import OutcomeUnknown
from messaging.appointments.seeding import seed
from messaging.conversations import resolving
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Attempt, Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.conversations.work import MessageLane
from messaging.journal.models import EventState, JournalEvent
from messaging.people import registering, wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import PauseReason, PhoneNumber
from messaging.web.live import HUB
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import PASSWORD, House

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
TELEPHONE = {"width": 360, "height": 740}
LISTENING = 1500
"""Milliseconds in which a page that was opened begins to hear what happens."""
PATIENCE = 15_000
"""Milliseconds for a page to show what has happened, on a busy machine."""
SMALLEST_TARGET = 44
OTHER_NUMBER = "+4529390626"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ROOT = Path(__file__).resolve().parents[2]


class Silent(WSGIRequestHandler):
    """Writes no log of its own."""

    def log(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The address at which the house is served."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    house.app.extensions[HUB].close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complains about, such as a breach of the content policy."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def axe() -> str:
    """The script that looks for breaches of the accessibility guidelines."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("the front-end packages are not installed")
    return script.read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_caseworker_decides_what_waits_for_a_human(
    house: House, page: Page, address: str, axe: str, complaints: list[str], size: dict[str, int]
) -> None:
    citizen_id = _citizen_with_decisions(house)
    page.set_viewport_size(size)
    _sign_in(page, address)
    page.get_by_role("link", name="Ikke leveret").first.click()
    page.get_by_role("link", name="Sara Nielsen").click()
    assert _breaches(page, f"{address}/conversations/{citizen_id}", axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert _too_small(page) == []

    page.get_by_role("button", name="Den blev sendt").click()
    expect(page.get_by_role("status")).to_contain_text("Det er noteret, at beskeden blev sendt.")
    page.get_by_role("button", name="Send igen til nummeret").click()
    expect(page.get_by_role("status")).to_contain_text("Der kan igen sendes sms til nummeret.")
    page.get_by_role("button", name="Brug dette nummer").click()
    expect(page.get_by_role("status")).to_contain_text("Nummeret bruges fra nu af.")

    page.get_by_role("textbox", name="Svar som sms").fill("Vi ses")
    house.hears("Vent lidt", sender=OTHER_NUMBER)
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("alert")).to_contain_text("Der er kommet en ny besked, siden du åbnede siden.")
    expect(page.get_by_role("textbox", name="Svar som sms")).to_have_value("Vi ses")
    page.get_by_role("button", name="Send sms").click()
    expect(page.get_by_role("log").get_by_role("listitem").filter(has_text="Vi ses")).to_be_visible()
    assert [heard for heard in complaints if "409" not in heard] == []


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_caseworker_signs_in_answers_and_sees_the_receipt(
    house: House, page: Page, address: str, complaints: list[str], size: dict[str, int]
) -> None:
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    house.appointment(citizen_id, staff)
    house.hears("Hej Mette, kan vi finde en ny tid?")
    page.set_viewport_size(size)

    _sign_in(page, address)
    page.get_by_role("link", name="Sara Nielsen").click()

    messages = page.get_by_role("log")
    expect(messages).to_contain_text("Hej Mette, kan vi finde en ny tid?")
    page.get_by_role("textbox", name="Svar som sms").fill("Ja, hvad med torsdag kl. 10?")
    page.get_by_role("button", name="Send sms").click()

    answer = messages.get_by_role("listitem").last
    expect(answer).to_contain_text("Ja, hvad med torsdag kl. 10?")
    expect(answer).to_contain_text("På vej")
    expect(answer).to_contain_text("Afventer journal")

    _arrive_and_journal(house)
    page.reload()
    expect(answer).to_contain_text("Leveret")
    expect(answer).to_contain_text("I journalen: J-2027-7")

    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert _too_small(page) == []
    assert complaints == []

    page.get_by_role("button", name="Log ud").click()
    expect(page.get_by_role("heading", name="Log ind")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_caseworker_finds_an_old_message_by_keyboard(
    house: House, page: Page, address: str, axe: str, complaints: list[str], size: dict[str, int]
) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Min læge siger, at jeg må cykle til praktikken igen")
    with house.runtime.act(SYSTEM) as act:
        for number in range(60):
            send_message(act, citizen_id=citizen_id, text=f"Brev {number}", author=Author.CASEWORKER)
    SearchIndexer(house.runtime).drain()
    page.set_viewport_size(size)
    _sign_in(page, address)

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Ord i beskeden")).to_be_focused()
    page.keyboard.type("cykler prakt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 besked")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["cykle", "praktikken"])
    assert "cykle" not in page.url
    page.get_by_text("Flere valg").click()
    expect(page.get_by_label("Journalnummer")).to_be_visible()
    assert _breaches_here(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert _too_small(page) == []

    page.get_by_role("link", name="Sara Nielsen").focus()
    page.keyboard.press("Enter")
    message = page.get_by_role("listitem").filter(has_text="Min læge siger")
    expect(message).to_be_in_viewport()
    expect(message).to_have_css("outline-style", "solid")
    page.get_by_role("link", name="Vis de nyeste beskeder").click()
    expect(page.get_by_role("log")).to_contain_text("Brev 59")
    assert complaints == []


def test_pages_follow_what_happens_and_keys_lead_through_them(
    house: House, page: Page, address: str, complaints: list[str]
) -> None:
    house.citizen(caseworker=house.caseworker())
    _sign_in(page, address)
    page.wait_for_timeout(LISTENING)
    house.hears("Hvor skal jeg møde?")
    row = page.get_by_role("link", name="Sara Nielsen")
    expect(row).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sara Nielsen")).to_be_visible()

    page.wait_for_timeout(LISTENING)
    page.keyboard.press("r")
    page.keyboard.type("Kom til os")
    house.hears("Og hvornår?")
    expect(page.get_by_role("log")).to_contain_text("Og hvornår?", timeout=PATIENCE)
    answer = page.get_by_label("Svar som sms")
    expect(answer).to_be_focused()
    expect(answer).to_have_value("Kom til os")

    page.get_by_role("heading", name="Sara Nielsen").click()
    page.keyboard.press("e")
    expect(page.get_by_text("Samtalen er afsluttet.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Genveje på tastaturet")).to_be_visible()
    assert complaints == []


def test_keys_can_be_switched_off(house: House, page: Page, address: str) -> None:
    house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    _sign_in(page, address)
    page.keyboard.press("?")
    page.get_by_label("Brug genveje i denne browser").uncheck(force=True)
    page.get_by_role("button", name="Luk").click()
    page.keyboard.press("j")

    expect(page.get_by_role("link", name="Sara Nielsen")).not_to_be_focused()


def test_the_first_key_leads_past_the_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/a-page-without-form")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Gå til indholdet")).to_be_focused()
    assert page.locator("html").get_attribute("lang") == "da"


def test_no_page_breaks_a_rule_of_accessibility(house: House, page: Page, address: str, axe: str) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    for days in (1, 5, -5):
        house.appointment(citizen_id, staff, in_days=days)
    house.hears("Jeg vil ikke leve mere")
    house.hears("Hvem er I?", sender="+4599887766")
    breaches = [_breaches(page, f"{address}/sign-in", axe)]
    page.get_by_label("Initialer").fill("mho")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    paths = ("conversations", "meetings", "citizens", f"conversations/{citizen_id}", "triage", "search", "nowhere")
    paths += (f"citizens/{citizen_id}/ledger",)
    breaches += [_breaches(page, f"{address}/{path}", axe) for path in paths]

    assert breaches == [[]] * 9


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Initialer").fill("mho")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    expect(page.get_by_role("heading", name="Samtaler")).to_be_visible()
    page.wait_for_load_state()  # the keys are known only then


def _citizen_with_decisions(house: House) -> uuid.UUID:
    """A citizen whose message is unclear for good, whose number is paused, and for whom another is proposed."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    runtime = house.runtime
    with runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=citizen_id, text="Vi ses torsdag", author=Author.CASEWORKER)
    runtime.channel.failures.append(OutcomeUnknown("timeout"))
    MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.INTERACTIVE).drain()
    with runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(intended_at=datetime(2020, 1, 1, tzinfo=UTC)))
        resolving.hand_to_humans(act, waits=runtime.config.waits)
        number = act.session.scalars(sa.select(PhoneNumber)).one()
        wishes.pause_number(act, number_id=number.id, reason=PauseReason.WRONG_NUMBER)
        registering.name_number(act, citizen_id=citizen_id, e164=OTHER_NUMBER, source="fagsystem.csv")
    return citizen_id


def _breaches(page: Page, url: str, axe: str) -> list[str]:
    page.goto(url)
    return _breaches_here(page, axe)


def _breaches_here(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
    return [f"{breach['id']}: {node['html']}" for breach in found["violations"] for node in breach["nodes"]]


def _arrive_and_journal(house: House) -> None:
    """What the worker would do: the message arrives, and the case system gives its receipt."""
    now = house.runtime.clock.now()
    with house.runtime.database.write() as session:
        session.execute(
            sa.update(Message).filter_by(direction="out").values(state=MessageState.DELIVERED, state_since=now)
        )
        session.execute(
            sa.update(JournalEvent)
            .filter_by(type="message.queued")
            .values(state=EventState.RECEIPTED, receipt_number="J-2027-7", receipted_at=now)
        )


def _too_small(page: Page) -> list[str]:
    """Return what a finger must hit and cannot."""
    return page.evaluate(
        """smallest => [...document.querySelectorAll("main button, main a, main summary, header a, header button")]
            .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < smallest)
            .map(element => element.outerHTML)""",
        SMALLEST_TARGET,
    )
