"""What goes out goes at most once, in order, and only to whom it still may go."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Accepted, DeliveryStatus, SentRecord
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from messaging.audit.models import AuditEntry
from messaging.conversations import answers, resolving
from messaging.conversations.intending import intend
from messaging.conversations.models import Attempt, Author, Conversation, Kind, Message, Receipt
from messaging.conversations.moving import higher, move, projected
from messaging.conversations.queue import claim_messages
from messaging.conversations.sending import NotReachable, cancel_message, cancel_waiting, send_message
from messaging.conversations.states import TRANSITIONS, AttemptState, MessageState, Waiting
from messaging.conversations.threads import lock_thread
from messaging.database.moments import database_now
from messaging.errors import Conflict, InvalidInput
from messaging.journal.models import JournalEvent
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint, PhoneNumber
from messaging.work.lanes import Lane
from tests.conversations.conftest import SARA


def texts(town) -> list[str]:
    return [message.text for message in town.runtime.channel.sent]


def states(town, *ids) -> list[MessageState]:
    return [town.message(id_).state for id_ in ids]


def test_a_written_message_is_handed_to_the_provider_once(town):
    message = town.writes(town.citizen(), "Vi ses kl. 10")

    town.sends()
    town.sends()

    (sent,) = town.runtime.channel.sent
    assert (sent.recipient, sent.text) == (SARA, "Vi ses kl. 10")
    assert town.message(message).state is MessageState.SENT


def test_an_answer_by_a_human_turns_the_waiting_around(town):
    sara = town.citizen()
    town.hears("hvad tid var det?")

    town.writes(sara)

    assert town.rows(Conversation)[0].waiting is Waiting.FOR_CITIZEN


def test_r12_messages_of_one_thread_leave_in_the_order_they_were_written(town):
    """R12."""
    sara = town.citizen()
    for word in ("et", "to", "tre"):
        town.writes(sara, word)

    town.sends()

    assert texts(town) == ["et", "to", "tre"]


def test_r12_an_unclear_message_holds_back_the_next_for_a_while(town):
    """R12: no successor is posted while its predecessor is unclear."""
    sara = town.citizen()
    first, second = town.writes(sara, "et"), town.writes(sara, "to")
    town.runtime.channel.failures = [OutcomeUnknown("timeout")]

    town.sends()

    assert states(town, first, second) == [MessageState.UNCLEAR, MessageState.QUEUED]
    town.age(Message, next_try_at=database_now(-1))
    town.sends()
    assert texts(town) == ["to"]


def test_an_urgent_message_goes_before_an_older_one(town):
    sara = town.citizen()
    town.writes(sara, "påmindelse", lane=Lane.BULK)
    town.writes(sara, "mødet er aflyst", lane=Lane.URGENT)

    town.sends(Lane.BULK)
    town.sends(Lane.URGENT)
    town.sends(Lane.BULK)

    assert texts(town) == ["mødet er aflyst", "påmindelse"]


def test_a_back_off_in_one_lane_does_not_block_another(town):
    sara = town.citizen()
    urgent = town.writes(sara, "aflyst", lane=Lane.URGENT)
    town.runtime.channel.failures = [TryLater("500", counts=True)]
    town.sends(Lane.URGENT)
    town.writes(sara, "svar")

    town.sends()

    assert texts(town) == ["svar"]
    assert town.message(urgent).state is MessageState.QUEUED


def test_a_long_sms_holds_back_the_next_until_it_is_on_its_way(town):
    sara = town.citizen()
    town.writes(sara, "lang " * 60)
    town.writes(sara, "kort")
    town.runtime.channel.send = _in_parts(town.runtime.channel.send)

    town.sends()
    assert len(texts(town)) == 1
    town.reports("sent")
    town.sends()

    assert texts(town)[1] == "kort"


def _in_parts(send):
    def sending(message):
        answer = send(message)
        return type(answer)(provider_message_id=answer.provider_message_id, segments=2)

    return sending


def test_a_refused_recipient_ends_the_message_with_the_reason(town):
    message = town.writes(town.citizen())
    town.runtime.channel.failures = [RecipientRefused("21610")]

    town.sends()

    assert (town.message(message).state, town.message(message).reason) == (MessageState.FAILED, "21610")


def test_what_certainly_did_not_leave_is_tried_again_later(town):
    message = town.writes(town.citizen())
    town.runtime.channel.failures = [TryLater("connect")]

    town.sends()

    assert town.message(message).state is MessageState.QUEUED
    assert texts(town) == []
    town.age(Message, next_try_at=None)
    town.sends()
    assert len(texts(town)) == 1


def test_an_attempt_that_was_only_told_to_wait_is_not_counted(town):
    message = town.writes(town.citizen())
    town.runtime.channel.failures = [TryLater("429", counts=False, retry_after=9)]

    town.sends()

    assert town.message(message).tries == 0


def test_a_wrong_setting_leaves_the_message_in_the_queue(town):
    message = town.writes(town.citizen())
    town.runtime.channel.failures = [Misconfigured("20003")]

    town.sends()

    assert town.message(message).state is MessageState.QUEUED


def test_r3_an_unclear_send_is_never_posted_again_blindly(town):
    """R2, R3."""
    message = town.writes(town.citizen())
    town.runtime.channel.failures = [OutcomeUnknown("reset")]

    town.sends()
    town.upkeep.sweep()
    town.sends()

    assert texts(town) == []
    assert town.message(message).state is MessageState.UNCLEAR


def test_r4_a_report_with_our_token_binds_the_provider_id_when_the_answer_was_lost(town):
    """R4."""
    message = town.writes(town.citizen())
    lost = _losing_the_answer(town)

    town.sends()
    town.reports("delivered", token=lost[0].callback_token, id_="SM77")

    assert town.message(message).state is MessageState.DELIVERED
    (attempt,) = town.rows(Attempt)
    assert (attempt.provider_message_id, attempt.resolved_by) == ("SM77", "callback")


def test_r4_a_report_may_come_before_the_answer(town):
    """R4."""
    message = town.writes(town.citizen())
    send = town.runtime.channel.send

    def reported_at_once(outbound):
        town.reports("delivered", token=outbound.callback_token, id_="FAKE1")
        return send(outbound)

    town.runtime.channel.send = reported_at_once

    town.sends()

    assert town.message(message).state is MessageState.DELIVERED


def test_a_report_that_comes_while_the_answer_is_written_waits_for_it(town):
    """The report's receipt may not hold the attempt for which the answer's writer, who has the thread, comes."""
    citizen = town.citizen()
    message = town.writes(citizen)
    lost = _losing_the_answer(town)
    town.sends()
    (attempt,) = town.rows(Attempt)
    waits, answer = town.runtime.config.waits, Accepted(provider_message_id="SM77")

    with ThreadPoolExecutor(1) as pool:
        with town.runtime.act(SYSTEM) as act:
            lock_thread(act.session, citizen)
            report = pool.submit(town.reports, "delivered", token=lost[0].callback_token, id_="SM77")
            wait([report], timeout=0.3)
            answers.record_accepted(act, attempt_id=attempt.id, answer=answer, waits=waits)
        report.result()

    assert states(town, message) == [MessageState.DELIVERED]


def _losing_the_answer(town) -> list:
    lost = []

    def send(outbound):
        lost.append(outbound)
        raise OutcomeUnknown("no_answer")

    town.runtime.channel.send = send
    return lost


def _listed(id_: str, at, *, text="Vi ses i morgen") -> SentRecord:
    return SentRecord(provider_message_id=id_, recipient=SARA, text=text, created_at=at, status=DeliveryStatus.SENT)


def _search(town) -> None:
    town.age(Attempt, next_lookup_at=database_now(-1))
    town.upkeep.search()


def test_r5_one_match_in_the_providers_list_binds(town):
    """R5."""
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()
    (attempt,) = town.rows(Attempt)
    town.runtime.channel.sent_records = [
        _listed("SM1", attempt.intended_at),
        _listed("SM2", attempt.intended_at, text="en anden"),
    ]

    _search(town)

    assert town.message(message).state is MessageState.SENT
    assert [(row.provider_message_id, row.resolved_by) for row in town.rows(Attempt)] == [("SM1", "list")]


def test_r5_two_matches_go_to_a_human(town):
    """R5."""
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()
    (attempt,) = town.rows(Attempt)
    town.runtime.channel.sent_records = [_listed("SM1", attempt.intended_at), _listed("SM2", attempt.intended_at)]

    _search(town)

    assert (town.message(message).state, town.message(message).reason) == (MessageState.UNCLEAR, "several_matches")


def test_r5_absence_is_proved_by_two_look_ups_and_time(town):
    """R5: 0 matches twice over at least ten minutes."""
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()

    _search(town)
    _search(town)
    assert town.message(message).state is MessageState.UNCLEAR
    town.age(Attempt, intended_at=database_now(-601))
    _search(town)

    assert town.message(message).state is MessageState.QUEUED
    assert [row.state for row in town.rows(Attempt)] == [AttemptState.NOT_SENT]


def test_a_list_that_cannot_be_trusted_proves_nothing(town):
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()
    town.age(Attempt, intended_at=database_now(-700))

    def unhealthy(**_):
        raise TryLater("503")

    town.runtime.channel.find_sent = unhealthy
    for _ in range(3):
        _search(town)

    assert town.message(message).state is MessageState.UNCLEAR


def test_r2_proof_of_acceptance_after_absence_was_believed_stops_the_second_send(town):
    """R2: the list lacked it twice, it was queued again, and then a report with our token came."""
    message = town.writes(town.citizen())
    lost = _losing_the_answer(town)
    town.sends()
    town.age(Attempt, intended_at=database_now(-700))
    _search(town)
    _search(town)
    assert town.message(message).state is MessageState.QUEUED

    town.reports("sent", token=lost[0].callback_token, id_="SM1")
    town.age(Message, next_try_at=None)
    town.sends()

    assert len(lost) == 1
    assert town.message(message).state is MessageState.SENT


def test_a_message_called_back_on_its_way_is_not_sent_again_when_it_proves_not_to_have_left(town):
    sara = town.citizen()
    message = town.writes(sara)

    def called_back_meanwhile(_outbound):
        with town.runtime.act(SYSTEM) as act:
            cancel_waiting(act, message_ids=[message], reason="meeting_moved")
        raise TryLater("connect")

    town.runtime.channel.send = called_back_meanwhile

    town.sends()
    town.age(Message, next_try_at=None)
    town.sends()

    assert (town.message(message).state, town.message(message).reason) == (MessageState.CANCELLED, "meeting_moved")


def test_a_clear_refusal_that_comes_late_is_merged(town):
    """R14: the attempt was given up as unclear before the provider said no."""
    message = town.writes(town.citizen())

    def slow_refusal(_outbound):
        town.age(Attempt, lease_until=database_now(-1))
        town.upkeep.sweep()
        raise RecipientRefused("21614")

    town.runtime.channel.send = slow_refusal

    town.sends()

    assert (town.message(message).state, town.message(message).reason) == (MessageState.FAILED, "21614")


def test_a_refusal_by_the_providers_own_stop_marks_the_number(town):
    town.writes(town.citizen())
    town.runtime.channel.failures = [RecipientRefused("21610", blocked=True)]

    town.sends()

    assert town.rows(PhoneNumber)[0].provider_blocked_since is not None


def test_what_waits_behind_a_refusal_by_the_providers_own_stop_is_not_sent(town):
    sara = town.citizen()
    town.writes(sara)
    behind = town.writes(sara, "Og husk din ansøgning")
    town.runtime.channel.failures = [RecipientRefused("21610", blocked=True)]

    town.sends()

    assert (town.message(behind).state, town.message(behind).reason) == (MessageState.CANCELLED, "provider_blocked")
    assert town.runtime.channel.sent == []


def test_nothing_new_is_written_to_a_number_the_provider_refuses(town):
    sara = town.citizen()
    town.hears("cancel", provider_opt_out="STOP")

    with pytest.raises(NotReachable) as refused:
        town.writes(sara)

    assert refused.value.reason == "provider_blocked"


def test_a_message_from_another_system_does_not_hide_that_a_citizen_waits_in_danger(town):
    sara = town.citizen()
    town.hears("jeg vil ikke leve mere")

    with town.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=sara, text="Husk din ansøgning", author=Author.INTEGRATION)

    (conversation,) = town.rows(Conversation)
    assert conversation.waiting is Waiting.FOR_US
    assert conversation.danger_since is not None


def test_a_held_message_expires_like_any_other(town, clock):
    message = town.writes(town.citizen(), "cpr 310597-4123")
    clock.advance(days=2)

    town.upkeep.sweep()

    assert town.message(message).state is MessageState.EXPIRED


def test_what_stays_unclear_too_long_is_a_humans_to_decide(town):
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()
    town.age(Attempt, intended_at=database_now(-3700))
    town.upkeep.sweep()
    assert town.message(message).reason == "unclear_too_long"

    with town.runtime.act(SYSTEM) as act:
        resolving.decide(
            act, message_id=message, was_sent=False, waits=town.runtime.config.waits, chance=town.runtime.chance
        )

    assert town.message(message).state is MessageState.QUEUED


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_human_decides_only_when_nobody_looks_any_more(town, was_sent):
    message = town.writes(town.citizen())
    _losing_the_answer(town)
    town.sends()

    with pytest.raises(resolving.StillLookedFor), town.runtime.act(SYSTEM) as act:
        resolving.decide(
            act, message_id=message, was_sent=was_sent, waits=town.runtime.config.waits, chance=town.runtime.chance
        )

    assert town.message(message).state is MessageState.UNCLEAR
    assert town.rows(AuditEntry, action="message.decided") == []


def test_a_process_that_died_before_the_intent_leaves_the_message_to_the_next(town):
    """F01."""
    town.writes(town.citizen())
    _claim(town)

    town.upkeep.start()
    town.sends()

    assert len(texts(town)) == 1


def test_a_process_that_died_after_the_intent_leaves_one_unclear_message(town):
    """F02, F03."""
    message = town.writes(town.citizen())
    _intend(town, message)

    town.upkeep.start()
    town.sends()

    assert texts(town) == []
    assert town.message(message).state is MessageState.UNCLEAR


def _claim(town):
    with town.runtime.database.write() as session:
        return claim_messages(
            session, Lane.INTERACTIVE, at=town.runtime.clock.now(), limit=1, waits=town.runtime.config.waits
        )


def _intend(town, message):
    claim = _claim(town)
    with town.runtime.act(SYSTEM) as act:
        return intend(act, message_id=message, lease=claim.token, channel="simulator", waits=town.runtime.config.waits)


def test_r14_a_zombies_late_answer_is_merged(town):
    """R14, F15: the sweep gave the attempt up, then the answer came after all."""
    message = town.writes(town.citizen())
    send = town.runtime.channel.send

    def slow(outbound):
        answer = send(outbound)
        town.age(Attempt, lease_until=database_now(-1))
        town.upkeep.sweep()
        assert town.message(message).state is MessageState.UNCLEAR
        return answer

    town.runtime.channel.send = slow

    town.sends()

    assert town.message(message).state is MessageState.SENT
    assert len(texts(town)) == 1


def test_r21_a_message_that_kills_processes_is_parked_and_the_others_go(town):
    """R21."""
    poison = town.writes(town.citizen())
    for _ in range(4):
        _claim(town)
        town.age(Message, lease_until=database_now(-1))
    other = town.writes(town.citizen("+4529390626"), "en anden")

    town.sends()
    town.upkeep.sweep()

    assert texts(town) == ["en anden"]
    assert states(town, poison, other) == [MessageState.FAILED, MessageState.SENT]
    assert town.message(poison).reason == "parked"


def test_r20_stop_committed_before_the_claim_wins(town, templates):
    """R20."""
    sara = town.citizen()
    message = town.writes(sara)
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    town.sends()

    assert texts(town) == []
    assert (town.message(message).state, town.message(message).reason) == (MessageState.CANCELLED, "opted_out")


def test_r20_stop_between_claim_and_intent_wins(town):
    """R20: the race window."""
    sara = town.citizen()
    message = town.writes(sara)
    claim = _claim(town)
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    with town.runtime.act(SYSTEM) as act:
        intent = intend(
            act, message_id=message, lease=claim.token, channel="simulator", waits=town.runtime.config.waits
        )

    assert intent is None
    assert town.message(message).state is MessageState.CANCELLED


def test_after_stop_nothing_can_be_written_but_a_login_code(town):
    sara = town.citizen()
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    with pytest.raises(NotReachable, match="opted_out"):
        town.writes(sara)
    town.writes(sara, "Din kode er 123456", kind=Kind.LOGIN_CODE)
    town.sends()

    assert texts(town) == ["Din kode er 123456"]


def test_a_citizen_without_a_number_cannot_be_reached(town):
    with pytest.raises(NotReachable, match="no_number"):
        town.writes(town.citizen(number=None))


def test_a_message_pinned_to_a_number_that_ended_does_not_go_to_the_new_one(town):
    sara = town.citizen()
    message = town.writes(sara)
    with town.runtime.act(SYSTEM) as act:
        point = act.session.get_one(ContactPoint, town.rows(ContactPoint)[0].id)
        point.standing, point.valid_to = "ended", act.now

    town.sends()

    assert town.message(message).state is MessageState.CANCELLED


def test_s17_a_cpr_number_never_leaves_by_sms(town):
    """S17."""
    message = town.writes(town.citizen(), "Dit cpr er 310597-4123")

    town.sends()

    assert texts(town) == []
    assert (town.message(message).state, town.message(message).reason) == (MessageState.HELD, "cpr")


def test_only_a_content_free_text_goes_to_a_shared_number(town):
    sara = town.citizen()
    town.citizen()

    held = town.writes(sara, "Hej Sara")
    town.writes(sara, "Du har en besked. Log ind.", content_free=True)
    town.sends()

    assert town.message(held).reason == "shared_number"
    assert texts(town) == ["Du har en besked. Log ind."]


def test_a_number_that_came_to_be_shared_after_writing_holds_the_message(town):
    sara = town.citizen()
    message = town.writes(sara, "Hej Sara")
    town.citizen()

    town.sends()

    assert (town.message(message).state, town.message(message).reason) == (MessageState.HELD, "shared_number")


def test_an_expired_message_is_not_sent_late(town, clock):
    message = town.writes(town.citizen(), expires_at=clock.now() + timedelta(hours=1))
    clock.advance(hours=2)

    town.sends()
    town.upkeep.sweep()

    assert texts(town) == []
    assert town.message(message).state is MessageState.EXPIRED


def test_a_scheduled_message_waits_for_its_time_and_can_be_called_back(town, clock):
    sara = town.citizen()
    later = clock.now() + timedelta(days=1)
    kept, cancelled = town.writes(sara, "a", due_at=later), town.writes(sara, "b", due_at=later)
    with town.runtime.act(SYSTEM) as act:
        cancel_message(act, message_id=cancelled)
    town.sends()
    assert texts(town) == []

    clock.advance(days=1)
    town.upkeep.release_scheduled()
    town.sends()

    assert texts(town) == ["a"]
    assert states(town, kept, cancelled) == [MessageState.SENT, MessageState.CANCELLED]


def test_what_has_left_cannot_be_called_back(town):
    message = town.writes(town.citizen())
    town.sends()

    with pytest.raises(Conflict), town.runtime.act(SYSTEM) as act:
        cancel_message(act, message_id=message)


@pytest.mark.parametrize("text", ["", "   ", "x" * 1601])
def test_a_text_no_provider_would_take_is_refused(town, text):
    sara = town.citizen()

    with pytest.raises(InvalidInput):
        town.writes(sara, text)


def test_r7_a_report_of_an_unknown_message_is_kept_and_changes_nothing(town):
    """R7."""
    message = town.writes(town.citizen())
    town.sends()

    town.reports("delivered", id_="SM-of-somebody-else")

    assert town.message(message).state is MessageState.SENT
    assert [receipt.attempt_id for receipt in town.rows(Receipt)] == [None]


def test_r7_a_word_we_do_not_know_is_kept_and_changes_nothing(town):
    """R7."""
    message = town.writes(town.citizen())
    town.sends()

    town.reports("unknown")

    assert town.message(message).state is MessageState.SENT
    assert len(town.rows(Receipt)) == 1


def test_r6_every_order_and_repetition_of_receipts_ends_alike(town):
    """R6, F08: through the database; the property below runs the rule alone."""
    ends = set()
    for order in permutations(["sent", "delivered", "queued"]):
        town.writes(town.citizen(f"+45241019{len(ends) + 30 + len(town.messages())}"))
        town.sends()
        id_ = f"FAKE{len(town.runtime.channel.sent)}"
        for status in (*order, *order):
            town.reports(status, id_=id_)
        ends.add(town.messages()[-1].state)

    assert ends == {MessageState.DELIVERED}


@given(st.lists(st.sampled_from(list(DeliveryStatus)), min_size=1, max_size=8), st.randoms())
def test_r6_the_deciding_receipt_does_not_depend_on_order(statuses, chance):
    """R6."""

    def decide(order: list[DeliveryStatus]) -> DeliveryStatus | None:
        known = None
        for status in order:
            known = higher(known, status)
        return known

    shuffled = [*statuses, *statuses]
    chance.shuffle(shuffled)

    assert decide(shuffled) == decide(statuses)


def test_delivery_by_any_attempt_beats_the_failure_of_another():
    failed = (AttemptState.ACCEPTED, DeliveryStatus.FAILED)
    delivered = (AttemptState.ACCEPTED, DeliveryStatus.DELIVERED)

    assert projected([failed, delivered]) is projected([delivered, failed]) is MessageState.DELIVERED


def test_an_end_we_chose_is_left_only_by_proof_of_delivery(town):
    message = town.writes(town.citizen())
    lost = _losing_the_answer(town)
    town.sends()
    with town.runtime.act(SYSTEM) as act:
        move(act, act.session.get_one(Message, message), MessageState.CANCELLED, reason="by_hand")

    town.reports("sent", token=lost[0].callback_token, id_="SM9")
    assert town.message(message).state is MessageState.CANCELLED
    town.reports("delivered", token=lost[0].callback_token, id_="SM9")

    assert town.message(message).state is MessageState.DELIVERED


def test_the_table_of_states_names_every_state():
    assert set(TRANSITIONS) == set(MessageState)


def _pairs() -> Iterator[tuple[MessageState, MessageState]]:
    return ((old, new) for old in MessageState for new in MessageState if new not in TRANSITIONS[old])


@pytest.mark.parametrize(("old", "new"), [pytest.param(*pair, id=f"{pair[0]}-{pair[1]}") for pair in _pairs()])
def test_a_change_that_is_not_in_the_table_is_refused(old, new):
    message = Message(state=old)

    with pytest.raises(ValueError, match="does not go"):
        move(None, message, new)  # type: ignore[arg-type]


def test_r16_every_step_of_a_message_is_one_event_in_a_gapless_stream(town):
    """R16."""
    sara = town.citizen()
    town.hears("hej")
    town.writes(sara)
    town.sends()
    town.reports("delivered")
    town.reports("delivered")

    events = sorted(town.rows(JournalEvent, stream_id=sara), key=lambda event: event.seq)

    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events if event.type.startswith("message")] == [
        "message.received",
        "message.queued",
        "message.sent_to_provider",
        "message.delivered",
    ]


def test_a_pause_of_the_number_stops_what_waits(town):
    message = town.writes(town.citizen())
    with town.runtime.act(SYSTEM) as act:
        wishes.pause_number(act, number_id=town.rows(PhoneNumber)[0].id, reason="wrong_number")

    town.sends()

    assert town.message(message).state is MessageState.CANCELLED


def test_r12_four_senders_at_once_keep_the_order_and_send_each_once(town, in_parallel):
    """R12 under four workers."""
    citizens = [town.citizen(f"+452410{10 + number:02}21") for number in range(6)]
    for word in range(5):
        for citizen in citizens:
            town.writes(citizen, str(word))

    for _ in range(6):
        in_parallel(town.sends, 4)

    by_number: dict[str, list[str]] = {}
    for sent in town.runtime.channel.sent:
        by_number.setdefault(sent.recipient, []).append(sent.text)
    assert list(by_number.values()) == [["0", "1", "2", "3", "4"]] * 6
