"""What another system wants sent is accepted once per key, whichever way it goes in."""

import json
import uuid
from datetime import timedelta

import pytest

from messaging.audit.models import AuditEntry
from messaging.conversations.accepting import Order, accept
from messaging.conversations.models import Conversation
from messaging.conversations.states import MessageState, Waiting
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.models import JournalEvent
from messaging.journal.recording import payload_place
from messaging.people import wishes
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import PhoneNumber
from messaging.web.models import IdempotencyKey

BOOKING_SYSTEM = Actor(kind=ActorKind.INTEGRATION, id=uuid.UUID(int=7))


def order(citizen_id, *, key="k1", text="Vi ses", **more) -> Order:
    fields = {"message_id": new_id(), "fingerprint": text.encode(), "scope": "api", **more}
    return Order(citizen_id=citizen_id, text=text, key=key, **fields)


def journaled_text(town, event: JournalEvent) -> str:
    payload = town.runtime.vault.open(event.payload, owner=event.stream_id, place=payload_place(event.id))
    return json.loads(payload)["text"]


def accepts(town, wanted: Order) -> uuid.UUID:
    return accept(town.runtime, BOOKING_SYSTEM, wanted)


def test_an_accepted_order_is_queued_journaled_audited_and_sent(town):
    sara = town.citizen()
    town.hears("hvornår?")

    message = accepts(town, order(sara))
    town.sends()

    assert [sent.text for sent in town.runtime.channel.sent] == ["Vi ses"]
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US, "a machine's message answers nobody"
    assert len(town.rows(JournalEvent, type="message.queued", subject_id=message)) == 1
    assert len(town.rows(AuditEntry, action="message.written", object_id=message)) == 1


def test_r8_the_same_order_again_gives_the_same_message(town):
    """R8."""
    sara = town.citizen()

    first, second = accepts(town, order(sara)), accepts(town, order(sara))

    assert first == second
    assert len(town.messages()) == 1


def test_r8_the_same_key_with_another_content_is_refused_and_changes_nothing(town):
    """R8."""
    sara = town.citizen()
    accepts(town, order(sara))

    with pytest.raises(InvalidInput):
        accepts(town, order(sara, text="noget andet"))

    assert len(town.messages()) == 1


def test_r8_fifty_parallel_copies_give_one_message(town, in_parallel):
    """R8."""
    sara = town.citizen()
    wanted = order(sara)

    ids = in_parallel(lambda: accepts(town, wanted), 50)

    assert set(ids) == {wanted.message_id}
    assert len(town.messages()) == len(town.rows(IdempotencyKey)) == 1


def test_an_id_that_another_message_has_is_refused(town):
    sara = town.citizen()
    taken = accepts(town, order(sara))

    with pytest.raises(Conflict):
        accepts(town, order(sara, key="k2", message_id=taken))

    assert len(town.messages()) == 1


def test_an_order_for_nobody_is_refused(town):
    with pytest.raises(NotFound):
        accepts(town, order(new_id()))


def test_a_stop_since_the_last_order_is_seen_though_the_way_was_remembered(town):
    sara = town.citizen()
    accepts(town, order(sara))
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    with pytest.raises(Conflict, match="opted_out"):
        accepts(town, order(sara, key="k2"))

    assert [key.key for key in town.rows(IdempotencyKey)] == ["k1"]


def test_a_pause_since_the_last_order_is_seen_though_the_way_was_remembered(town):
    sara = town.citizen()
    accepts(town, order(sara))
    with town.runtime.act(SYSTEM) as act:
        wishes.pause_number(act, number_id=town.rows(PhoneNumber)[0].id, reason="wrong_number")

    with pytest.raises(Conflict, match="number_paused"):
        accepts(town, order(sara, key="k2"))


def test_a_block_at_the_provider_since_the_last_order_is_seen_though_the_way_was_remembered(town):
    sara = town.citizen()
    accepts(town, order(sara))
    town.hears("cancel", provider_opt_out="STOP")

    with pytest.raises(Conflict, match="provider_blocked"):
        accepts(town, order(sara, key="k2"))


def test_a_text_the_gate_holds_is_accepted_and_held(town):
    message = accepts(town, order(town.citizen(), text="cpr 310597-4123"))

    assert (town.message(message).state, town.message(message).reason) == (MessageState.HELD, "cpr")


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=1)])
def test_typographic_characters_are_accepted_and_journaled_as_the_plain_ones_that_are_sent(town, clock, later):
    due = {"due_at": clock.now() + later} if later else {}

    message = town.message(accepts(town, order(town.citizen(), text="“Vi ses” – hils O’Neill…", **due)))

    (event,) = town.rows(JournalEvent, subject_id=message.id)
    assert town.text_of(message) == journaled_text(town, event) == '"Vi ses" - hils O\'Neill...'


def test_the_same_order_is_known_again_however_it_was_sent(town):
    """R8."""
    sara = town.citizen()

    assert accepts(town, order(sara, text="“Vi ses”")) == accepts(town, order(sara, text="“Vi ses”"))


def test_an_order_for_later_is_scheduled(town, clock):
    message = accepts(town, order(town.citizen(), due_at=clock.now() + timedelta(days=1)))

    assert town.message(message).state is MessageState.SCHEDULED
