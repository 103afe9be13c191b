"""What comes in is stored once, whole, sealed, and for the right person."""

import pytest

from adapters.contract import InboundMessage, MediaReference
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation, InboundEvent, Message
from messaging.conversations.states import MessageState, Waiting
from messaging.database.changes import Change
from messaging.journal.models import JournalEvent
from messaging.people import registering, wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint, OptOut, PauseReason, PhoneNumber
from messaging.vault.vault import TRIAGE
from tests.conversations.conftest import AHMED, SARA


def test_a_text_is_stored_in_the_thread_of_the_one_who_wrote_it(town):
    sara = town.citizen()

    town.hears("Hvor er det henne? æøå 🙂")

    (message,) = town.messages()
    assert (message.conversation_id, message.seq, message.state) == (sara, 1, MessageState.RECEIVED)
    assert town.text_of(message) == "Hvor er det henne? æøå 🙂"


def test_r9_twenty_parallel_copies_give_one_message_and_one_event(town, in_parallel):
    """R9, F09."""
    town.citizen()
    before = len(town.rows(JournalEvent))

    fresh = in_parallel(lambda: town.hears("hej", id_="SM1"), 20)

    assert sum(fresh) == 1
    assert len(town.messages()) == 1
    assert len(town.rows(InboundEvent)) == 1
    assert len(town.rows(JournalEvent)) == before + 1
    assert len(town.rows(Change, kind="message.received")) == 1
    assert town.rows(Conversation)[0].unread == 1


def test_parallel_texts_of_one_person_get_gapless_places(town, in_parallel):
    town.citizen()

    in_parallel(lambda: town.hears("hej"), 12)

    assert sorted(message.seq for message in town.messages()) == list(range(1, 13))
    assert town.rows(Conversation)[0].unread == 12


def test_waiting_since_is_when_the_first_unanswered_text_came(town, clock):
    town.citizen()
    town.hears("hej")
    first = clock.now()
    clock.advance(hours=3)

    town.hears("er der nogen?")

    (conversation,) = town.rows(Conversation)
    assert (conversation.waiting, conversation.waiting_since) == (Waiting.FOR_US, first)


def test_a_text_from_an_unknown_number_waits_in_triage(town):
    town.citizen()

    town.hears("hvem er I?", sender=AHMED)

    (message,) = town.messages()
    assert message.conversation_id is None
    assert town.text_of(message) == "hvem er I?"
    assert [event.stream_id for event in town.rows(JournalEvent, type="message.received")] == [TRIAGE]


def test_a_text_from_a_number_of_two_people_goes_to_neither(town):
    town.citizen()
    town.citizen()

    town.hears("det er mig")

    (message,) = town.messages()
    assert message.conversation_id is None


def test_a_text_from_a_number_flagged_as_shared_goes_to_triage(town):
    town.citizen()
    with town.runtime.act(SYSTEM) as act:
        wishes.mark_shared(act, number_id=town.rows(PhoneNumber)[0].id, shared=True)

    town.hears("det er mig")

    assert town.messages()[0].conversation_id is None


def test_a_number_that_changed_hands_leads_to_its_new_owner_at_once(town):
    """The cached route is only a guess: the gated write asks again."""
    town.citizen()
    town.hears("hej")
    with town.runtime.act(SYSTEM) as act:
        number_id = town.rows(PhoneNumber)[0].id
        point = act.session.get_one(ContactPoint, town.rows(ContactPoint)[0].id)
        point.standing, point.valid_to = "ended", act.now
        act.session.get_one(PhoneNumber, number_id).version += 1
    other = town.citizen()

    town.hears("det er min telefon nu")

    assert [message.conversation_id for message in town.messages()][-1] == other


def test_a_number_only_proposed_for_a_citizen_is_not_hers_yet(town):
    sara = town.citizen()
    with town.runtime.act(SYSTEM) as act:
        registering.name_number(act, citizen_id=sara, e164=AHMED, source="import")

    town.hears("ny telefon", sender=AHMED)

    assert town.messages()[0].conversation_id is None


def test_everything_a_text_causes_commits_with_it(town):
    sara = town.citizen()

    town.hears("hej")

    message = town.messages()[0]
    assert [event.stream_id for event in town.rows(JournalEvent, type="message.received")] == [sara]
    assert [entry.object_id for entry in town.rows(AuditEntry, action="message.received")] == [message.id]
    assert [change.object_id for change in town.rows(Change, kind="message.received")] == [message.id]


def test_bare_stop_opts_out_and_calls_back_what_waits(town, templates):
    """R20: committed before the queued send is claimed, so it is not sent."""
    sara = town.citizen()
    waiting = town.writes(sara)

    town.hears("STOP")

    assert [wish.citizen_id for wish in town.rows(OptOut)] == [sara]
    assert town.message(waiting).state is MessageState.CANCELLED
    town.sends()
    assert [message.text[:32] for message in town.runtime.channel.sent] == ["Du får ikke flere sms'er herfra."]


def test_start_lifts_the_stop(town, templates):
    town.citizen()
    town.hears("stop")

    town.hears("Start.")

    (wish,) = town.rows(OptOut)
    assert wish.lifted_at is not None


def test_words_about_the_meeting_never_opt_out(town, templates):
    town.citizen()

    for text in ("cancel", "end", "quit", "afmeld mig", "stop med at skrive", "jeg stopper ved Nørreport"):
        town.hears(text)

    assert town.rows(OptOut) == []
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US


def test_stop_said_again_gets_no_second_answer(town, templates):
    town.citizen()
    for _ in range(3):
        town.hears("STOP")

    town.sends()

    assert len(town.runtime.channel.sent) == 1


def test_stop_counts_though_there_is_no_approved_answer(town):
    sara = town.citizen()

    town.hears("STOP")

    assert [wish.citizen_id for wish in town.rows(OptOut)] == [sara]


def test_start_lifts_the_pause_that_a_stop_brought_on_before_the_number_had_an_owner(town, templates):
    town.hears("STOP")
    town.citizen()

    town.hears("START")

    assert town.rows(PhoneNumber)[0].paused_since is None


def test_parallel_texts_from_a_number_nobody_knows_are_all_kept(town, in_parallel):
    in_parallel(lambda: town.hears("hej", sender=AHMED), 12)

    assert len(town.messages()) == 12
    assert len(town.rows(PhoneNumber)) == 1


def test_stop_from_an_unknown_number_pauses_the_number(town):
    town.hears("STOP", sender=AHMED)

    (number,) = town.rows(PhoneNumber)
    assert number.pause_reason is PauseReason.STOP_FROM_UNKNOWN


def test_stop_from_a_shared_number_opts_nobody_out_but_pauses_it(town):
    town.citizen()
    town.citizen()

    town.hears("STOP")

    assert town.rows(OptOut) == []
    assert town.rows(PhoneNumber)[0].pause_reason is PauseReason.STOP_FROM_SHARED


def test_a_stop_the_provider_acted_on_gets_no_answer_it_would_refuse(town, templates):
    sara = town.citizen()

    town.hears("STOP", provider_opt_out="STOP")

    assert [wish.citizen_id for wish in town.rows(OptOut)] == [sara]
    assert [message.direction for message in town.messages()] == ["in"]
    assert town.rows(PhoneNumber)[0].provider_blocked_since is not None


def test_a_word_only_the_provider_takes_as_stop_is_shown_to_a_human(town, templates):
    town.citizen()

    town.hears("cancel", provider_opt_out="STOP")

    assert town.rows(OptOut) == []
    assert town.rows(PhoneNumber)[0].provider_blocked_since is not None
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US


@pytest.mark.parametrize("told", [None, "START"])
def test_start_opens_a_number_again_that_the_provider_blocked(town, templates, told):
    sara = town.citizen()
    town.hears("STOP", provider_opt_out="STOP")

    town.hears("START", provider_opt_out=told)

    assert town.rows(PhoneNumber)[0].provider_blocked_since is None
    assert town.message(town.writes(sara)).state is MessageState.QUEUED


def test_start_from_a_shared_number_opens_it_again_too(town):
    town.citizen()
    town.citizen()
    town.hears("cancel", provider_opt_out="STOP")

    town.hears("START")

    assert town.rows(PhoneNumber)[0].provider_blocked_since is None


def test_a_sign_of_danger_is_flagged_at_once(town):
    town.citizen()

    town.hears("jeg vil ikke leve mere")

    assert town.messages()[0].danger is not None
    assert town.rows(Conversation)[0].danger_since is not None


def test_media_references_are_kept_sealed(town):
    town.citizen()

    town.hears("her er min seddel", media=(MediaReference(url="https://x.test/1", content_type="image/jpeg"),))

    (event,) = town.rows(InboundEvent)
    assert b"https://x.test" not in event.raw.blob


def test_the_poll_takes_in_what_no_webhook_told_of(town, channel):
    """R11."""
    town.citizen()
    town.hears("hej", id_="SM1")

    def listed(id_: str, text: str) -> InboundMessage:
        return InboundMessage(
            provider_message_id=id_, account="fake", sender=SARA, recipient="+4591000000", text=text, raw=b""
        )

    channel.received = [listed("SM1", "hej"), listed("SM2", "to"), listed("SM3", "tre")]

    town.upkeep.poll()
    town.upkeep.poll()

    assert [town.text_of(message) for message in town.messages()] == ["hej", "to", "tre"]
    assert [message.late for message in town.messages()] == [False, True, True]


def test_a_listed_message_that_cannot_be_stored_keeps_no_other_out(town, channel):
    town.citizen()
    broken = InboundMessage(
        provider_message_id="SM1", account=None, sender=SARA, recipient="+4591000000", text="et", raw=b""
    )
    whole = InboundMessage(
        provider_message_id="SM2", account="fake", sender=SARA, recipient="+4591000000", text="to", raw=b""
    )
    channel.received = [broken, whole]

    town.upkeep.poll()

    assert [town.text_of(message) for message in town.messages()] == ["to"]


def test_s14_hostile_unicode_is_stored_and_can_be_read(town):
    """S14."""
    town.citizen()
    texts = ["\x00nul", "\u202egnal", "a\u200bb", "\x1bæ", "x" + "\u0301" * 1000, "lone \ud800 surrogate"]

    for text in texts:
        town.hears(text)

    assert len([town.text_of(message) for message in town.messages()]) == len(texts)
    assert all("\x00" not in town.text_of(message) for message in town.messages())


def test_nothing_a_citizen_writes_stands_readable_in_the_tables(town, runtime):
    town.citizen()

    town.hears("kanariefugl-4711")

    found = [
        row
        for model in (Message, InboundEvent, JournalEvent, AuditEntry, Conversation, Change)
        for row in town.rows(model)
        if "kanariefugl" in repr(vars(row))
    ]
    assert found == []
