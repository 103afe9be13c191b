"""Reading aloud in the app: by voices that lie on the phone, and by no other; and letters as large as they come."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from messaging.appointments.models import Appointment, Place
from messaging.appointments.seeding import seed
from messaging.citizen_app.letters import KEPT_IN, Letters
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.browsing import PATIENCE, breaches, faults, misfits
from tests.journeys.in_hand import SMALL, let_in, phone
from tests.journeys.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

LOCAL_DANISH = {"name": "Sara", "lang": "da_DK", "localService": True}
LOCAL_ENGLISH = {"name": "Fred", "lang": "en-GB", "localService": True}
REMOTE_DANISH = {"name": "Google dansk", "lang": "da-DK", "localService": False}
REMOTE_ENGLISH = {"name": "Google English", "lang": "en-US", "localService": False}

VOICES = """voices => {
    const speech = new EventTarget();
    Object.assign(speech, {
        voices, spoken: [], cancelled: 0,
        getVoices() { return this.voices; },
        speak(said) { this.spoken.push(said); },
        cancel() {
            this.cancelled += 1;
            for (const said of this.spoken.splice(0)) said.onerror?.({error: "canceled"});
        },
    });
    Object.defineProperty(globalThis, "speechSynthesis", {value: speech});
    globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
}"""
"""Plays what the browser reads aloud with. It says nothing and finishes nothing by itself."""
SPOKEN = "() => speechSynthesis.spoken.map(said => [said.text, said.voice.name])"


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


@pytest.fixture
def held(house: House, browser: Browser, address: str, sara: uuid.UUID) -> Iterator[Page]:
    """Sara's phone."""
    with phone(browser, size=SMALL) as held:
        let_in(house, held.context, address, sara)
        yield held


def _write(house: House, mette: Caseworker, sara: uuid.UUID, text: str, *, template: str | None = None) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text=text,
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.CASEWORKER,
            author_id=mette.id,
            template=template,
        )


def _speaks(held: Page, *voices: dict[str, object]) -> None:
    held.add_init_script(f"({VOICES})({list(voices)})".replace("True", "true").replace("False", "false"))


def test_a_message_is_read_by_a_voice_on_the_phone_and_can_be_stopped(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, "Husk lønsedlen,\nnår du kommer.")
    house.hears("Hej fra mig selv")
    _speaks(held, REMOTE_DANISH, LOCAL_ENGLISH, LOCAL_DANISH)
    held.goto(f"{address}/app")
    button = held.get_by_role("log").get_by_role("button", name="Læs op")
    expect(button).to_have_count(1)  # not at what she wrote herself, for nobody knows its language
    button.click()

    assert held.evaluate(SPOKEN) == [["Husk lønsedlen, når du kommer.", "Sara"]]
    expect(held.get_by_text("Læser op.")).to_be_visible()
    held.get_by_role("button", name="Stop").click()
    assert held.evaluate(SPOKEN) == []
    expect(held.get_by_text("Læser op.")).to_be_hidden()
    expect(button).to_be_visible()


@pytest.mark.parametrize(
    "voices",
    [(), (REMOTE_DANISH, REMOTE_ENGLISH), (REMOTE_DANISH, LOCAL_ENGLISH), ({"name": "?", "lang": "da-DK"},)],
    ids=["none", "remote only", "local of another language", "that do not say where they are"],
)
def test_without_a_voice_on_the_phone_there_is_no_button(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID, voices: tuple[dict[str, object], ...]
) -> None:
    _write(house, mette, sara, "Husk lønsedlen")
    _speaks(held, *voices)
    held.goto(f"{address}/app")
    expect(held.get_by_role("log")).to_contain_text("Husk lønsedlen")
    held.wait_for_load_state("networkidle")

    expect(held.locator(".aloud")).to_have_count(1)
    expect(held.locator(".aloud")).to_be_hidden()
    held.locator(".aloud").dispatch_event("click")
    assert held.evaluate(SPOKEN) == []


def test_an_english_message_is_read_by_an_english_voice(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, "Your time stands.", template="M3//en/1")
    _write(house, mette, sara, "Din tid gælder.", template="M3//da/1")
    _speaks(held, REMOTE_ENGLISH, LOCAL_ENGLISH)
    held.goto(f"{address}/app")
    held.get_by_role("button", name="Læs op").click()

    assert held.evaluate(SPOKEN) == [["Your time stands.", "Fred"]]


def test_voices_that_come_late_and_messages_that_come_later_get_their_button_and_keep_it(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, "Den første")
    _speaks(held)
    held.goto(f"{address}/app")
    expect(held.locator(".aloud")).to_be_hidden()
    held.evaluate("speechSynthesis.voices = [{lang: 'da-DK', localService: true, name: 'Sara'}]")
    held.evaluate("speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    expect(held.get_by_role("button", name="Læs op")).to_have_count(1)
    held.get_by_role("button", name="Læs op").click()
    _write(house, mette, sara, "Den anden")

    expect(held.get_by_role("button", name="Læs op")).to_have_count(1, timeout=PATIENCE)
    expect(held.get_by_role("log").get_by_role("listitem")).to_have_count(2, timeout=PATIENCE)
    expect(held.get_by_role("button", name="Stop")).to_have_count(1)
    assert held.evaluate(SPOKEN) == [["Den første", "Sara"]]


def test_it_ends_by_itself_says_when_it_cannot_and_falls_silent_when_she_leaves(
    house: House, held: Page, address: str, mette: Caseworker, sara: uuid.UUID
) -> None:
    _write(house, mette, sara, "Husk lønsedlen")
    _speaks(held, LOCAL_DANISH)
    held.goto(f"{address}/app")
    button = held.get_by_role("button", name="Læs op")
    button.click()
    held.evaluate("speechSynthesis.spoken.shift().onend()")
    expect(button).to_be_visible()
    button.click()
    held.evaluate("speechSynthesis.spoken.shift().onerror({error: 'synthesis-failed'})")
    expect(held.get_by_text("Telefonen kan ikke læse op nu. Prøv igen.")).to_be_visible()
    button.click()
    before = held.evaluate("speechSynthesis.cancelled")
    silent = held.evaluate("() => { dispatchEvent(new Event('pagehide')); return speechSynthesis.cancelled; }")

    assert silent > before
    assert held.evaluate(SPOKEN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meeting_is_read_each_word_in_its_language(
    held: Page, address: str, axe: str, meeting: Appointment, language: str
) -> None:
    _speaks(held, LOCAL_DANISH, LOCAL_ENGLISH)
    held.goto(f"{address}/app")
    if language != "da":
        held.get_by_role("button", name=LANGUAGES[language]).click()
    held.locator(".next-meeting a").click()
    card = held.get_by_role("article")
    expect(held.get_by_role("heading", level=1)).to_be_visible()
    card.locator(".aloud").click()
    spoken = held.evaluate(SPOKEN)

    assert "Sydhavnsgade 1, 2. sal" in "\n".join(text for text, voice in spoken if voice == "Sara")
    assert {voice for _text, voice in spoken} == ({"Sara"} if language == "da" else {"Sara", "Fred"})
    assert "Jeg kommer" not in str(spoken)
    assert faults(held, axe) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_largest_letters_leave_every_page_whole(
    house: House,
    held: Page,
    address: str,
    axe: str,
    line: Line,
    mette: Caseworker,
    sara: uuid.UUID,
    meeting: Appointment,
    language: str,
) -> None:
    _write(house, mette, sara, "Din ydelse er sat til 6.789 kr. – “husk” lønsedlen 😊")
    _speaks(held, LOCAL_DANISH, LOCAL_ENGLISH)
    held.goto(f"{address}/app/letters")
    if language != "da":
        held.get_by_role("button", name=LANGUAGES[language]).click()
    held.locator(f"button[value={Letters.LARGEST}]").click()
    expect(held.locator("html[data-letters=largest]")).to_be_attached()
    expect(held.get_by_role("status")).to_be_visible()
    wrong = {}
    pages = ("", "/letters", "/meetings", "/papers", "/more", "/devices", "/wishes", "/help", "/leaving", "/not-me")
    for path in (*pages, "/privacy", "/search", "/helpers", "/nowhere"):
        held.goto(f"{address}/app{path}")
        held.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        if found := misfits(held) + (breaches(held, axe) if path in {"", "/letters", "/meetings"} else []):
            wrong[path] = found
    assert wrong == {}

    held.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    with line.away(held.context):
        held.goto(f"{address}/app")
        expect(held.locator("body[data-offline]")).to_be_attached()
        expect(held.locator("html[data-letters=largest]")).to_be_attached()
        assert faults(held, axe) == []
    expect(held.get_by_role("log")).to_be_visible()  # it has come back by itself; another visit would cut that off
    held.context.clear_cookies(name=KEPT_IN)
    held.goto(f"{address}/app")
    expect(held.locator("html[data-letters]")).not_to_be_attached()


def test_letters_are_chosen_without_script(house: House, browser: Browser, address: str, sara: uuid.UUID) -> None:
    with phone(browser, size=SMALL, script=False) as held:
        let_in(house, held.context, address, sara)
        held.goto(f"{address}/app")
        held.get_by_role("link", name="Store bogstaver").click()
        held.get_by_role("button", name="Meget store").click()
        expect(held.locator("html[data-letters=largest]")).to_be_attached()
        held.goto(f"{address}/app")

        expect(held.locator("html[data-letters=largest]")).to_be_attached()
        expect(held.locator(".aloud")).to_have_count(0)
