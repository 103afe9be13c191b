"""Finding messages again, as a caseworker meets it: what is found, by whom, and what it leaves behind."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations.assigning import assign_message
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import Role
from messaging.vault.sealed import Sealed
from tests.house import House, csrf_token

AHMEDS_NUMBER = "+4529390626"
NOTHING = "Ingen beskeder passer"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A caseworker with Sara, and what she does to find messages again."""

    house: House
    client: FlaskClient
    sara: uuid.UUID

    def sends(self, text: str, *, citizen_id: uuid.UUID | None = None, **more: object) -> uuid.UUID:
        """Write to a citizen, or to Sara; return the message's id."""
        with self.house.runtime.act(SYSTEM) as act:
            message = send_message(act, citizen_id=citizen_id or self.sara, text=text, author=Author.CASEWORKER, **more)
            return message.id

    def index(self) -> None:
        """Let the worker make everything findable."""
        indexer = SearchIndexer(self.house.runtime)
        while indexer.drain():
            pass

    def posts(self, words: str = "", *, client: FlaskClient | None = None, **fields: str) -> TestResponse:
        """Send the form."""
        client = client or self.client
        token = csrf_token(client, "/search")
        return client.post("/search", data={"csrf_token": token, "words": words, **fields})

    def finds(self, words: str = "", *, client: FlaskClient | None = None, **fields: str) -> list[str]:
        """Return the lines that are found, as they are read."""
        return lines(self.posts(words, client=client, **fields).text)

    def message_id(self) -> uuid.UUID:
        """Return the id of the only message."""
        with self.house.runtime.database.read() as session:
            return session.scalars(sa.select(Message.id)).one()


def lines(page: str) -> list[str]:
    found = re.findall(r'<span class="hit-line" dir="auto">(.*?)</span>', page, re.DOTALL)
    return [unescape(re.sub(r"</?mark>", "", line)) for line in found]


def audited(house: House, action: str) -> list[AuditEntry]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(AuditEntry).filter_by(action=action).order_by(AuditEntry.id)))


@pytest.fixture
def desk(house: House) -> Desk:
    sara = house.citizen(caseworker=house.caseworker())
    return Desk(house=house, client=house.browser("mho"), sara=sara)


@pytest.mark.parametrize(
    "words", ["møde", "MØDERNE", "moede", "syg møde", "møde syg", "sygemel", "sygemeldt på torsdag", "møde sygemel"]
)
def test_message_is_found_by(desk: Desk, words: str) -> None:
    desk.house.hears("Jeg når ikke mødet på torsdag, jeg er syg og sygemeldt")
    desk.house.hears("Noget helt andet")
    desk.index()

    assert desk.finds(words) == ["Jeg når ikke mødet på torsdag, jeg er syg og sygemeldt"]


@pytest.mark.parametrize("words", ["rask", "møde rask", "mødel", "torsd syg", "sygemeldinger"])
def test_message_is_not_found_by(desk: Desk, words: str) -> None:
    desk.house.hears("Jeg når ikke mødet på torsdag, jeg er syg og sygemeldt")
    desk.index()

    assert NOTHING in desk.posts(words).text


def test_words_that_were_sought_are_marked_and_nothing_else_gets_in(desk: Desk) -> None:
    desk.house.hears('<script>alert("x")</script> Mødet & mødet')
    desk.index()

    assert (
        "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; <mark>Mødet</mark> &amp; <mark>mødet</mark>"
        in desk.posts("møde").text
    )


def test_the_newest_stand_first_and_pages_go_on_where_they_ended(desk: Desk) -> None:
    for number in range(30):
        desk.sends(f"Brev {number}")
    desk.index()
    first = desk.posts("brev")
    cursor = re.search(r'name="cursor" value="([^"]+)"', first.text)
    assert cursor
    second = desk.posts("brev", cursor=cursor[1])

    assert lines(first.text) + lines(second.text) == [f"Brev {number}" for number in reversed(range(30))]
    assert len(lines(first.text)) == 25
    assert 'name="cursor"' not in second.text


def test_nothing_beyond_the_page_is_opened(desk: Desk) -> None:
    ids = [desk.sends(f"Brev {number}") for number in range(28)]
    desk.index()
    with desk.house.runtime.database.write() as session:
        cannot_be_opened = Sealed(b"\x01" + bytes(90))
        session.execute(sa.update(Message).where(Message.id.in_(ids[:3])).values(body=cannot_be_opened))

    assert len(desk.finds("brev")) == 25


def test_a_foreign_citizens_message_is_not_found(desk: Desk) -> None:
    """S3, for this page."""
    foreign = desk.house.citizen(caseworker=desk.house.caseworker("foreign", unit="Team B"), number=AHMEDS_NUMBER)
    desk.sends("Ses vi til brunch?", citizen_id=foreign)
    desk.index()
    client = desk.house.browser("foreign")

    assert desk.finds("brunch") == []
    assert desk.finds(citizen_id=str(foreign)) == []
    assert desk.finds("brunch", client=client) == ["Ses vi til brunch?"]


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.SUPERUSER, Role.AUDITOR])
def test_who_looks_after_nobody_finds_nothing(desk: Desk, role: Role) -> None:
    """S3, for this page."""
    desk.house.caseworker("boss", role=role)
    desk.house.hears("Ses vi til brunch?")
    desk.index()
    client = desk.house.browser("boss")

    assert desk.finds("brunch", client=client) == []


def test_a_team_leader_finds_what_she_has_opened_for_a_reason(desk: Desk) -> None:
    staff = desk.house.caseworker()
    ahmed = desk.house.citizen(caseworker=staff, first_name="Ahmed", number=AHMEDS_NUMBER)
    desk.sends("Brunch med Sara")
    desk.sends("Brunch med Ahmed", citizen_id=ahmed)
    desk.index()
    desk.house.caseworker("boss", role=Role.TEAM_LEADER)
    client, page = desk.house.browser("boss"), f"/citizens/{ahmed}/reason"
    form = {"reason": "Mette er syg, og Ahmed har møde", "csrf_token": csrf_token(client, page)}
    client.post(page, data=form)
    answer = desk.posts("brunch", client=client)

    assert lines(answer.text) == ["Brunch med Ahmed"]
    assert str(desk.sara) not in answer.text


def test_a_claimed_message_is_found(desk: Desk) -> None:
    desk.house.hears("Det er Sara, nyt nummer", sender="+4526262626")
    desk.index()
    before = desk.finds("nummer")
    with desk.house.runtime.act(SYSTEM) as act:
        assign_message(act, message_id=desk.message_id(), citizen_id=desk.sara)
    desk.index()

    assert before == []
    assert desk.finds("nummer") == ["Det er Sara, nyt nummer"]


def test_one_citizen_is_chosen(desk: Desk) -> None:
    staff = desk.house.caseworker()
    ahmed = desk.house.citizen(caseworker=staff, first_name="Ahmed", number=AHMEDS_NUMBER)
    desk.sends("Brev til Sara")
    desk.sends("Brev til Ahmed", citizen_id=ahmed)
    desk.index()

    assert desk.finds("brev", citizen_id=str(ahmed)) == ["Brev til Ahmed"]
    assert desk.finds(citizen_id=str(ahmed)) == ["Brev til Ahmed"]
    assert len(desk.finds("brev")) == 2


def test_days_are_those_of_copenhagen(desk: Desk) -> None:
    """A day counts from midnight there to midnight there."""
    moments = {
        "Før": datetime(2027, 3, 1, 22, 59, tzinfo=UTC),
        "Tidligt": datetime(2027, 3, 1, 23, 0, tzinfo=UTC),
        "Sent": datetime(2027, 3, 2, 22, 59, tzinfo=UTC),
        "Efter": datetime(2027, 3, 2, 23, 0, tzinfo=UTC),
    }
    for text, moment in moments.items():
        message_id = desk.sends(f"{text} brev")
        with desk.house.runtime.database.write() as session:
            session.execute(sa.update(Message).filter_by(id=message_id).values(created_at=moment))
    desk.index()

    assert desk.finds("brev", since="2027-03-02", until="2027-03-02") == ["Sent brev", "Tidligt brev"]
    assert len(desk.finds("brev", since="2027-03-02")) == 3
    assert len(desk.finds("brev", until="2027-03-02")) == 3


def test_direction_channel_and_template_are_chosen(desk: Desk) -> None:
    desk.house.hears("Tak for brev")
    desk.sends("Dit brev", template="M1/phone/da/1")
    desk.sends("Langt brev", template="M13/phone/da/1")
    desk.index()

    assert desk.finds("brev", direction="in") == ["Tak for brev"]
    assert desk.finds("brev", direction="out") == ["Langt brev", "Dit brev"]
    assert desk.finds("brev", template="M1") == ["Dit brev"]
    assert len(desk.finds("brev", medium="sms")) == 3
    assert desk.finds("brev", medium="app") == []


def test_messages_in_the_app_are_found_and_can_be_chosen(desk: Desk) -> None:
    desk.sends("Brev på sms")
    with desk.house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=desk.sara,
            text="Brev i appen",
            content_class=ContentClass.SENSITIVE,
            author=Author.CASEWORKER,
        )
    desk.index()

    assert desk.finds("brev", medium="app") == ["Brev i appen"]
    assert set(desk.finds("brev")) == {"Brev på sms", "Brev i appen"}


def test_message_is_found_by_its_number_in_the_journal(desk: Desk) -> None:
    first, second = desk.sends("Første brev"), desk.sends("Andet brev")
    for number, message_id in enumerate((first, second)):
        with desk.house.runtime.database.write() as session:
            session.execute(
                sa.update(JournalEvent).filter_by(subject_id=message_id).values(receipt_number=f"J-2027-{number}")
            )

    assert desk.finds(receipt_number="J-2027-0") == ["Første brev"]
    assert desk.finds(receipt_number="J-2027-9") == []


def test_a_foreign_number_in_the_journal_finds_nothing(desk: Desk) -> None:
    """S3, for this page."""
    foreign = desk.house.citizen(caseworker=desk.house.caseworker("foreign", unit="Team B"), number=AHMEDS_NUMBER)
    desk.sends("Brev", citizen_id=foreign)
    with desk.house.runtime.database.write() as session:
        session.execute(sa.update(JournalEvent).values(receipt_number="J-2027-0"))

    assert desk.finds(receipt_number="J-2027-0") == []


def test_hit_leads_to_the_message_among_those_around_it(desk: Desk) -> None:
    ids = [desk.sends("Find mig" if number == 15 else f"Brev {number}") for number in range(100)]
    desk.index()
    address = re.search(r'class="hit" data-row href="([^"]+)"', desk.posts("find mig").text)
    assert address
    thread = desk.client.get(unescape(address[1])).text

    assert unescape(address[1]).endswith(f"#message-{ids[15]}")
    assert [f'id="message-{message_id}"' in thread for message_id in (ids[0], ids[15], ids[35], ids[36])] == [
        True,
        True,
        True,
        False,
    ]
    assert "Vis de nyeste beskeder" in thread


def test_every_search_is_audited_without_its_words(desk: Desk) -> None:
    desk.house.hears("Jeg har brug for en abrikos")
    desk.index()
    for words in ("abrikos", "abrikos", "brug", "banan"):
        desk.posts(words)
    made, shown = audited(desk.house, "search.made"), audited(desk.house, "conversation.found")

    assert [made[0].digest == entry.digest for entry in made] == [True, True, False, False]
    assert [entry.object_id for entry in shown] == [desk.sara] * 3
    assert "abrikos" not in repr(desk.house.everything())


def test_no_address_and_no_log_line_holds_the_words(desk: Desk) -> None:
    desk.house.hears("Jeg har brug for en abrikos")
    desk.index()
    page = desk.posts("abrikos").text

    assert "abrikos" in page
    assert not [address for address in re.findall(r'(?:href|action)="([^"]*)"', page) if "abrikos" in address]
    assert "abrikos" not in repr(desk.house.log_lines())


def test_form_without_its_token_finds_nothing(desk: Desk) -> None:
    desk.house.hears("Jeg har brug for en abrikos")
    desk.index()
    answer = desk.client.post("/search", data={"words": "abrikos"})

    assert answer.status_code == 400
    assert audited(desk.house, "search.made") == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Skriv et ord"),
        ({"words": "jeg er på"}, "Ordene står i næsten alle beskeder"),
        ({"words": "!?"}, "Ordene står i næsten alle beskeder"),
        ({"words": "et to tre fire fem seks syv otte ni"}, "Søg på færre ord"),
        ({"words": "brev", "since": "2027-02-30"}, "Noget i felterne kan ikke bruges"),
        ({"words": "brev", "until": "9999-12-31"}, "Noget i felterne kan ikke bruges"),
        ({"words": "brev", "citizen_id": "x"}, "Noget i felterne kan ikke bruges"),
        ({"words": "brev", "direction": "up"}, "Noget i felterne kan ikke bruges"),
    ],
)
def test_a_search_that_cannot_be_made_says_why_and_keeps_the_form(desk: Desk, fields: dict[str, str], why: str) -> None:
    answer = desk.posts(**fields)

    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{fields.get("words", "")}"' in answer.text
    assert audited(desk.house, "search.made") == []


def test_cursor_of_somebody_else_is_refused(desk: Desk) -> None:
    desk.house.caseworker("other")
    for number in range(26):
        desk.sends(f"Brev {number}")
    desk.index()
    cursor = re.search(r'name="cursor" value="([^"]+)"', desk.posts("brev").text)
    assert cursor
    answer = desk.posts("brev", client=desk.house.browser("other"), cursor=cursor[1])

    assert answer.status_code == 422


def test_a_search_costs_the_same_statements_whatever_it_finds(desk: Desk) -> None:
    def statements() -> int:
        seen: list[str] = []
        database = desk.house.runtime.database
        engines, note = (database.engine, database._reader), lambda *told: seen.append(told[2])
        token = csrf_token(desk.client, "/search")
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", note)
        desk.client.post("/search", data={"csrf_token": token, "words": "dit brev"})
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    desk.sends("Dit brev")
    desk.index()
    few = statements()
    staff = desk.house.caseworker()
    for number in range(20):
        desk.sends("Dit brev", citizen_id=desk.house.citizen(caseworker=staff, number=f"+45293906{number:02}"))
    desk.index()

    assert statements() == few
    assert len(desk.finds("dit brev")) == 21
