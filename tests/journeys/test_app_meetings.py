"""The citizen's meetings on her phone: read, answered, put into the calendar, and seen by her caseworker."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from messaging.appointments.models import Appointment, Place
from messaging.appointments.seeding import seed
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.receiving_app import store_from_app
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import TELEPHONE, faults, sign_in
from tests.journeys.in_hand import SMALL, pair, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture
def mette(house: House) -> Caseworker:
    with house.runtime.database.write() as session:
        seed(session)
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Sydhavnsgade 1, 2. sal", approved_by="MHO"))
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def meeting(house: House, mette: Caseworker, sara: uuid.UUID) -> Appointment:
    return house.appointment(sara, mette)


def come_in(page: Page, held: Page, address: str, sara: uuid.UUID) -> None:
    """Let Sara's phone in at the desk."""
    sign_in(page, address)
    page.goto(f"{address}/conversations/{sara}")
    pair(page, held, address)


def menu(held: Page, name: str) -> None:
    held.get_by_role("navigation").get_by_role("link", name=name).click()


def test_she_reads_what_the_meeting_is_for_says_that_she_comes_and_mette_sees_it(
    browser: Browser, page: Page, address: str, sara: uuid.UUID, meeting: Appointment
) -> None:
    with phone(browser) as held:
        come_in(page, held, address, sara)
        menu(held, "Møder")
        card = held.get_by_role("article", name="søndag 7. marts kl. 10.00")
        for words in ("Vi taler om dine mål.", "Tag dit cv med", "Sydhavnsgade 1, 2. sal", "ca. 45 minutter"):
            expect(card).to_contain_text(words)
        card.get_by_role("button", name="Jeg kommer").click()
        expect(held.get_by_role("status")).to_contain_text("Tak. Dit svar er sendt.")
        expect(held.get_by_role("article")).to_contain_text("Du har sagt ja til tiden.")
        page.goto(f"{address}/conversations/{sara}")

        expect(page.get_by_role("log")).to_contain_text("Jeg kommer sø. 7/3 kl. 10.00.")
        expect(page.get_by_role("article", name="Møde søndag 7. marts kl. 10.00")).to_contain_text(
            "Bekræftet af borgeren"
        )


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_she_asks_for_another_time_and_reads_the_answer_in_the_thread(
    browser: Browser, page: Page, address: str, sara: uuid.UUID, meeting: Appointment, *, script: bool
) -> None:
    with phone(browser, script=script) as held:
        come_in(page, held, address, sara)
        menu(held, "Møder")
        held.get_by_text("Jeg vil have en anden tid").click()
        held.get_by_label("Hvorfor kan du ikke").fill("Jeg er på arbejde. Fredag kan jeg.")
        held.get_by_role("button", name="Bed om en anden tid").click()
        thread = held.get_by_role("log")
        expect(thread).to_contain_text("Fredag kan jeg.")
        expect(thread).to_contain_text("Din tid sø. 7/3 kl. 10.00 gælder, til du hører fra os.")
        expect(held.get_by_role("region", name="Dit næste møde")).to_contain_text("Du har bedt om en anden tid.")
        page.goto(f"{address}/conversations/{sara}")

        expect(page.get_by_role("log")).to_contain_text("Fredag kan jeg.")
        expect(page.get_by_role("article", name="Møde")).to_contain_text("Borgeren vil have en ny tid")


def test_calendar_file_is_what_a_calendar_reads(
    browser: Browser, page: Page, address: str, sara: uuid.UUID, meeting: Appointment
) -> None:
    with phone(browser) as held:
        come_in(page, held, address, sara)
        menu(held, "Møder")
        link = held.get_by_role("link", name="Læg det i din kalender").get_attribute("href")
        file = held.request.get(f"{address}{link}").body()

    (event,) = Calendar.from_ical(file).events
    assert event["dtstart"].dt == meeting.starts_at
    assert str(event["location"]) == "Sydhavnsgade 1, 2. sal"
    assert b"obsamtale" not in file


def test_she_finds_a_message_again_and_sees_it_among_the_others(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    for text in ("Min ansøgning er sendt", *(f"Besked {count}" for count in range(40))):
        with house.runtime.act(Actor(kind=ActorKind.CITIZEN, id=sara)) as act:
            store_from_app(act, citizen_id=sara, message_id=uuid.uuid4(), text=text, content_class=ContentClass.SMS_OK)
    SearchIndexer(house.runtime).drain()
    with phone(browser) as held:
        come_in(page, held, address, sara)
        menu(held, "Mere")
        held.get_by_role("link", name="Find igen").click()
        held.get_by_label("Et ord fra beskeden").fill("ansøgningen")
        held.get_by_role("button", name="Find", exact=True).click()
        held.get_by_role("link", name="Min ansøgning er sendt").click()

        expect(held.get_by_text("Min ansøgning er sendt")).to_be_in_viewport()
        expect(held.get_by_text("Besked 3", exact=True)).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [TELEPHONE, SMALL], ids=["360", "320"])
def test_every_state_of_the_meetings_can_be_used_by_everybody(
    house: House,
    browser: Browser,
    page: Page,
    address: str,
    axe: str,
    mette: Caseworker,
    sara: uuid.UUID,
    meeting: Appointment,
    size: dict[str, int],
    language: str,
) -> None:
    house.appointment(sara, mette, in_days=9)
    house.frees(meeting, 1, 2, 3)
    wrong = {}
    with phone(browser, size=size) as held:

        def look(name: str) -> None:
            held.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            if found := faults(held, axe):
                wrong[name] = found
            keep(held, f"{name} {language} {size['width']}")

        come_in(page, held, address, sara)
        if language != "da":
            held.get_by_role("button", name=LANGUAGES[language]).click()
        held.goto(f"{address}/app")
        look("thread")
        held.goto(f"{address}/app/meetings")
        look("booked")
        held.locator("button[value=comes]").first.click()
        look("confirmed")
        held.locator("main details").first.evaluate("one => { one.open = true; }")
        held.locator("button[value=new_time]").first.click()
        look("asked")
        held.locator("button[name=number]").last.click()
        held.goto(f"{address}/app")
        look("chosen, in the thread")
        page.goto(f"{address}/conversations/{sara}")
        page.locator(f"#meeting-{meeting.id} summary", has_text="Aflys mødet").click()
        page.locator(f"#meeting-{meeting.id}").get_by_role("button", name="Aflys, og giv borgeren besked").click()
        held.reload()
        look("cancelled")
        house.runtime.clock.moment = meeting.starts_at - timedelta(hours=1)  # type: ignore[attr-defined]
        SearchIndexer(house.runtime).drain()
        held.goto(f"{address}/app/search")
        held.locator("#words").fill("tid")
        held.locator("main form button").first.click()
        look("search")
        house.runtime.clock.moment = meeting.starts_at + timedelta(days=30)  # type: ignore[attr-defined]
        held.goto(f"{address}/app/meetings")
        look("past")

    assert wrong == {}


def keep(held: Page, name: str) -> None:
    """Keep a picture, where somebody wants to see for herself."""
    if folder := os.environ.get("APP_PICTURES"):
        held.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
