"""No message passes its citizen's arm of the trial: neither when it is written nor seconds before it leaves."""

import uuid
from datetime import timedelta
from itertools import product

import pytest

from messaging.audit.models import AuditEntry
from messaging.clock import FixedClock
from messaging.conversations.accepting import accept
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.editing import Edit
from messaging.conversations.models import Author, Kind
from messaging.conversations.rerouting import send_in_app_instead
from messaging.conversations.resending import resend
from messaging.conversations.sending import Withheld, send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.errors import InvalidInput
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role
from messaging.trial.capabilities import TABLE, Sort, Way
from messaging.trial.models import Arm, ArmDecision, Verdict
from messaging.trial.taking_part import join, leave
from tests.conversations.conftest import SARA, Town
from tests.conversations.in_app import places
from tests.conversations.test_accepting import BOOKING_SYSTEM, order
from tests.web.test_statements import counted

WHY = "Borgeren bad selv om det ved skranken"


def joins(town: Town, citizen_id: uuid.UUID, arm: Arm) -> None:
    with town.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: arm})


def leaves(town: Town, citizen_id: uuid.UUID) -> None:
    with town.runtime.act(SYSTEM) as act:
        leave(act, [citizen_id])


def caseworker(town: Town) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=town.caseworker_id(), role=Role.CASEWORKER)


def insists(town: Town, citizen_id: uuid.UUID, *, why: str = WHY, **more: object) -> uuid.UUID:
    with town.runtime.act(caseworker(town)) as act:
        return send_message(
            act, citizen_id=citizen_id, text="Kan du komme?", author=Author.CASEWORKER, override=why, **more
        ).id


@pytest.mark.parametrize(("sort", "arm"), [*product(Sort, Arm)])
def test_every_sort_goes_in_every_arm_by_the_ways_of_the_table_and_no_other(town: Town, sort: Sort, arm: Arm) -> None:
    sara = town.citizen()
    joins(town, sara, arm)
    went = set()
    for way in (Way.SMS, Way.APP):
        try:
            if way is Way.SMS:
                town.writes(sara, sort=sort)
            else:
                places(town, sara, sort=sort)
        except Withheld:
            continue
        went.add(way)

    assert went == set(TABLE[sort][arm].ways) - {Way.PUSH}
    assert {message.medium for message in town.messages()} == went


@pytest.mark.parametrize(("kind", "arm"), [*product(set(Kind) - {Kind.NOTICE}, Arm)])
def test_what_waits_when_the_trial_begins_is_looked_at_again_before_it_leaves(town: Town, kind: Kind, arm: Arm) -> None:
    sara = town.citizen()
    message = town.writes(sara, kind=kind)
    joins(town, sara, arm)
    town.sends()
    may = Way.SMS in TABLE[SORT_OF[kind]][arm].ways

    assert bool(town.runtime.channel.sent) is may
    assert (town.message(message).state is MessageState.CANCELLED) is not may
    assert [row.message_id for row in town.rows(ArmDecision)] == ([] if may else [message])


SORT_OF = {
    Kind.TEXT: Sort.FREE,
    Kind.REMINDER: Sort.REMINDER,
    Kind.AUTO_REPLY: Sort.RECEIPT,
    Kind.STOP_ANSWER: Sort.KEYWORD_ANSWER,
    Kind.LOGIN_CODE: Sort.LOGIN_CODE,
}


def test_what_is_to_be_placed_in_the_app_later_is_looked_at_again_too(town: Town, clock: FixedClock) -> None:
    sara = town.citizen()
    message = places(town, sara, due_at=clock.now() + timedelta(hours=1))
    joins(town, sara, Arm.CONTROL)
    clock.moment += timedelta(hours=2)
    town.upkeep.release_scheduled()

    assert (town.message(message).state, town.message(message).reason) == (MessageState.CANCELLED, "control_arm")


def test_who_wrote_lately_is_answered_in_the_control_arm(town: Town, clock: FixedClock) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    town.hears("Hvornår er mødet?")
    answer = town.writes(sara, due_at=clock.now() + timedelta(days=1))
    clock.moment += timedelta(days=1, minutes=1)
    town.upkeep.release_scheduled()
    town.sends()

    assert town.message(answer).state is MessageState.SENT


def test_a_week_later_it_would_begin_something(town: Town, clock: FixedClock) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    town.hears("Hvornår er mødet?")
    clock.moment += timedelta(days=7, minutes=1)

    with pytest.raises(Withheld):
        town.writes(sara)


def test_a_caseworker_who_says_why_is_let_through_and_that_is_kept_sealed_journaled_and_audited(town: Town) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    message = insists(town, sara)
    town.sends()
    decision = town.rows(ArmDecision)[0]
    event = town.rows(JournalEvent, type="message.let_through")[0]

    assert town.message(message).state is MessageState.SENT
    assert (decision.verdict, decision.message_id, decision.by_id) == (
        Verdict.OVERRIDDEN,
        message,
        town.caseworker_id(),
    )
    assert WHY.encode() not in decision.reason.blob
    assert town.facts(event)["reason"] == WHY
    assert len(town.rows(AuditEntry, action="message.let_through", object_id=sara)) == 1


@pytest.mark.parametrize("why", ["", "  nej ", "x" * 501])
def test_a_reason_that_is_none_lets_nothing_through(town: Town, why: str) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)

    with pytest.raises(InvalidInput):
        insists(town, sara, why=why)
    assert not town.messages()


def test_no_reason_lets_a_reminder_through(town: Town) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)

    with pytest.raises(Withheld):
        insists(town, sara, kind=Kind.REMINDER)


def test_a_reason_goes_for_the_app_too(town: Town) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    with town.runtime.act(caseworker(town)) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text="Se din plan",
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.CASEWORKER,
            override=WHY,
        )

    assert [message.state for message in town.messages()] == [MessageState.SENT]


def test_what_takes_the_place_of_a_message_that_was_let_through_goes_for_the_same_reason(
    town: Town, clock: FixedClock
) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    planned = insists(town, sara, due_at=clock.now() + timedelta(days=1))
    edit = Edit(
        message_id=planned,
        citizen_id=sara,
        text="Kan du komme med din plan?",
        due_at=None,
        seen=town.message(planned).state_since,
    )
    with town.runtime.act(caseworker(town)) as act:
        in_app = send_in_app_instead(act, edit, content_class=ContentClass.LOGIN_ONLY).id
    late = insists(town, sara)
    clock.moment += timedelta(hours=25)
    town.sends()
    with town.runtime.act(caseworker(town)) as act:
        again = resend(act, citizen_id=sara, message_id=late, seen=town.message(late).seq)
    decided = town.rows(ArmDecision)

    assert town.message(in_app).state is MessageState.SENT
    assert [town.message(one).state for one in (late, again)] == [MessageState.EXPIRED, MessageState.QUEUED]
    assert [row.verdict for row in decided] == [Verdict.OVERRIDDEN] * 4
    assert {row.message_id for row in decided} == {planned, in_app, late, again}


def test_an_order_of_another_system_is_withheld_and_that_is_kept(town: Town) -> None:
    sara = town.citizen()
    accept(town.runtime, BOOKING_SYSTEM, order(sara, key="before"))
    joins(town, sara, Arm.CONTROL)

    with pytest.raises(Withheld):
        accept(town.runtime, BOOKING_SYSTEM, order(sara, key="after"))
    assert len(town.messages()) == 1
    assert [(row.sort, row.verdict) for row in town.rows(ArmDecision)] == [(Sort.FREE, Verdict.WITHHELD)]


@pytest.mark.parametrize("number", [SARA, None], ids=["with a number", "without one"])
def test_an_order_of_another_system_goes_into_the_app_in_the_apps_arm(town: Town, number: str | None) -> None:
    sara = town.citizen(number=number)
    joins(town, sara, Arm.APP)
    wanted = order(sara, text="Tag din »plan« med")
    ids = {accept(town.runtime, BOOKING_SYSTEM, wanted) for _ in range(2)}
    (message,) = town.messages()

    assert ids == {message.id}
    assert (message.medium, message.state, message.author) == ("app", MessageState.SENT, Author.INTEGRATION)
    assert message.content_class is ContentClass.LOGIN_ONLY
    assert town.text_of(message) == wanted.text
    assert not town.rows(ArmDecision)


@pytest.mark.parametrize(("arm", "wrote"), [(Arm.SMS, False), (Arm.CONTROL, True)])
def test_an_order_goes_by_sms_where_the_arm_lets_it(town: Town, arm: Arm, *, wrote: bool) -> None:
    sara = town.citizen()
    joins(town, sara, arm)
    if wrote:
        town.hears("Hvornår er mødet?")
    message = accept(town.runtime, BOOKING_SYSTEM, order(sara))

    assert town.message(message).medium == "sms"


def test_who_has_left_the_trial_is_written_to_as_everybody(town: Town) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.CONTROL)
    leaves(town, sara)

    assert town.writes(sara)


@pytest.mark.usefixtures("templates")
def test_stop_is_answered_in_every_arm(town: Town) -> None:
    sara = town.citizen()
    joins(town, sara, Arm.APP)
    town.hears("STOP")

    assert [message.kind for message in town.messages() if message.direction == "out"] == [Kind.STOP_ANSWER]


def test_outside_the_trial_a_message_costs_no_statement_for_it(town: Town) -> None:
    sara = town.citizen()
    with counted() as statements:
        town.writes(sara)
        town.sends()

    assert not [one for one in statements if "arm_decisions" in one]
    assert not [one for one in statements if "trial_arms" in one and "contact_points" not in one]


def test_a_withheld_message_is_kept_without_its_words(town: Town) -> None:
    sara = town.citizen()
    message = town.writes(sara, "Et hemmeligt ord")
    joins(town, sara, Arm.CONTROL)
    town.sends()
    event = town.rows(JournalEvent, type="message.withheld")[0]

    facts = town.facts(event)

    assert (facts["sort"], facts["arm"], facts["channel"], facts["message"]) == ("free", "control", "sms", str(message))
    assert "hemmeligt" not in str(facts)
