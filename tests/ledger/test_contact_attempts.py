"""The contact ledger: every attempt with its words and how far it got, for the citizen's own staff."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.audit.models import AuditEntry
from messaging.conversations.app_thread import mark_read
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Message
from messaging.conversations.note_models import Note, NoteKind
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker
from tests.house import House


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def write(house: House, citizen_id: uuid.UUID, text: str, *, state: MessageState, **more: object) -> uuid.UUID:
    """Let a message of ours stand as the provider left it."""
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=citizen_id, text=text, author=Author.SYSTEM)
        message.state = state
        for name, value in more.items():
            setattr(message, name, value)
        return message.id


def page(house: House, citizen_id: uuid.UUID, query: str = "") -> str:
    return house.browser("mho").get(f"/citizens/{citizen_id}/ledger{query}").text


def shown(text: str) -> list[str]:
    """The words of each attempt on a page, as plain text."""
    rows = re.findall(r'<li class="attempt">(.*?)</li>', text, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_an_attempt_says_when_how_in_which_words_and_how_far_it_got(house: House, sara: uuid.UUID) -> None:
    write(house, sara, "Husk mødet", state=MessageState.DELIVERED, template="M1/physical/da/2")
    house.runtime.clock.advance(hours=2)
    house.hears("Jeg kommer")

    (attempt,) = shown(page(house, sara))

    assert attempt == (
        "2. marts 2027 kl. 10.00 Besked Sms ender på 1921 Systemet Husk mødet "
        "Skabelon: Påmindelse tre dage før, version 2 "
        "Leveret 2. marts 2027 kl. 10.00. Den er nået frem til telefonen. "
        "Borgeren skrev derefter 2. marts 2027 kl. 12.00."
    )


def test_a_message_in_the_app_is_an_attempt_that_proves_nothing(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text="Din plan for 010199-1234",
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.SYSTEM,
        )
    lying = shown(page(house, sara))
    house.runtime.clock.advance(hours=2)
    with house.runtime.act(Actor(kind=ActorKind.CITIZEN, id=sara)) as act:
        mark_read(act, citizen_id=sara, up_to_seq=1, classes=frozenset(ContentClass))

    assert lying == [
        (
            "2. marts 2027 kl. 10.00 Besked App Systemet Din plan for ••••••-•••• "
            "Ligger i appen 2. marts 2027 kl. 10.00. Borgeren har ikke åbnet den endnu."
        )
    ]
    assert "Vist i appen 2. marts 2027 kl. 12.00. " in shown(page(house, sara))[0]
    assert "ikke bevis for, at borgeren har læst den" in shown(page(house, sara))[0]


def test_the_page_says_that_it_is_not_legal_service(house: House, sara: uuid.UUID) -> None:
    assert "Dette er ikke en forkyndelse." in page(house, sara)


def test_what_did_not_arrive_says_why_and_is_not_called_answered(house: House, sara: uuid.UUID) -> None:
    write(house, sara, "Husk mødet", state=MessageState.FAILED, reason="number_paused")
    house.runtime.clock.advance(hours=2)
    house.hears("Hej")
    attempt = shown(page(house, sara))[0]

    assert "Nummeret er sat på pause" in attempt
    assert "skrev derefter" not in attempt


def test_the_answer_is_what_came_after_sending_not_after_writing(house: House, sara: uuid.UUID) -> None:
    later = house.runtime.clock.now() + timedelta(days=1)
    write(house, sara, "Skrevet før", state=MessageState.DELIVERED, due_at=later)
    house.runtime.clock.advance(hours=1)
    house.hears("Skrevet imens")
    house.runtime.clock.advance(days=2)

    assert "skrev derefter" not in shown(page(house, sara))[0]


@pytest.mark.parametrize("state", [MessageState.SCHEDULED, MessageState.CANCELLED])
def test_what_was_never_tried_is_no_attempt(house: House, sara: uuid.UUID, state: MessageState) -> None:
    write(house, sara, "Senere", state=state)

    assert shown(page(house, sara)) == []


def test_a_reminder_that_was_not_sent_says_why(house: House, sara: uuid.UUID, mette: Caseworker) -> None:
    house.appointment(sara, mette)
    with house.runtime.act(SYSTEM) as act:
        changed = sa.update(Reminder).values(state=ReminderState.SKIPPED, reason="opted_out", decided_at=act.now)
        act.session.execute(changed)
    attempts = shown(page(house, sara))

    assert len(attempts) == 2
    assert all("Påmindelse, der ikke blev sendt" in attempt for attempt in attempts)
    assert all("Ikke sendt Borgeren har frameldt sms." in attempt for attempt in attempts)


def test_pages_follow_each_other_without_gap_or_double(house: House, sara: uuid.UUID, mette: Caseworker) -> None:
    house.appointment(sara, mette)
    for number in range(65):
        write(house, sara, f"Brev {number:02}", state=MessageState.DELIVERED)
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Reminder).values(state=ReminderState.WITHHELD, decided_at=act.now))
    client, address, pages = house.browser("mho"), f"/citizens/{sara}/ledger", []
    while address:
        answer = client.get(address).text
        pages.append(shown(answer))
        more = re.search(r'href="([^"]+cursor=[^"]+)"', answer)
        address = more[1].replace("&amp;", "&") if more else ""
    letters = re.findall(r"Brev \d\d", "".join(attempt for page in pages for attempt in page))

    assert [len(page) for page in pages] == [30, 30, 7]
    assert letters == [f"Brev {number:02}" for number in reversed(range(65))]


def test_a_period_holds_its_first_and_its_last_day(house: House, sara: uuid.UUID) -> None:
    for day in range(3):
        write(house, sara, f"Dag {day}", state=MessageState.DELIVERED)
        house.runtime.clock.advance(days=1)
    one = shown(page(house, sara, "?since=2027-03-03&until=2027-03-03"))

    assert len(one) == 1
    assert "Dag 1" in one[0]


def test_dates_that_do_not_fit_are_told(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    queries = ("since=i+dag", "since=2027-02-30", "since=2027-03-03&until=2027-03-02", "until=0001-01-01")
    copies = ("ledger", "ledger.csv", "transcript.pdf", "transcript.txt")
    answers = [client.get(f"/citizens/{sara}/{copy}?{query}") for query in queries for copy in copies]

    assert {answer.status_code for answer in answers} == {422}
    assert all("Datoerne passer ikke." in answer.text for answer in answers)


def test_reading_and_every_copy_stand_in_the_audit_trail(house: House, sara: uuid.UUID) -> None:
    """A3."""
    client = house.browser("mho")
    for copy in ("ledger", "ledger.csv", "transcript.pdf", "transcript.txt"):
        client.get(f"/citizens/{sara}/{copy}")
    with house.runtime.database.read() as session:
        chosen = sa.select(AuditEntry.action).where(AuditEntry.object_id == sara).order_by(AuditEntry.id)
        actions = session.scalars(chosen).all()

    assert actions[-4:] == ["ledger.opened", "ledger.exported", "transcript.exported", "transcript.exported"]


def test_a_page_of_a_long_ledger_asks_no_more_than_one_of_a_short_one(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    write(house, sara, "Brev", state=MessageState.DELIVERED)
    client.get(f"/citizens/{sara}/ledger")
    few = statements(house, lambda: client.get(f"/citizens/{sara}/ledger"))
    for number in range(30):
        write(house, sara, f"Brev {number}", state=MessageState.DELIVERED)
        house.hears(f"Svar {number}")

    assert statements(house, lambda: client.get(f"/citizens/{sara}/ledger")) == few


def statements(house: House, do: object) -> int:
    """How many statements reach the database meanwhile."""
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    engine = house.runtime.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    do()
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_thread_leads_to_the_ledger(house: House, sara: uuid.UUID) -> None:
    assert f'href="/citizens/{sara}/ledger"' in house.browser("mho").get(f"/conversations/{sara}").text


def test_messages_of_another_citizen_are_not_in_it(house: House, sara: uuid.UUID, mette: Caseworker) -> None:
    other = house.citizen(caseworker=mette, number="+4529390626")
    write(house, other, "Til en anden", state=MessageState.DELIVERED)
    with house.runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1

    assert shown(page(house, sara)) == []


def test_a_call_stands_where_it_was_made_and_says_whether_it_reached_her(
    house: House, sara: uuid.UUID, mette: Caseworker
) -> None:
    write(house, sara, "Ring til os", state=MessageState.DELIVERED)
    note(house, sara, mette, kind=NoteKind.CALL_OUT, text="Lagde besked hos moren", reached=False)
    note(house, sara, mette, kind=NoteKind.INTERNAL, text="Kun for os")
    calls = [attempt for attempt in shown(page(house, sara)) if "Vi ringede" in attempt]

    assert len(calls) == 1
    assert "Telefon Mette Holm Lagde besked hos moren Ikke truffet" in calls[0]
    assert "Kun for os" not in page(house, sara)


def test_notes_stand_in_the_transcript_marked_as_what_they_are(
    house: House, sara: uuid.UUID, mette: Caseworker
) -> None:
    note(house, sara, mette, kind=NoteKind.INTERNAL, text="Kun for os")
    note(house, sara, mette, kind=NoteKind.VISIT, text="Drak kaffe", reached=True)
    text = house.browser("mho").get(f"/citizens/{sara}/transcript.txt").data.decode()

    assert "Mette Holm · Intern note, ikke sendt til borgeren\n    Kun for os\n" in text
    assert "Mette Holm · Besøg\n    Drak kaffe\n(2. marts 2027 kl. 10.00 · Vi fik fat i borgeren." in text


def note(
    house: House, citizen_id: uuid.UUID, staff: Caseworker, *, kind: NoteKind, text: str, reached: bool | None = None
) -> None:
    with house.runtime.act(SYSTEM) as act:
        note_id = new_id()
        sealed = act.seal(text, owner=citizen_id, table="notes", column="text", row=note_id)
        act.session.add(
            Note(
                id=note_id,
                citizen_id=citizen_id,
                kind=kind,
                reached=reached,
                text=sealed,
                author_id=staff.id,
                occurred_at=act.now,
                written_at=act.now,
            )
        )
