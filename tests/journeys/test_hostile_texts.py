"""S6: whatever a citizen, a file or a colleague writes stands on every page as the text it is, and nothing of it runs.

Not even tries to: the content policy, which would stop it, hears of no breach.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from messaging.appointments.booking import Meeting, NewAppointment, book_appointment
from messaging.appointments.models import Appointment, Form
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.planning import reminder_rules
from messaging.appointments.states import OutcomeWord
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Author, Template
from messaging.conversations.sending import send_message
from messaging.people import registering
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, Role
from messaging.web.problems import FOR_SYSTEMS
from tests.house import PASSWORD, House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(360),  # every page there is
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

CHARACTER = re.compile(r"\{U\+([0-9A-F]{4,5})\}")
CORPUS = [
    CHARACTER.sub(lambda found: chr(int(found[1], 16)), line)
    for line in (Path(__file__).parent / "xss.txt").read_text(encoding="utf-8").split("\n")[1:]
    if line
]
LISTENER = """
    window.harm = [];
    window.hit = () => harm.push("a script ran");
    window.alert = window.confirm = window.prompt = window.print = () => harm.push("a dialog opened");
    addEventListener("securitypolicyviolation", breach =>
        harm.push(`${breach.effectiveDirective} stopped ${breach.blockedURI} ${breach.sample}`));
"""
FOUND = """() => {
    const addresses = ["href", "src", "action", "formaction", "data", "xlink:href", "srcset", "poster", "ping"];
    const ours = value => new URL(value, location).origin === location.origin || /^tel:\\+?\\d+$/.test(value)
        || value === "https://www.dr.dk/";  // where "Forlad siden" leads
    const bad = [...document.querySelectorAll("script:not([src]), style, iframe, object, embed, base, math, "
        + "template:not(#reply-words), foreignObject, meta[http-equiv], [style], [srcdoc], [background]")];
    for (const element of document.querySelectorAll("*"))
        for (const {name, value} of element.attributes)
            if (name.startsWith("on") || (addresses.includes(name) && !ours(value))) bad.push(element);
    return harm.concat(bad.map(element => element.outerHTML.slice(0, 200)));
}"""
DOWNLOADS = (".csv", ".ics", ".js", ".pdf", ".txt", ".webmanifest", "/live")


def pieces(count: int, *, longest: int = 10_000, joint: str = " ") -> Iterator[str]:
    """The whole corpus in so many texts, or more if they would be too long."""
    size = -(-len(CORPUS) // count)
    text = ""
    for number, line in enumerate(CORPUS):
        if text and (number % size == 0 or len(text) + len(line) >= longest):
            yield text
            text = ""
        text = f"{text}{joint}{line}" if text else line
    yield text


@dataclass
class Reader:
    """A browser in which nobody trusts a page: it tells what ran, what was stopped and what was asked for."""

    page: Page
    address: str
    harm: list[str] = field(default_factory=list)
    words: str = ""

    def __post_init__(self) -> None:
        self.page.add_init_script(LISTENER)
        self.page.on("dialog", lambda dialog: self.harm.append("a dialog opened"))
        self.page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith(self.address):
            self.harm.append(f"asked for {url}")

    def sign_in(self, initials: str) -> None:
        self.page.goto(f"{self.address}/sign-in")
        self.page.get_by_label("Initialer").fill(initials)
        self.page.get_by_label("Adgangskode").fill(PASSWORD)
        self.page.get_by_role("button", name="Log ind").click()
        self.page.wait_for_url("**/conversations*")

    def read(self, path: str) -> int:
        answer = self.page.goto(self.address + path)
        self._look(path)
        return answer.status

    def send(self, path: str, **form: str) -> None:
        """Send a form whatever its fields would allow, and look at what is said to it."""
        with self.page.expect_navigation():
            self.page.evaluate(
                """([path, fields]) => {
                    const form = document.createElement("form");
                    form.method = "post";
                    form.action = path;
                    const token = document.querySelector("[name=csrf_token]").value;
                    for (const [name, value] of Object.entries({...fields, csrf_token: token})) {
                        const input = document.createElement("textarea");
                        input.name = name;
                        input.value = value;
                        form.append(input);
                    }
                    document.body.append(form);
                    form.submit();
                }""",
                [path, form],
            )
        self._look(path)

    def _look(self, path: str) -> None:
        self.page.wait_for_load_state()
        self.harm += [f"{path}: {found}" for found in self.page.evaluate(FOUND)]
        self.words += self.page.evaluate("document.documentElement.textContent")


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    with browser.new_context(locale="da-DK") as context:
        yield Reader(page=context.new_page(), address=address)


def test_every_string_is_text_on_every_page(house: House, reader: Reader) -> None:
    """S6."""
    ids = fill(house)
    SearchIndexer(house.runtime).drain()
    visited = 0
    for initials in ("mho", "lead", "super"):
        reader.page.context.clear_cookies()
        reader.sign_in(initials)
        for path in pages(house, ids):
            visited += reader.read(path) == 200
        if initials == "mho":
            reader.read("/search")
            reader.send("/search", words="script hit")
    unseen = [line for line in CORPUS if plain(line) not in plain(reader.words)]

    assert len(set(CORPUS)) >= 300
    assert reader.harm == []
    assert visited > 20
    assert unseen == []


def test_every_string_is_text_in_every_form_that_is_shown_again(house: House, reader: Reader) -> None:
    """S6."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.caseworker("lead", role=Role.TEAM_LEADER)
    house.hears("Hej")
    reader.sign_in("mho")
    for text in pieces(3):
        reader.send("/search", words=text, receipt_number=text, since=text, until=text, template=text)
        message = {"message_id": str(uuid.uuid4()), "seen": "0", "due_at": text, "text": text}
        reader.send(f"/conversations/{citizen_id}/messages", **message)
    reader.page.context.clear_cookies()
    reader.sign_in("lead")
    for text in pieces(3):
        reader.send(f"/citizens/{citizen_id}/reason", reason=text, next=text)

    assert reader.harm == []


def pages(house: House, ids: dict[str, object]) -> list[str]:
    """The address of every page of the service that names nothing we have not got."""
    paths = []
    for rule in house.app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids.get(found[1], found[0])), rule.rule)
        if (
            "GET" in rule.methods
            and "<" not in path
            and not path.startswith(FOR_SYSTEMS)
            and not path.endswith(DOWNLOADS)
        ):
            paths.append(path)
    return sorted(path for path in paths if not path.endswith(DOWNLOADS))


def plain(text: str) -> str:
    """What is left of a text when nobody minds spaces and what cannot be seen."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)


def fill(house: House) -> dict[str, object]:
    """Put the whole corpus into every field that somebody outside, a file or a colleague can fill."""
    mette = house.caseworker(name=f"Mette {CORPUS[0]}")
    house.caseworker("lead", name=f"Lene {CORPUS[30]}", role=Role.TEAM_LEADER)
    house.caseworker("super", name=f"Sus {CORPUS[35]}", role=Role.SUPERUSER)
    for number, text in enumerate(pieces(40)):
        house.caseworker(f"x{number}", name=text, unit=text)
    citizen_id = house.citizen(caseworker=mette, first_name=CORPUS[0], last_name=CORPUS[60])
    with house.runtime.act(SYSTEM) as act:
        people = [
            registering.Person(cpr=f"0202{number:06}", first_name=text, last_name=text)
            for number, text in enumerate(pieces(90))
        ]
        for citizen in registering.register_citizens(act, people=people).values():
            registering.assign(act, citizen_id=citizen.id, caseworker_id=mette.id)
        for number, text in enumerate(pieces(20)):
            registering.name_number(act, citizen_id=citizen_id, e164=f"+45400000{number:02}", source=text)
    for text in pieces(20, joint="\n"):
        house.hears(text)
        house.hears(text, sender="+4599887766")
    with house.runtime.act(SYSTEM) as act:
        for text in pieces(18, longest=1500, joint="\n"):
            send_message(act, citizen_id=citizen_id, text=text, author=Author.CASEWORKER, author_id=mette.id)
        for number, text in enumerate(pieces(20)):
            _meet(house, act, citizen_id, mette, text, day=number - 10)
            act.session.add(_template(text, number, act.now))
    return {"citizen_id": citizen_id, "key": "x0", "variant": "v", "language": "da"}


def _meet(house: House, act: Act, citizen_id: uuid.UUID, staff: Caseworker, text: str, *, day: int) -> None:
    meeting = Meeting(
        caseworker_id=staff.id,
        starts_at=act.now + timedelta(days=day, hours=1),
        minutes=30,
        meeting_type=text,
        form=Form.IN_PERSON,
        place=text,
    )
    new = NewAppointment(citizen_id=citizen_id, source=text, external_id=f"e{day}", meeting=meeting, note=text)
    booked: Appointment = book_appointment(act, new, rules=reminder_rules(house.runtime.config))
    if day < -5:
        record_outcome(act, appointment_id=booked.id, outcome=OutcomeWord.HELD, reason=text)


def _template(text: str, number: int, now: datetime) -> Template:
    return Template(
        key=f"x{number}",
        variant="v",
        language="da",
        version=1,
        content_class="neutral",
        text=text,
        valid_from=now,
        valid_to=None,
        approved_by=text,
    )
