"""Messages for the app: placed without number or provider, at once or when they are due."""

from datetime import timedelta

import pytest

from messaging.audit.models import AuditEntry
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.editing import Edit, edit_message
from messaging.conversations.models import Attempt, Author, Conversation, Kind
from messaging.conversations.sending import NotReachable, cancel_message
from messaging.conversations.sending_in_app import LONGEST
from messaging.conversations.states import MessageState, Waiting
from messaging.errors import Conflict, InvalidInput
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import OptOut
from tests.conversations.conftest import Town
from tests.conversations.in_app import announced, closes, journaled, places


def test_a_message_lies_in_the_app_at_once_without_number_or_provider(town: Town) -> None:
    sara = town.citizen(None)

    message_id = places(town, sara)
    town.sends()

    message = town.message(message_id)
    assert (message.state, message.medium, message.contact_point_id) == (MessageState.SENT, "app", None)
    assert message.content_class is ContentClass.LOGIN_ONLY
    assert town.runtime.channel.sent == []
    assert town.rows(Attempt) == []


def test_the_words_stay_as_they_were_written(town: Town) -> None:
    sara = town.citizen()
    written = "”Husk” – dit CPR er 010199-1234 … 🙂 se https://ungecenteret.dk"

    message = town.message(places(town, sara, written))

    assert town.text_of(message) == written
    assert (message.state, message.segments) == (MessageState.SENT, 1)


def test_a_placed_message_is_journaled_audited_and_announced(town: Town) -> None:
    sara = town.citizen()

    message_id = places(town, sara)

    assert journaled(town, message_id) == ["message.queued", "message.placed"]
    assert announced(town, message_id) == ["message.written", "message.placed"]
    assert [entry.action for entry in town.rows(AuditEntry, object_id=message_id)] == ["message.written"]


def test_the_case_system_learns_the_channel_and_who_may_read(town: Town) -> None:
    sara = town.citizen()

    message_id = places(town, sara, content_class=ContentClass.SENSITIVE)

    (queued,) = town.rows(JournalEvent, subject_id=message_id, type="message.queued")
    facts = town.facts(queued)
    assert (facts["channel"], facts["content_class"]) == ("app", "sensitive")


def test_an_answer_in_the_app_settles_whose_move_it_is(town: Town) -> None:
    sara = town.citizen()
    town.hears("Hvornår er mødet?")

    places(town, sara)

    (thread,) = town.rows(Conversation)
    assert (thread.waiting, thread.unread) == (Waiting.FOR_CITIZEN, 0)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)])
def test_a_text_that_is_no_message_is_refused(town: Town, text: str) -> None:
    sara = town.citizen()

    with pytest.raises(InvalidInput):
        places(town, sara, text)

    assert town.messages() == []


def test_nothing_is_put_into_the_app_of_one_whose_case_is_closed(town: Town) -> None:
    sara = town.citizen()
    closes(town, sara)

    with pytest.raises(NotReachable) as refused:
        places(town, sara)

    assert refused.value.reason == "case_closed"
    assert town.messages() == []


def test_that_the_case_is_closed_may_still_be_told(town: Town) -> None:
    sara = town.citizen()
    closes(town, sara)

    message = town.message(places(town, sara, kind=Kind.NOTICE, author=Author.SYSTEM))

    assert message.state is MessageState.SENT


def test_stop_for_sms_neither_withdraws_what_waits_for_the_app_nor_stops_new(town: Town, templates: None) -> None:
    sara = town.citizen()
    waiting = places(town, sara, due_at=town.runtime.clock.now() + timedelta(days=1))

    town.hears("STOP")
    new = places(town, sara)

    assert town.rows(OptOut)
    assert town.message(waiting).state is MessageState.SCHEDULED
    assert town.message(new).state is MessageState.SENT


def test_one_for_tomorrow_is_placed_then_and_never_by_a_provider(town: Town, clock) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(days=1))
    town.upkeep.release_scheduled()
    before = town.message(message_id).state

    clock.advance(days=1)
    town.upkeep.release_scheduled()
    town.sends()

    assert before is MessageState.SCHEDULED
    assert town.message(message_id).state is MessageState.SENT
    assert town.runtime.channel.sent == []
    assert journaled(town, message_id) == ["message.queued", "message.placed"]
    assert announced(town, message_id)[-1] == "message.placed"


def test_an_sms_that_is_due_with_it_is_queued_as_ever(town: Town, clock) -> None:
    sara = town.citizen()
    due = clock.now() + timedelta(days=1)
    in_app, by_sms = places(town, sara, due_at=due), town.writes(sara, due_at=due)

    clock.advance(days=1)
    town.upkeep.release_scheduled()

    assert [town.message(id_).state for id_ in (in_app, by_sms)] == [MessageState.SENT, MessageState.QUEUED]


def test_placing_twice_at_once_places_once(town: Town, clock, in_parallel) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(hours=1))
    clock.advance(hours=1)

    in_parallel(town.upkeep.release_scheduled, 4)

    assert journaled(town, message_id).count("message.placed") == 1


def test_one_whose_case_was_closed_meanwhile_is_withdrawn(town: Town, clock) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(hours=1))
    closes(town, sara)
    clock.advance(hours=1)

    town.upkeep.release_scheduled()

    message = town.message(message_id)
    assert (message.state, message.reason) == (MessageState.CANCELLED, "case_closed")


def test_one_that_nobody_placed_for_a_day_expires(town: Town, clock) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(hours=1))
    clock.advance(hours=26)

    town.upkeep.release_scheduled()
    town.upkeep.sweep()

    assert town.message(message_id).state is MessageState.EXPIRED


def test_what_lies_in_the_app_never_expires(town: Town, clock) -> None:
    sara = town.citizen()
    message_id = places(town, sara)
    clock.advance(days=30)

    town.upkeep.sweep()

    assert town.message(message_id).state is MessageState.SENT


def test_it_can_be_called_back_until_it_lies_there(town: Town, clock) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(hours=1))

    with town.runtime.act(SYSTEM) as act:
        cancel_message(act, message_id=message_id)

    lying = places(town, sara)
    assert town.message(message_id).state is MessageState.CANCELLED
    with pytest.raises(Conflict), town.runtime.act(SYSTEM) as act:
        cancel_message(act, message_id=lying)


@pytest.mark.parametrize(("hours", "state"), [(2, MessageState.SCHEDULED), (None, MessageState.SENT)])
def test_its_words_and_time_can_be_changed(town: Town, clock, hours: int | None, state: MessageState) -> None:
    sara = town.citizen()
    message_id = places(town, sara, due_at=clock.now() + timedelta(hours=1))
    seen = town.message(message_id).state_since

    due = clock.now() + timedelta(hours=hours) if hours else None
    with town.runtime.act(SYSTEM) as act:
        edit_message(act, Edit(message_id=message_id, citizen_id=sara, text="”Ny” 010199-1234", due_at=due, seen=seen))

    message = town.message(message_id)
    assert (town.text_of(message), message.state) == ("”Ny” 010199-1234", state)
