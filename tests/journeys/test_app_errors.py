"""What the app does when something goes wrong: it says in plain words what to do next, and leads there."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.citizen_app import codes, sessions
from messaging.citizen_app.code_limits import MOST_TRIES, PER_NUMBER
from messaging.citizen_app.models import EndedBy
from messaging.citizen_app.pairing import LASTS
from messaging.clock import FixedClock
from messaging.people.actors import SYSTEM
from messaging.web.language import LANGUAGES
from tests.house import NUMBER, House, csrf_token
from tests.journeys.browsing import PATIENCE, faults
from tests.journeys.in_hand import SMALL, let_in, phone
from tests.journeys.line import Line

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]


@dataclass(kw_only=True)
class Sufferer:
    """Somebody with a phone, to whom things happen."""

    held: Page
    address: str
    axe: str
    language: str

    def go(self, path: str) -> None:
        """Open a page of the app, in one's language."""
        self.held.goto(self.address + path)
        if self.held.locator("html").get_attribute("lang") != self.language:
            self.held.get_by_role("button", name=LANGUAGES[self.language]).click()
            self.held.locator(f"html[lang={self.language}]").wait_for(state="attached")

    def submit(self) -> None:
        """Press the one button of the page that matters."""
        self.held.locator("main form button.button-primary").first.click()

    def is_told(self, *, da: str, en: str, at: str) -> None:
        """See that the page says this, that the focus is where it is said or can be mended, and that all can use it."""
        sentence = re.compile(re.escape({"da": da, "en": en}[self.language]))
        expect(self.held.locator("main")).to_contain_text(sentence, timeout=PATIENCE)
        expect(self.held.locator(at)).to_be_focused()
        expect(self.held.locator(at)).to_be_in_viewport()
        assert faults(self.held, self.axe) == []


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def sufferer(
    browser: Browser, address: str, axe: str, language: str, request: pytest.FixtureRequest
) -> Iterator[Sufferer]:
    with phone(browser, size=SMALL, script=request.param) as held:
        yield Sufferer(held=held, address=address, axe=axe, language=language)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


with_script = pytest.mark.parametrize("sufferer", [True], indirect=True)
without_script = pytest.mark.parametrize("sufferer", [False], indirect=True)


def _come_in(house: House, sufferer: Sufferer, sara: uuid.UUID, path: str = "/app") -> None:
    let_in(house, sufferer.held.context, sufferer.address, sara)
    sufferer.go(path)


def _shut_out(house: House, sara: uuid.UUID) -> None:
    """Close the app on every phone of hers, as she or her caseworker may do from elsewhere."""
    with house.runtime.act(SYSTEM) as act:
        sessions.end_all(act, citizen_id=sara, ended_by=EndedBy.CITIZEN)


@with_script
def test_a_qr_code_that_has_run_out(sufferer: Sufferer, house: House, clock: FixedClock, sara: uuid.UUID) -> None:
    start = house.offered(sara)
    clock.moment += LASTS
    sufferer.go(start)

    sufferer.is_told(
        da="Bed din sagsbehandler om en ny kode.", en="Ask your caseworker for a new code.", at="h1[tabindex]"
    )


@with_script
def test_digits_that_are_not_those_on_the_screen(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    start, first = house.offered(sara), house.browser()
    first.post(start, data={"csrf_token": csrf_token(first, start)})
    sufferer.go(f"{start}/open")
    sufferer.held.locator("#code").fill("000000")
    sufferer.submit()

    sufferer.is_told(da="Tallene passer ikke.", en="The digits do not fit.", at="#code")


@with_script
def test_a_code_by_sms_that_is_wrong_until_it_is_over(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    sufferer.go("/app/login/code")
    sufferer.held.locator("#number").fill("12")
    sufferer.submit()
    sufferer.is_told(da="Skriv dit danske mobilnummer med 8 tal.", en="8 digits", at="#number")
    sufferer.held.locator("#number").fill("24 10 19 21")
    sufferer.submit()
    for tries in range(MOST_TRIES):
        sufferer.held.locator("#code").fill("000000")
        with sufferer.held.expect_navigation():
            sufferer.submit()
        if tries == 0:
            sufferer.is_told(da="Se efter i din sms.", en="Look in your text message.", at="#code")

    sufferer.is_told(da="Få en ny kode her.", en="new code here", at="#number")


@with_script
def test_too_many_codes(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    for _time in range(PER_NUMBER[0].most):
        with house.runtime.act(SYSTEM) as act:
            assert codes.ask_for_code(act, token=codes.new_token(), number=NUMBER, address="127.0.0.1")
    sufferer.go("/app/login/code")
    sufferer.held.locator("#number").fill("24 10 19 21")
    sufferer.submit()

    sufferer.is_told(da="Vent en time, og prøv så igen.", en="Wait an hour", at="h1[tabindex]")


@with_script
def test_a_message_that_was_written_when_the_session_was_closed(
    sufferer: Sufferer, house: House, sara: uuid.UUID
) -> None:
    _come_in(house, sufferer, sara)
    _shut_out(house, sara)
    sufferer.held.locator("#text").fill("Er du der?")
    sufferer.submit()

    sufferer.is_told(da="Log ind, og send det igen.", en="Log in, and send it again.", at=".alert-error[tabindex]")


@without_script
def test_the_same_without_script(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    _come_in(house, sufferer, sara)
    _shut_out(house, sara)
    sufferer.held.locator("#text").fill("Er du der?")
    sufferer.submit()

    sentence = {"da": "Log ind, og send det igen.", "en": "Log in, and send it again."}[sufferer.language]
    expect(sufferer.held.get_by_role("alert")).to_contain_text(sentence)
    expect(sufferer.held.get_by_role("alert")).to_be_focused()


@with_script
def test_nothing_written(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    _come_in(house, sufferer, sara)
    sufferer.held.locator("#text").evaluate("field => field.removeAttribute('required')")
    sufferer.submit()

    sufferer.is_told(da="Skriv din besked først.", en="Write your message first.", at="#text")


@with_script
@pytest.mark.parametrize("way", ["by script", "by form"])
def test_a_paper_that_is_refused(sufferer: Sufferer, house: House, sara: uuid.UUID, way: str) -> None:
    _come_in(house, sufferer, sara, "/app/papers")
    program = {"name": "gratis.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ" + bytes(2000)}
    if way == "by form":
        sufferer.held.locator("form[data-papers]").evaluate("form => form.replaceWith(form.cloneNode(true))")
    sufferer.held.locator("#file").set_input_files([program])
    sufferer.submit()

    at = "[data-told]" if way == "by script" else "#wrong"
    sufferer.is_told(da="Send et billede, en PDF eller et dokument.", en="PDF", at=at)


@with_script
def test_a_meeting_that_was_moved_meanwhile(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, house.caseworker())
    _come_in(house, sufferer, sara, "/app/meetings")
    sufferer.held.locator("[name=revision]").first.evaluate("field => { field.value = '0'; }")
    sufferer.submit()

    assert meeting.revision != 0
    sufferer.is_told(da="Se den nye tid her, og svar igen.", en="answer again", at=".alert-error[tabindex]")


@with_script
def test_a_page_that_was_open_too_long_or_is_not_there(sufferer: Sufferer, house: House, sara: uuid.UUID) -> None:
    _come_in(house, sufferer, sara, "/app/search")
    sufferer.held.locator("main [name=csrf_token]").evaluate("field => { field.value = 'another'; }")
    sufferer.submit()
    sufferer.is_told(da="Gå tilbage, og prøv igen.", en="Go back and try again.", at="h1[tabindex]")
    sufferer.go("/app/meetings/made-up")

    sufferer.is_told(da="Gå til dine beskeder", en="Go to your messages", at="h1[tabindex]")


@with_script
def test_no_connection(sufferer: Sufferer, house: House, line: Line, sara: uuid.UUID) -> None:
    _come_in(house, sufferer, sara)
    sufferer.held.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    with line.away(sufferer.held.context):
        sufferer.held.goto(f"{sufferer.address}/app")

        sufferer.is_told(
            da="Du kan se dine beskeder igen, når du har forbindelse.",
            en="You can see your messages again when you are connected.",
            at="h1[tabindex]",
        )
        expect(sufferer.held.locator("main a.button-primary")).to_be_visible()
