"""A mentor reads along on his own phone: noted at the desk, let in by a QR code, seen and ended by the citizen."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.readability import read
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.people.helper_models import Basis, HelperKind
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import DESK, PATIENCE, TELEPHONE, faults, sign_in
from tests.journeys.in_hand import SMALL, pair, phone, scan

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

HARDEST = 35
"""LIX of what citizens, and those who help them, read stays below."""
LONG = "Bartholomæus Vestergaard-Christophersen"


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def _write(house: House, citizen_id: uuid.UUID, text: str, class_: ContentClass) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(act, citizen_id=citizen_id, text=text, content_class=class_, author=Author.CASEWORKER)


def _ask_citizen(desk: Page, name: str) -> None:
    """At a citizen's card: prepare a mentor, who needs her yes."""
    desk.get_by_role("link", name="Mentor, forælder, værge, tolk, bisidder").click()
    desk.get_by_label("Navn").fill(name)
    desk.get_by_label("Hvem er det?").select_option(label="mentor")
    desk.get_by_label("Borgeren skal selv sige ja i appen").check()
    desk.get_by_label("Må også se beskeder i appen, der kræver login.").check()
    desk.get_by_role("button", name="Notér").click()
    expect(desk.get_by_role("article", name=name)).to_contain_text("Venter på borgerens ja i appen")


def _show_code(desk: Page, name: str) -> None:
    """On the page of who reads along: show the QR code for one of them."""
    desk.reload()
    whose = desk.get_by_role("article", name=name)
    whose.get_by_text("Åbn på personens telefon").click()
    whose.get_by_label("Billedlegitimation").check()
    whose.get_by_role("button", name="Vis QR-koden").click()
    expect(desk.get_by_role("img", name="QR-kode")).to_be_visible()


def test_a_mentor_reads_along_until_the_citizen_says_no(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    _write(house, sara, "Det var før ham", ContentClass.SMS_OK)
    house.runtime.clock.advance(minutes=1)
    sign_in(page, address)
    with phone(browser) as hers, phone(browser) as his:
        page.goto(f"{address}/conversations/{sara}")
        pair(page, hers, address)
        page.goto(f"{address}/citizens/{sara}")
        _ask_citizen(page, "Lars Lund")
        hers.goto(f"{address}/app")
        hers.get_by_role("link", name="Sig ja eller nej").click()
        hers.get_by_label("Ja, også de beskeder, man skal logge ind for at læse").check()
        hers.get_by_role("button", name="Ja, Lars Lund må læse med").click()
        expect(hers.get_by_role("status")).to_contain_text("Du har sagt ja.")
        _show_code(page, "Lars Lund")
        his.goto(scan(page, address))
        his.get_by_role("button", name="Ja, det er min telefon").click()
        expect(page.get_by_role("status")).to_contain_text("Telefonen er åbnet.", timeout=PATIENCE)
        _write(house, sara, "Tag din kontrakt med", ContentClass.LOGIN_ONLY)
        his.get_by_role("link", name="Se, om der er nyt").click()
        expect(his.get_by_role("log")).to_contain_text("Tag din kontrakt med")
        expect(his.get_by_role("log")).not_to_contain_text("Det var før ham")
        page.goto(f"{address}/conversations/{sara}")
        expect(page.get_by_role("log")).to_contain_text("Lars Lund (mentor) kan læse med herfra")
        expect(page.locator("#reply")).to_contain_text("Lars Lund (mentor), også det, der kræver login i appen")
        hers.goto(f"{address}/app")
        expect(hers.get_by_role("log")).to_contain_text("Kan også læses af: Lars Lund (mentor)")
        hers.get_by_role("link", name="Hvem kan se mine beskeder?").click()
        hers.get_by_role("button", name="Nej, Lars Lund må ikke læse med mere").click()
        expect(hers.get_by_role("status")).to_contain_text("Det er slut.")
        his.get_by_role("link", name="Se, om der er nyt").click()

        expect(his.get_by_role("heading", level=1)).to_have_text("Du kan ikke læse med nu")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["360", "320"])
def test_who_reads_along_and_whose_messages_they_are_can_use_every_page(
    house: House,
    browser: Browser,
    page: Page,
    address: str,
    axe: str,
    mette: Caseworker,
    sara: uuid.UUID,
    size: dict[str, int],
    language: str,
) -> None:
    wrong: dict[str, list[str]] = {}
    house.helper(sara, mette, name=LONG, sees_login_only=True)
    house.helper(sara, mette, name="Ida Dam", basis=Basis.CONSENT_IN_APP, sees_login_only=True)
    house.helper(sara, mette, kind=HelperKind.GUARDIAN, name="Karen Holm", basis=Basis.MANDATE, words="Dom, s. 12")
    _write(house, sara, "Tag din kontrakt med", ContentClass.LOGIN_ONLY)
    house.hears("Ja, det gør jeg")
    sign_in(page, address)
    with phone(browser, size=size) as hers, phone(browser, size=size) as his:
        page.goto(f"{address}/conversations/{sara}")
        pair(page, hers, address)
        for held in (hers, his):
            held.goto(f"{address}/app/helping")
            if language != "da":
                held.get_by_role("button", name=LANGUAGES[language]).click()
        look = _looking(axe, wrong, hardest=HARDEST if language == "da" else None)
        look(his, "nobody")
        for path in ("/app", "/app/helpers"):
            hers.goto(f"{address}{path}")
            look(hers, path)
        page.goto(f"{address}/citizens/{sara}/helpers")
        _show_code(page, LONG)
        start = scan(page, address)
        his.goto(start)
        look(his, "start")
        his.locator("main form button").click()
        expect(his.get_by_role("log")).to_be_visible()
        look(his, "reads along")
        his.goto(start)
        look(his, "over")
        hers.goto(f"{address}/app/helpers")
        hers.locator("main form[action$='/end'] button").first.click()
        look(hers, "ended")
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_pages_at_the_desk_can_be_used_by_everybody(
    house: House,
    page: Page,
    address: str,
    axe: str,
    mette: Caseworker,
    size: dict[str, int],
    language: str,
) -> None:
    wrong: dict[str, list[str]] = {}
    young = house.citizen(caseworker=mette, cpr="0303094123")
    house.helper(young, mette, name=LONG, sees_login_only=True)
    house.helper(young, mette, name="Ida Dam", basis=Basis.CONSENT_IN_APP)
    page.set_viewport_size(size)
    sign_in(page, address)
    if language != "da":
        page.get_by_role("button", name=LANGUAGES[language]).click()
    look = _looking(axe, wrong)
    page.goto(f"{address}/citizens/{young}/helpers")
    page.evaluate("document.querySelectorAll('main details').forEach(folded => { folded.open = true; })")
    look(page, "helpers")
    page.locator("#name").fill("Karen Holm")
    page.locator("#add ~ form button").click()
    look(page, "a mandate without words")
    page.get_by_role("article").first.locator("summary").click()
    page.locator("input[name=seen_as]").first.check()
    page.get_by_role("article").first.locator("details button").click()
    expect(page.locator(".qr")).to_be_visible()
    look(page, "code")
    page.goto(f"{address}/conversations/{young}")
    look(page, "thread")
    page.goto(f"{address}/citizens/{young}")
    look(page, "card")
    assert wrong == {}


def _looking(axe: str, wrong: dict[str, list[str]], *, hardest: int | None = None) -> Callable[[Page, str], None]:
    """Return how to look at a page: whether everybody can use it and, where it is for citizens, easily read it."""

    def look(held: Page, name: str) -> None:
        found = faults(held, axe)
        reading = read(held.get_by_role("main").inner_text())
        if hardest is not None and reading is not None and reading.lix >= hardest:
            found.append(f"LIX {reading.lix}")
        if found:
            wrong[name] = found

    return look
