"""What a page looks like in the states that no address names: something stopped, refused, asked, undone, empty or away.

Every state is looked at in both languages and at both sizes, and must show what makes it that state.
"""

import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from adapters.contract import InboundMessage, MediaReference
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import ReminderState
from messaging.conversations.hooks import take_message
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.conversations.work import ConversationWork
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.house import NUMBER, House
from tests.journeys.full_house import SHARED, Ids, fill
from tests.journeys.looking import Looker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]

ALL_SEEN = "99999"
UNDO = "form[action$='/outcome/undo']"


@pytest.fixture
def looker(page: Page, address: str, axe: str, language: str) -> Looker:
    """Somebody who has not signed in yet."""
    return Looker(page=page, address=address, axe=axe, language=language)


@pytest.fixture
def ids(house: House) -> Ids:
    """What there is in a house in which there is everything."""
    return fill(house)


def first(house: House, column: sa.orm.InstrumentedAttribute[uuid.UUID], **chosen: object) -> uuid.UUID:
    """The id of the first of those that fit."""
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(column).filter_by(**chosen).order_by(column)).first()


def new() -> str:
    """An id for a form."""
    return str(uuid.uuid4())


def test_threads_and_cards_of_those_who_cannot_simply_be_written_to(looker: Looker, ids: Ids) -> None:
    no_number, in_danger, stopped, paused, closed = ids["unusual"]
    looker.come("mho")
    for citizen_id, shows in (
        (no_number, ".reply .alert-info"),
        (in_danger, ".thread-head .alert-warning"),
        (in_danger, "details.threat[open]"),
        (stopped, ".reply .alert-info"),
        (paused, ".number-why strong"),
        (closed, ".reply .alert-info"),
    ):
        looker.go(f"/conversations/{citizen_id}", shows=shows)
    for citizen_id in ids["unusual"]:
        looker.go(f"/citizens/{citizen_id}", shows=".card-page .mark")

    assert looker.found == []


def test_what_the_form_under_a_thread_answers(house: House, looker: Looker, ids: Ids) -> None:
    thread = f"/conversations/{ids['citizen_id']}"
    untried = house.citizen(caseworker=_mette(house), first_name="Ny", number="+4540000001")
    looker.come("mho")
    looker.page.goto(f"{looker.address}{thread}")
    for shows, status, fields in (
        ("#held", 422, {"action": "send", "text": "Dit nummer er 010199-0017"}),
        (".size-hold", 200, {"action": "measure", "text": "Hej 😊 “ørn” 010199-0017"}),
        ("#text", 200, {"action": "template", "template": "M6"}),
        ("#wrong", 409, {"action": "send", "text": "Hej", "seen": "0"}),
        ("#wrong", 422, {"action": "send", "text": "Hej", "due_at": "i morgen"}),
        ("#wrong", 422, {"action": "template", "template": "ukendt"}),
    ):
        fields = {"message_id": new(), "seen": ALL_SEEN, **fields}
        looker.send(f"{thread}/messages", status=status, shows=shows, **fields)
    asked = {"action": "send", "text": "Hej", "seen": ALL_SEEN, "message_id": new()}
    looker.send(f"/conversations/{untried}/messages", status=409, shows="#once-more", **asked)
    looker.send(f"{thread}/settle", status=409, shows="#wrong", seen="0")

    assert looker.found == []


def test_what_stands_in_a_thread(house: House, looker: Looker, ids: Ids) -> None:
    thread = f"/conversations/{ids['citizen_id']}"
    for day in range(40):
        house.hears(f"Jeg kommer den {day}.")
    house.hears("Mit nummer er 010199-0017")
    picture = MediaReference(url="https://pictures.test/1", content_type="image/jpeg")
    text = InboundMessage(
        provider_message_id="MM1", account="fake", sender=NUMBER, recipient="", text="", raw=b"", media=(picture,)
    )
    take_message(house.runtime, text)
    with house.runtime.database.write() as session:
        received = session.scalars(sa.select(Message).order_by(Message.seq.desc()).offset(1)).first()
        received.late = True
        received_id = received.id
    looker.come("mho")
    looker.go(thread, shows="form.masked")
    looker.go(thread, shows=".message-media")
    looker.send(f"{thread}/received/{received_id}/number", shows="[data-kept]")
    looker.send(f"{thread}/received/{received_id}/threat", status=422, shows=".thread-head .alert-error", note="")
    looker.send(f"{thread}/notes", status=422, shows="#note-wrong", note_id=new(), note="")
    looker.page.goto(f"{looker.address}{thread}")
    looker.go(looker.page.locator(".earlier a").first.get_attribute("href"), shows=".message-waits")

    assert looker.found == []


def test_message_that_was_given_up_before_it_left(house: House, looker: Looker, ids: Ids) -> None:
    thread = f"/conversations/{ids['citizen_id']}"
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=ids["citizen_id"], text="Husk dit CV", author=Author.CASEWORKER)
        message.state, message.reason = MessageState.FAILED, "parked"
    looker.come("mho")
    looker.go("/conversations?show=needs_action", shows=".conversation-step")
    looker.go(thread, shows="form[action*='/again']")
    looker.send(f"{thread}/messages/{message.id}/again", status=409, shows="#wrong", seen="0")
    looker.send(f"{thread}/messages/{message.id}/again", shows=".message-waits", seen=ALL_SEEN)

    assert looker.found == []


def test_sending_that_is_stopped_and_let_go_again(looker: Looker, ids: Ids) -> None:
    channels = "/administration/channels"
    looker.come("super")
    looker.page.goto(f"{looker.address}{channels}")
    looker.send(f"{channels}/stop", shows="#stopped", reason="maintenance")
    stop = looker.page.locator("input[name=stop]").input_value()
    looker.come("audit")
    looker.go(channels, shows="#stopped")
    looker.come("mho")
    looker.go(f"/conversations/{ids['citizen_id']}", shows="#stopped")
    looker.come("super")
    looker.page.goto(f"{looker.address}{channels}")
    looker.send(f"{channels}/release", shows="#before", stop=stop)

    assert looker.found == []


def test_meetings_and_reminders_in_every_state(house: House, looker: Looker, ids: Ids) -> None:
    sharing = house.citizen(caseworker=_mette(house), first_name="Signe", last_name="Storm", number=SHARED)
    meeting = house.appointment(sharing, _mette(house), in_days=2)
    looker.come("mho")
    looker.go("/meetings", shows="form[action$='/let-go']")
    looker.go("/meetings", shows="form[action$='/line/remove']")
    tapped = first(house, Appointment.id, citizen_id=ids["citizen_id"], state="booked")
    tapped = looker.page.locator("form[action$='/outcome']").first.get_attribute("action").split("/")[2]
    looker.send(f"/appointments/{tapped}/outcome", shows=UNDO, outcome="held", back="meetings")
    with house.runtime.database.read() as session:
        citizen_id = session.get(Appointment, uuid.UUID(tapped)).citizen_id
    looker.go(f"/conversations/{citizen_id}", shows=UNDO)
    looker.send(f"/appointments/{tapped}/outcome/undo", shows=".said", back="meetings")
    line = f"/reminders/{ids['reminder_id']}/line"
    looker.send(line, shows="#whole", action="show", line="Jeg glæder mig")
    looker.send(line, status=422, shows="#wrong", action="save", line="Se www.example.dk")
    shared = first(house, Reminder.id, appointment_id=meeting.id, state=ReminderState.PLANNED)
    looker.go(f"/reminders/{shared}/line", shows=".alert-info")
    looker.send(f"/citizens/{ids['citizen_id']}/contacts", status=422, shows="#wrong", kind="", note_id=new())

    assert looker.found == []


def test_writing_to_several(house: House, looker: Looker, ids: Ids) -> None:
    for number in range(30):
        house.citizen(caseworker=_mette(house), first_name="Alma", number=f"+4541{number:06}")
    everybody = {"batch_id": new(), "template": "M9", "everybody": "yes"}
    looker.come("mho")
    looker.page.goto(f"{looker.address}/batches/new")
    looker.send("/batches/preview", status=422, shows=".alert-error", batch_id=new(), template="")
    looker.send("/batches/preview", shows=".batch-lines .mark--warning", **everybody)
    citizens = [one.input_value() for one in looker.page.locator("input[name=citizen]").all()]
    changed = {"batch_id": new(), "template": "M9", "citizen": citizens, "shown": "x"}
    looker.send("/batches", status=409, shows="main .alert-warning", **changed)
    with looker.page.expect_navigation():
        looker.page.locator("main form .button-primary").click()
    looker.look("a batch that waits", shows="form[action$='/cancel']")
    batch = looker.page.url.removeprefix(looker.address)
    looker.come("dep")
    looker.go(batch, shows="form[action$='/approve']")
    looker.send(f"{batch}/approve", shows=".said")
    ConversationWork(runtime=house.runtime).write_all_batches()
    looker.come("mho")
    looker.go(batch, shows=".batch-text")
    looker.send(f"{batch}/cancel", shows=".said")

    assert looker.found == []


def _mette(house: House) -> Caseworker:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(Caseworker).filter_by(initials="mho")).one()
