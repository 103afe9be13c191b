"""A human says whose a message in triage is, and it moves into the thread, sealed anew."""

import pytest

from messaging.conversations.assigning import assign_message, sender_of
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.errors import Conflict, NotFound
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, OptOut, Role
from messaging.vault.errors import CannotOpen
from messaging.vault.vault import TRIAGE
from tests.conversations.conftest import AHMED


def assign(town, citizen_id, *, actor=SYSTEM):
    with town.runtime.act(actor) as act:
        return assign_message(act, message_id=town.messages()[0].id, citizen_id=citizen_id)


def test_an_assigned_message_is_the_citizens_and_waits_for_us(town):
    sara = town.citizen()
    town.hears("ny telefon, det er Sara", sender=AHMED)

    assign(town, sara)

    (message,) = town.messages()
    assert (message.conversation_id, message.seq) == (sara, 1)
    assert town.text_of(message) == "ny telefon, det er Sara"
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US
    assert len(town.rows(JournalEvent, stream_id=sara, type="message.assigned")) == 1


def test_the_triage_key_opens_it_no_longer(town):
    sara = town.citizen()
    town.hears("hej", sender=AHMED)
    assign(town, sara)

    (message,) = town.messages()

    with pytest.raises(CannotOpen):
        town.runtime.vault.open(message.body, owner=TRIAGE, place=body_place(message.id))


def test_only_the_first_to_assign_it_does(town):
    sara, other = town.citizen(), town.citizen("+4540000001")
    town.hears("hej", sender=AHMED)
    assign(town, sara)

    with pytest.raises(Conflict):
        assign(town, other)

    assert town.messages()[0].conversation_id == sara


def test_nobody_assigns_to_a_citizen_she_may_not_see(town):
    sara = town.citizen()
    town.hears("hej", sender=AHMED)
    stranger = Actor(kind=ActorKind.STAFF, id=TRIAGE, role=Role.CASEWORKER, unit_id=town.rows(Caseworker)[0].unit_id)

    with pytest.raises(NotFound):
        assign(town, sara, actor=stranger)

    assert town.messages()[0].conversation_id is None


def test_the_senders_number_can_be_seen_in_triage(town):
    town.hears("hej", sender=AHMED)

    with town.runtime.act(SYSTEM) as act:
        assert sender_of(act, town.messages()[0].id) == AHMED


def test_an_assigned_stop_is_the_citizens_wish(town, templates):
    sara = town.citizen()
    town.hears("STOP", sender=AHMED)

    assign(town, sara)

    assert [wish.citizen_id for wish in town.rows(OptOut)] == [sara]
