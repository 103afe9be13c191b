"""What a citizen writes in her app: stored once, whole, and answered there."""

import uuid

import pytest

from messaging.audit.models import AuditEntry
from messaging.conversations.auto_replying import reply_outside_hours
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Conversation, Kind, SearchToken
from messaging.conversations.office import Office
from messaging.conversations.sending_in_app import LONGEST
from messaging.conversations.states import MessageState, Waiting
from messaging.errors import Conflict, InvalidInput
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import OptOut
from tests.conversations.conftest import AHMED, Town
from tests.conversations.in_app import (
    announced,
    journaled,
    places,
    types,
)


def test_it_stands_in_the_thread_and_waits_for_us(town: Town) -> None:
    sara = town.citizen(None)

    assert types("Jeg har fået job 🙂", town, sara)

    (message,) = town.messages()
    (thread,) = town.rows(Conversation)
    assert (message.medium, message.state, message.seq) == ("app", MessageState.RECEIVED, 1)
    assert town.text_of(message) == "Jeg har fået job 🙂"
    assert (thread.waiting, thread.unread) == (Waiting.FOR_US, 1)
    assert journaled(town, message.id) == announced(town, message.id) == ["message.received"]
    assert [entry.action for entry in town.rows(AuditEntry, object_id=message.id)] == ["message.received"]


def test_the_case_system_is_told_the_words_and_the_channel(town: Town) -> None:
    sara = town.citizen()

    types("hej", town, sara)

    facts = town.facts(next(iter(town.rows(JournalEvent, type="message.received"))))
    assert (facts["text"], facts["channel"], facts["content_class"]) == ("hej", "app", "sms_ok")


def test_the_same_id_is_one_message_however_often_it_comes(town: Town, in_parallel) -> None:
    sara, id_ = town.citizen(), uuid.uuid4()

    fresh = in_parallel(lambda: types("hej", town, sara, id_), 8)

    assert sum(fresh) == 1
    assert len(town.messages()) == 1
    assert town.rows(Conversation)[0].unread == 1


def test_an_id_of_anothers_message_is_refused_and_says_nothing_of_it(town: Town) -> None:
    sara, ahmed, id_ = town.citizen(), town.citizen(AHMED), uuid.uuid4()
    types("hemmeligt", town, ahmed, id_)

    with pytest.raises(Conflict) as refused:
        types("hej", town, sara, id_)

    assert "hemmeligt" not in str(refused.value)
    assert str(ahmed) not in str(refused.value)
    assert len(town.messages()) == 1


def test_an_id_of_a_message_of_ours_is_refused(town: Town) -> None:
    sara = town.citizen()

    with pytest.raises(Conflict):
        types("hej", town, sara, places(town, sara))


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "x" * (LONGEST + 1)])
def test_a_text_that_is_no_message_is_refused(town: Town, text: str) -> None:
    sara = town.citizen()

    with pytest.raises(InvalidInput):
        types(text, town, sara)

    assert town.messages() == []


def test_it_is_cleaned_as_an_sms_is(town: Town) -> None:
    sara = town.citizen()

    types("a\x07b\r\nc", town, sara)

    assert town.text_of(town.messages()[0]) == "ab\nc"


def test_a_sign_of_danger_is_seen(town: Town) -> None:
    sara = town.citizen()

    types("jeg vil ikke leve mere", town, sara)

    assert town.messages()[0].danger
    assert town.rows(Conversation)[0].danger_since is not None


@pytest.mark.parametrize("word", ["STOP", "START"])
def test_a_keyword_is_plain_text(town: Town, templates: None, word: str) -> None:
    sara = town.citizen()

    types(word, town, sara)

    assert town.rows(OptOut) == []
    assert len(town.messages()) == 1
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US


def test_it_is_found_by_its_words(town: Town) -> None:
    sara = town.citizen()
    types("praktikplads", town, sara)
    places(town, sara, "uddannelsesplan")

    SearchIndexer(town.runtime).drain()

    assert {token.message_id for token in town.rows(SearchToken)} == {message.id for message in town.messages()}


def test_who_writes_at_night_is_told_in_the_app_when_we_read(town: Town, templates: None, clock) -> None:
    sara = town.citizen(None)
    clock.advance(hours=12)
    types("hej", town, sara)

    with town.runtime.act(SYSTEM) as act:
        reply_outside_hours(act, message=town.messages()[-1], office=Office.from_config(town.runtime.config))
    town.sends()

    reply = max(town.messages(), key=lambda message: message.seq or 0)
    assert (reply.kind, reply.medium, reply.state) == (Kind.AUTO_REPLY, "app", MessageState.SENT)
    assert "hverdage kl. 8-16" in town.text_of(reply)
    assert town.runtime.channel.sent == []
