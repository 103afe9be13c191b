"""What the citizen's app shows, and what is known of what it showed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.audit.models import AuditEntry
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.states import MessageState
from messaging.vault.sealed import Sealed
from tests.conversations.conftest import AHMED, Town
from tests.conversations.in_app import BY_CODE, EVERYTHING, PAIRED, journaled, places, sees, shows, texts, types
from tests.web.test_statements import counted


def test_sms_and_app_stand_in_one_thread_oldest_first(town: Town, clock) -> None:
    sara = town.citizen()
    town.hears("Hej")
    clock.advance(minutes=1)
    town.writes(sara, "Hej Sara", author_id=town.caseworker_id())
    town.sends()
    clock.advance(minutes=1)
    places(town, sara, "Din plan", author_id=town.caseworker_id())

    page = sees(town, sara)

    assert [(entry.text, entry.medium, entry.author) for entry in page.entries] == [
        ("Hej", "sms", ""),
        ("Hej Sara", "sms", "Mette"),
        ("Din plan", "app", "Mette"),
    ]
    assert not page.has_earlier


def test_what_the_system_writes_is_said_to_be_the_systems(town: Town) -> None:
    sara = town.citizen()
    places(town, sara, author=Author.SYSTEM, kind=Kind.NOTICE)

    assert [entry.author for entry in sees(town, sara).entries] == ["Systemet"]


@pytest.mark.parametrize(
    ("classes", "opened"),
    [(BY_CODE, {"aa"}), (PAIRED, {"aa", "bb"}), (EVERYTHING, {"aa", "bb", "cc"})],
)
def test_only_what_the_sign_in_opens_is_opened(town: Town, classes: frozenset[ContentClass], opened: set[str]) -> None:
    sara = town.citizen()
    places(town, sara, "aa", content_class=ContentClass.SMS_OK)
    places(town, sara, "bb", content_class=ContentClass.LOGIN_ONLY)
    places(town, sara, "cc", content_class=ContentClass.SENSITIVE)

    entries = sees(town, sara, classes).entries

    assert {entry.text for entry in entries if entry.text is not None} == opened
    assert [entry.needs for entry in entries if entry.text is None] == [
        class_ for class_ in (ContentClass.LOGIN_ONLY, ContentClass.SENSITIVE) if class_ not in classes
    ]


def test_a_text_that_names_consequences_is_no_secret_in_the_app(town: Town) -> None:
    sara = town.citizen()
    places(town, sara, "Husk mødet", content_class=ContentClass.CONSEQUENCE)

    assert texts(sees(town, sara, BY_CODE)) == ["Husk mødet"]


def test_what_has_not_left_or_did_not_arrive_is_not_shown(town: Town, clock) -> None:
    sara = town.citizen()
    places(town, sara, "senere", due_at=clock.now() + timedelta(hours=1))
    town.writes(sara, "dit CPR er 010199-1234")
    for state in (MessageState.QUEUED, MessageState.CANCELLED, MessageState.FAILED, MessageState.EXPIRED):
        id_ = town.writes(sara, f"sms {state}")
        with town.runtime.database.write() as session:
            session.execute(sa.update(Message).where(Message.id == id_).values(state=state))
    town.writes(sara, "Koden er 123456", kind=Kind.LOGIN_CODE)
    with town.runtime.database.write() as session:
        session.execute(sa.update(Message).where(Message.kind == Kind.LOGIN_CODE).values(state=MessageState.DELIVERED))

    assert texts(sees(town, sara)) == []


def test_another_citizens_messages_are_never_shown(town: Town) -> None:
    sara, ahmed = town.citizen(), town.citizen(AHMED)
    places(town, ahmed, "til Ahmed")

    assert texts(sees(town, sara)) == []


def test_one_written_ahead_stands_where_it_was_sent(town: Town, clock) -> None:
    sara = town.citizen()
    places(town, sara, "skrevet først", due_at=clock.now() + timedelta(hours=2))
    clock.advance(hours=1)
    places(town, sara, "skrevet sidst")
    clock.advance(hours=1)
    town.upkeep.release_scheduled()

    assert texts(sees(town, sara)) == ["skrevet sidst", "skrevet først"]


def test_pages_join_without_gap_or_repetition(town: Town, clock) -> None:
    sara = town.citizen()
    for number in range(7):
        places(town, sara, f"{number}")
        clock.advance(minutes=number % 2)

    newest = sees(town, sara, size=3)
    middle = sees(town, sara, size=3, before=newest.entries[0].seq)
    oldest = sees(town, sara, size=3, before=middle.entries[0].seq)

    assert texts(oldest) + texts(middle) + texts(newest) == [f"{number}" for number in range(7)]
    assert [page.has_earlier for page in (newest, middle, oldest)] == [True, True, False]


def test_a_page_costs_as_many_statements_whatever_stands_on_it(town: Town) -> None:
    sara = town.citizen()
    places(town, sara, author_id=town.caseworker_id())
    sees(town, sara)
    with counted() as for_one:
        sees(town, sara)
    for number in range(12):
        places(town, sara, f"{number}", author_id=town.caseworker_id())
        types(f"{number}", town, sara)
    with counted() as for_many:
        sees(town, sara)

    assert len(for_many) == len(for_one) <= 3


def test_no_more_than_the_page_is_opened(town: Town) -> None:
    sara = town.citizen()
    for number in range(9):
        places(town, sara, f"{number}")
    with town.runtime.database.write() as session:
        oldest = session.scalars(sa.select(Message).where(Message.seq <= 6)).all()
        for message in oldest:
            message.body = Sealed(b"\x01" + bytes(200))  # whoever opens it fails

    assert texts(sees(town, sara, size=3)) == ["6", "7", "8"]


def test_it_is_known_once(town: Town) -> None:
    sara = town.citizen()
    message_id = places(town, sara)
    (entry,) = sees(town, sara).entries

    shown = [shows(town, sara, entry.seq) for _ in range(2)]

    assert shown == [1, 0]
    assert town.message(message_id).state is MessageState.READ
    assert journaled(town, message_id) == ["message.queued", "message.placed", "message.read"]
    assert [entry.action for entry in town.rows(AuditEntry, object_id=message_id)][-1:] == ["message.shown_in_app"]


def test_what_her_sign_in_does_not_open_was_not_shown(town: Town) -> None:
    sara = town.citizen()
    places(town, sara)
    sensitive = places(town, sara, content_class=ContentClass.SENSITIVE)

    assert shows(town, sara, 2, PAIRED) == 1
    assert town.message(sensitive).state is MessageState.SENT


def test_what_came_after_the_place_was_not_shown(town: Town) -> None:
    sara = town.citizen()
    places(town, sara)
    newer = places(town, sara)

    assert shows(town, sara, 1) == 1
    assert town.message(newer).state is MessageState.SENT


def test_one_placed_since_the_page_was_read_was_not_shown(town: Town, clock) -> None:
    sara = town.citizen()
    ahead = places(town, sara, due_at=clock.now() + timedelta(minutes=2))
    places(town, sara)
    loaded_at = clock.now()
    clock.advance(minutes=2)
    town.upkeep.release_scheduled()

    assert shows(town, sara, 2, loaded_at=loaded_at) == 1
    assert town.message(ahead).state is MessageState.SENT


def test_neither_an_sms_nor_anothers_message_is_moved(town: Town) -> None:
    sara, ahmed = town.citizen(), town.citizen(AHMED)
    by_sms, his = town.writes(sara), places(town, ahmed)
    town.sends()

    assert shows(town, sara, 99) == 0
    assert [town.message(id_).state for id_ in (by_sms, his)] == [MessageState.SENT, MessageState.SENT]
