"""A citizen finds her own messages again, and only what her own thread would show her."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Opened
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Author
from messaging.conversations.receiving_app import store_from_app
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM, Actor, ActorKind
from tests.house import House, csrf_token

PAGE = "/app/search"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def says(house: House, citizen_id: uuid.UUID, text: str, content_class: ContentClass = ContentClass.SMS_OK) -> None:
    """Let a caseworker write to the citizen in the app."""
    with house.runtime.act(SYSTEM) as act:
        send_in_app(act, citizen_id=citizen_id, text=text, content_class=content_class, author=Author.CASEWORKER)


def index(house: House) -> None:
    """Let what has been written be made findable."""
    indexer = SearchIndexer(house.runtime)
    while indexer.drain():
        pass


def seeks(phone: FlaskClient, words: str) -> str:
    return phone.post(PAGE, data={"csrf_token": csrf_token(phone, PAGE), "words": words}).text


def hits(page: str) -> int:
    return page.count('class="hit"')


def writes(house: House, citizen_id: uuid.UUID, text: str) -> None:
    """Let the citizen write in the app."""
    with house.runtime.act(Actor(kind=ActorKind.CITIZEN, id=citizen_id)) as act:
        store_from_app(
            act, citizen_id=citizen_id, message_id=uuid.uuid4(), text=text, content_class=ContentClass.SMS_OK
        )


def test_word_is_found_in_another_form_and_opens_in_its_place_in_the_thread(house: House, sara: uuid.UUID) -> None:
    says(house, sara, "Husk at sende din ansøgning")
    for count in range(40):
        writes(house, sara, f"Besked nummer {count}")
    index(house)
    phone = house.phone(sara)

    page = seeks(phone, "ansøgningen")
    link = re.search(r'class="hit" href="([^"#]+)#(m\d+)"', page)
    assert link
    opened = phone.get(link[1]).text

    assert hits(page) == 1
    assert "<mark>ansøgning</mark>" in page
    assert f'id="{link[2]}"' in opened
    assert "Besked nummer 4<" in opened


def test_newest_message_opens_on_the_newest_page(house: House, sara: uuid.UUID) -> None:
    says(house, sara, "Husk at sende din ansøgning")
    index(house)
    phone = house.phone(sara)

    link = re.search(r'class="hit" href="([^"]+)"', seeks(phone, "ansøgning"))

    assert link
    assert link[1].startswith("/app#m")


def test_she_finds_nothing_of_anybody_elses(house: House, sara: uuid.UUID) -> None:
    ali = house.caseworker("ali", name="Ali Demir")
    ahmed = house.citizen(caseworker=ali, first_name="Ahmed", number="+4528999999")
    says(house, ahmed, "Din ansøgning er her")
    index(house)

    assert hits(seeks(house.phone(sara), "ansøgning")) == 0
    assert hits(seeks(house.phone(ahmed), "ansøgning")) == 1


@pytest.mark.parametrize(
    ("opened", "found"), [(Opened.CODE, 1), (Opened.PAIRED, 2), (Opened.PASSKEY, 2), (Opened.MITID, 3)]
)
def test_she_finds_only_what_her_way_in_opens(house: House, sara: uuid.UUID, opened: Opened, found: int) -> None:
    """S8: a code by SMS never opens what asks for more, not by searching either."""
    says(house, sara, "Ansøgningen er kommet")
    says(house, sara, "Ansøgningen mangler en side", ContentClass.LOGIN_ONLY)
    says(house, sara, "Ansøgningen om ydelse", ContentClass.SENSITIVE)
    index(house)

    page = seeks(house.phone(sara, opened=opened), "ansøgningen")

    assert hits(page) == found
    assert ("mangler en side" in page) is (found > 1)


def test_what_has_not_been_sent_is_not_found(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text="Ansøgning i morgen",
            content_class=ContentClass.SMS_OK,
            author=Author.CASEWORKER,
            due_at=act.now + timedelta(days=1),
        )
    index(house)

    assert hits(seeks(house.phone(sara), "ansøgning")) == 0


def test_search_is_noted_and_what_was_sought_stands_nowhere(house: House, sara: uuid.UUID) -> None:
    says(house, sara, "Din ansøgning er her")
    index(house)
    phone = house.phone(sara)
    seeks(phone, "ansøgning")
    with house.runtime.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()

    assert {"search.made", "conversation.found"} <= set(actions)
    assert "ansøgning" not in house.log.getvalue().decode()


@pytest.mark.parametrize("words", ["", "og", " ".join(f"ord{count}" for count in range(9))])
def test_search_that_finds_everything_or_nothing_is_refused_with_a_sentence(
    house: House, sara: uuid.UUID, words: str
) -> None:
    phone = house.phone(sara)

    answer = phone.post(PAGE, data={"csrf_token": csrf_token(phone, PAGE), "words": words})

    assert answer.status_code == 422
    assert 'id="wrong"' in answer.text
