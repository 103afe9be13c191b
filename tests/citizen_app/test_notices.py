"""What lies unshown in the app: a push to each phone, then one SMS that says to log in, and never anything twice."""

import dataclasses
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from messaging.citizen_app import pushing
from messaging.citizen_app.models import EndedBy, Opened
from messaging.citizen_app.notice_lanes import NoticeLane, PushLane
from messaging.citizen_app.push_models import PUSH_TRANSITIONS, Notice, Push, PushState, PushSubscription
from messaging.citizen_app.reading import open_thread
from messaging.citizen_app.sessions import (
    CitizenHere,
    begin_session,
    end_device,
    end_session,
    end_token,
    session_citizen,
)
from messaging.citizen_app.work import AppWork
from messaging.clock import FixedClock
from messaging.conversations.answers import mark_not_sent
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.delivery import load
from messaging.conversations.models import Attempt, Author, Kind, Message
from messaging.conversations.states import MessageState
from messaging.database.changes import TailPosition
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import PhoneNumber
from messaging.runtime import Runtime
from messaging.trial.capabilities import Sort
from messaging.trial.models import Arm
from messaging.trial.taking_part import join
from tests.citizen_app.knocking import Knocking, Phone
from tests.conversations.conftest import Town
from tests.conversations.in_app import closes, places, types
from tests.fakes import FakePush

pytestmark = pytest.mark.usefixtures("templates")

HOUR = 60


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def runtime(runtime: Runtime, push: FakePush) -> Runtime:
    return dataclasses.replace(runtime, push=push)


@pytest.fixture
def knocking(runtime: Runtime, clock: FixedClock, push: FakePush) -> Knocking:
    return Knocking(town=Town(runtime=runtime), clock=clock, push=push)


@pytest.fixture
def town(knocking: Knocking) -> Town:
    return knocking.town


@pytest.fixture
def sara(town: Town) -> uuid.UUID:
    return town.citizen()


def reads(town: Town, phone: Phone) -> None:
    here = CitizenHere(
        citizen_id=phone.citizen_id,
        session_id=phone.session_id,
        device_id=phone.device_id,
        opened="paired",
        seen_at=town.runtime.clock.now(),
    )
    with town.runtime.act(here.actor) as act:
        open_thread(act, here, before=None)


def proves_not_sent(town: Town) -> None:
    """Let the provider's list prove of every unclear SMS that it never left."""
    runtime = town.runtime
    with runtime.act(SYSTEM) as act:
        for attempt_id in act.session.scalars(sa.select(Attempt.id)).all():
            mark_not_sent(
                act,
                *load(act, attempt_id),
                reason="not_in_list",
                waits=runtime.config.waits,
                chance=runtime.chance,
            )


# The ladder


def test_each_phone_is_pushed_once_and_told_nothing(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    for _ in range(2):
        knocking.pushed(sara)
    places(town, sara, "Din ydelse er 6.789 kr.")
    knocking.works()

    assert [message.text for message in knocking.push.sent] == ["message", "message"]
    assert len({message.recipient for message in knocking.push.sent}) == 2
    assert knocking.states() == ["accepted", "accepted"]
    assert knocking.told() == []


@pytest.mark.parametrize("arm", [Arm.SMS, Arm.CONTROL])
def test_outside_the_apps_arm_no_phone_is_pushed_and_the_sms_comes_at_once(
    knocking: Knocking, town: Town, sara: uuid.UUID, arm: Arm
) -> None:
    knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        join(act, {sara: arm})
    places(town, sara, sort=Sort.ANSWER)
    knocking.works()

    assert knocking.push.sent == []
    assert len(knocking.told()) == 1


def test_a_push_that_waits_when_the_trial_begins_is_dropped(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.notices.drain()
    with town.runtime.act(SYSTEM) as act:
        join(act, {sara: Arm.SMS})
    knocking.works()

    assert knocking.states() == ["dropped"]


def test_what_stays_unshown_for_an_hour_is_followed_by_one_sms_without_a_link(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    knocking.later(minutes=59)
    assert knocking.told() == []

    knocking.later(minutes=2)
    (sms,) = knocking.told()
    assert town.text_of(sms).startswith("Hej Sara. Du har en ny besked fra Ungecenteret. Åbn Mit Ungecenter og log ind")
    assert "http" not in town.text_of(sms)
    assert (sms.kind, sms.author, sms.state) == (Kind.NOTICE, Author.SYSTEM, MessageState.QUEUED)
    assert knocking.ends() == ["told"]
    knocking.later(days=3)
    assert len(knocking.told()) == 1


def test_push_is_useful_until_the_sms_comes(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.works()

    assert [message.valid_for for message in knocking.push.sent] == [3600 - 15]


def test_who_has_read_it_gets_no_sms(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    reads(town, phone)
    knocking.later(hours=2)

    assert knocking.told() == []
    assert knocking.ends() == ["read"]


def test_who_reads_it_before_the_sms_has_left_does_not_get_it(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    knocking.later(hours=1)
    reads(town, phone)
    town.sends()

    assert [(sms.state, sms.reason) for sms in knocking.told()] == [(MessageState.CANCELLED, "read_in_app")]
    assert town.runtime.channel.sent == []


def test_who_cannot_open_it_by_the_way_she_came_in_has_not_been_told(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    phone = knocking.pushed(sara)
    places(town, sara, content_class=ContentClass.SENSITIVE)
    knocking.works()
    reads(town, phone)
    knocking.later(hours=1)

    assert len(knocking.told()) == 1


def test_further_messages_belong_to_the_same_notice(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    for text in ("et", "to", "tre"):
        places(town, sara, text)
        knocking.later(minutes=5)
    knocking.later(hours=2)

    assert len(knocking.push.sent) == 1
    assert len(knocking.told()) == 1


def test_next_message_after_the_sms_is_pushed_and_its_sms_keeps_a_day_apart(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    knocking.later(hours=1)
    (first,) = knocking.told()
    places(town, sara, "mere")
    knocking.works()
    assert len(knocking.push.sent) == 2
    knocking.later(hours=2)
    assert len(knocking.told()) == 1

    knocking.later(hours=22)
    (_, second) = knocking.told()
    assert second.due_at - first.due_at >= timedelta(hours=24)


def test_sms_that_never_left_does_not_hold_back_the_next(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    knocking.later(hours=1)
    reads(town, phone)
    places(town, sara, "mere")
    knocking.works()
    knocking.later(hours=1)

    assert [sms.state for sms in knocking.told()] == [MessageState.CANCELLED, MessageState.QUEUED]


@pytest.mark.parametrize("has_app", [True, False])
def test_without_a_phone_that_takes_pushes_the_sms_comes_at_once(
    knocking: Knocking, town: Town, sara: uuid.UUID, has_app: bool
) -> None:
    if has_app:
        knocking.phone(sara)
    places(town, sara)
    knocking.works()

    assert len(knocking.told()) == 1
    assert knocking.push.sent == []


def test_sms_waits_for_the_morning(knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID) -> None:
    clock.moment = datetime(2027, 3, 2, 21, 30, tzinfo=UTC)
    places(town, sara)
    knocking.works()
    assert knocking.told() == []

    clock.moment = datetime(2027, 3, 3, 7, 59, tzinfo=UTC)
    knocking.works()
    assert knocking.told() == []
    knocking.later(minutes=2)
    assert len(knocking.told()) == 1


@pytest.mark.parametrize("fault", [TryLater("down"), OutcomeUnknown("lost")], ids=["down", "lost"])
def test_sms_that_an_outage_has_kept_until_the_night_waits_for_the_morning(
    knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID, fault: AdapterError
) -> None:
    """Whoever sleeps is not woken because a provider came back; in the morning it leaves, once."""
    clock.moment = datetime(2027, 3, 6, 16, 55, tzinfo=UTC)  # a Saturday, five minutes before the hours close
    town.runtime.channel.failures.append(fault)
    places(town, sara)
    knocking.works()
    town.sends()
    clock.moment = datetime(2027, 3, 7, 1, 0, tzinfo=UTC)
    knocking.notices.keep_back()
    if isinstance(fault, OutcomeUnknown):
        proves_not_sent(town)
    with town.runtime.database.write() as session:
        session.execute(sa.update(Message).values(next_try_at=None))
    town.sends()
    assert town.runtime.channel.sent == []

    clock.moment = datetime(2027, 3, 7, 9, 0, tzinfo=UTC)
    knocking.notices.keep_back()
    knocking.works()
    town.sends()
    assert len(town.runtime.channel.sent) == len(knocking.told()) == 1


def test_sms_kept_back_over_two_nights_is_still_of_use(
    knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID
) -> None:
    clock.moment = datetime(2027, 3, 5, 9, 0, tzinfo=UTC)
    places(town, sara)
    knocking.works()
    for day in (5, 6):
        clock.moment = datetime(2027, 3, day, 22, 0, tzinfo=UTC)
        knocking.notices.keep_back()
    clock.moment = datetime(2027, 3, 7, 9, 1, tzinfo=UTC)
    town.sends()

    (sms,) = knocking.told()
    assert sms.state is MessageState.SENT


def test_kept_back_sms_is_called_back_when_she_has_read(
    knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID
) -> None:
    phone = knocking.phone(sara)
    places(town, sara)
    knocking.works()
    clock.moment = datetime(2027, 3, 5, 22, 0, tzinfo=UTC)
    knocking.notices.keep_back()
    reads(town, phone)

    assert [sms.state for sms in knocking.told()] == [MessageState.CANCELLED]


def test_worker_that_starts_at_night_keeps_back_before_anybody_sends(
    knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID
) -> None:
    places(town, sara)
    knocking.works()
    clock.moment = datetime(2027, 3, 5, 1, 0, tzinfo=UTC)
    AppWork(runtime=town.runtime).start()
    town.sends()

    assert town.runtime.channel.sent == []


def test_no_other_sms_is_kept_back(knocking: Knocking, town: Town, clock: FixedClock, sara: uuid.UUID) -> None:
    """What a caseworker writes at night leaves, and so does the word that a case is closed."""
    clock.moment = datetime(2027, 3, 5, 1, 0, tzinfo=UTC)
    town.writes(sara)
    town.writes(sara, kind=Kind.NOTICE)
    knocking.notices.keep_back()
    town.sends()

    assert len(town.runtime.channel.sent) == 2


def test_answer_by_itself_to_what_she_writes_knocks_nowhere(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara, kind=Kind.AUTO_REPLY, author=Author.SYSTEM, content_class=ContentClass.SMS_OK)
    knocking.works()
    knocking.later(hours=2)

    assert knocking.push.sent == []
    assert knocking.told() == []


def test_what_she_writes_herself_knocks_nowhere(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    types("Hej", town, sara)
    knocking.works()

    assert town.rows(Notice) == []


def test_scheduled_message_is_told_of_when_it_is_placed(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara, due_at=town.runtime.clock.now() + timedelta(minutes=30))
    knocking.works()
    assert knocking.push.sent == []

    knocking.clock.moment += timedelta(minutes=31)
    town.upkeep.release_scheduled()
    knocking.works()
    assert len(knocking.push.sent) == 1


def test_who_has_said_stop_gets_the_push_and_no_sms(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)
    places(town, sara)
    knocking.works()
    knocking.later(hours=2)

    assert len(knocking.push.sent) == 1
    assert knocking.told() == []
    assert knocking.ends() == ["not_reachable"]


def test_whose_case_was_closed_gets_no_sms(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    closes(town, sara)
    knocking.later(hours=2)

    assert knocking.told() == []
    assert knocking.ends() == ["not_reachable"]


def test_who_has_no_number_gets_no_sms(knocking: Knocking, town: Town) -> None:
    nobody = town.citizen(number=None)
    places(town, nobody)
    knocking.works()

    assert knocking.told() == []
    assert knocking.ends() == ["not_reachable"]


def test_number_of_several_is_told_no_name(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    town.age(PhoneNumber, shared=True)
    places(town, sara)
    knocking.works()
    (sms,) = knocking.told()

    assert sms.content_free
    assert "Sara" not in town.text_of(sms)
    assert sms.state is MessageState.QUEUED


# What push services say


@pytest.mark.parametrize(
    ("error", "state", "living"),
    [
        (RecipientRefused("gone"), "refused", 0),
        (RecipientRefused("redirect"), "refused", 1),
        (Misconfigured("http_403"), "refused", 1),
    ],
)
def test_push_that_was_refused_lets_the_sms_come_at_once(
    knocking: Knocking, town: Town, sara: uuid.UUID, error: AdapterError, state: str, living: int
) -> None:
    knocking.pushed(sara)
    knocking.push.failures = [error]
    places(town, sara)
    knocking.works()

    assert knocking.states() == [state]
    assert knocking.living() == living
    assert len(knocking.told()) == 1


def test_one_phone_that_is_gone_does_not_hasten_the_sms(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    for _ in range(2):
        knocking.pushed(sara)
    knocking.push.failures = [RecipientRefused("gone")]
    places(town, sara)
    knocking.works()

    assert knocking.states() == ["accepted", "refused"]
    assert knocking.living() == 1
    assert knocking.told() == []


def test_what_may_have_left_is_never_pushed_again(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    """R2."""
    knocking.pushed(sara)
    knocking.push.failures = [OutcomeUnknown("read_timeout")]
    places(town, sara)
    knocking.works()
    knocking.later(minutes=30)

    assert knocking.push.sent == []
    assert knocking.states() == ["unclear"]
    knocking.later(minutes=30)
    assert len(knocking.told()) == 1


def test_push_that_certainly_did_not_leave_is_tried_again_at_the_time_that_was_asked_for(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    """F06."""
    knocking.pushed(sara)
    knocking.push.failures = [TryLater("http_429", retry_after=600, counts=False)]
    places(town, sara)
    knocking.works()
    assert (knocking.states(), knocking.push.sent) == (["planned"], [])

    (push,) = town.rows(Push)
    assert push.tries == 0
    town.age(Push, due_at=push.due_at - timedelta(seconds=601))
    knocking.works()
    assert knocking.states() == ["accepted"]
    assert len(knocking.push.sent) == 1


def test_push_service_that_is_never_there_is_given_up_and_the_sms_comes(
    knocking: Knocking, town: Town, sara: uuid.UUID
) -> None:
    knocking.pushed(sara)
    knocking.push.failures = [TryLater("name_unresolved") for _ in range(20)]
    places(town, sara)
    for _ in range(10):
        knocking.works()
        town.age(Push, due_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert knocking.states() == ["refused"]
    assert len(knocking.push.failures) == 20 - pushing.MOST_TRIES
    assert len(knocking.told()) == 1


def test_what_was_read_while_a_push_waits_is_not_pushed(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.notices.drain()
    reads(town, phone)
    knocking.works()

    assert knocking.states() == ["dropped"]
    assert knocking.push.sent == []


def test_who_has_the_app_open_is_not_knocked_at(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.notices.drain()
    knocking.clock.moment += timedelta(seconds=10)
    while knocking.pushes.drain():
        pass
    reads(town, phone)
    knocking.works()

    assert knocking.push.sent == []
    assert knocking.ends() == ["read"]


# Which browsers


def test_who_signs_in_again_on_the_same_phone_keeps_the_pushes(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        before = begin_session(act, citizen_id=sara, opened=Opened.PAIRED, device_id=phone.device_id)
        act.session.flush()
        first = session_citizen(act.session, act.vault, token=before, now=act.now).session_id
        act.session.execute(sa.update(PushSubscription).values(session_id=first))
        end_session(act, session_id=phone.session_id)
        begin_session(act, citizen_id=sara, opened=Opened.PASSKEY, device_id=phone.device_id)
        act.session.flush()
        end_token(act, token=before)
    places(town, sara)
    knocking.works()

    assert len(knocking.push.sent) == 1


def test_who_signs_in_where_another_was_takes_no_pushes_over(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.phone(sara)
    with town.runtime.act(SYSTEM) as act:
        before = begin_session(act, citizen_id=sara, opened=Opened.PAIRED, device_id=phone.device_id)
        act.session.flush()
        session_id = session_citizen(act.session, act.vault, token=before, now=act.now).session_id
    knocking.subscribes(dataclasses.replace(phone, session_id=session_id))
    with town.runtime.act(SYSTEM) as act:
        end_session(act, session_id=phone.session_id)
        end_token(act, token=before)

    assert knocking.living() == 0


def test_phone_that_was_closed_is_pushed_to_no_more(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        end_device(act, citizen_id=sara, device_id=phone.device_id, ended_by=EndedBy.LOST)
    places(town, sara)
    knocking.works()

    assert knocking.push.sent == []
    assert knocking.living() == 0
    assert len(knocking.told()) == 1


def test_browser_that_signed_out_is_pushed_to_no_more(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    with town.runtime.act(SYSTEM) as act:
        end_session(act, session_id=phone.session_id)
    places(town, sara)
    knocking.works()

    assert knocking.push.sent == []
    assert [row.ended_why for row in town.rows(PushSubscription)] == ["signed_out"]


def test_browser_that_ends_while_its_push_waits_is_not_called(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    phone = knocking.pushed(sara)
    places(town, sara)
    knocking.notices.drain()
    with town.runtime.act(SYSTEM) as act:
        end_session(act, session_id=phone.session_id)
    knocking.works()

    assert knocking.states() == ["dropped"]
    assert knocking.push.sent == []


def test_browser_belongs_to_who_subscribed_there_last(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    with town.runtime.act(SYSTEM):
        pass
    phone = knocking.phone(sara)
    again = knocking.phone(sara)
    endpoint = "https://push.example.dk/the-same"

    assert knocking.subscribes(phone, endpoint)
    assert not knocking.subscribes(phone, endpoint)
    assert knocking.subscribes(again, endpoint)
    assert [row.session_id for row in town.rows(PushSubscription, ended_at=None)] == [again.session_id]


def test_a_citizen_has_so_many_browsers_and_not_more(knocking: Knocking, sara: uuid.UUID) -> None:
    phone = knocking.phone(sara)
    for _ in range(13):
        knocking.subscribes(phone)

    assert knocking.living() == 10


def test_endpoint_lies_nowhere_in_clear(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.subscribes(knocking.phone(sara), "https://push.example.dk/canary-endpoint")
    places(town, sara)
    knocking.works()
    with town.runtime.database.read() as session:
        rows = [
            repr([bytes(value.blob) if hasattr(value, "blob") else value for value in row])
            for table in PushSubscription.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        ]

    assert len(knocking.push.sent) == 1
    assert not [row for row in rows if "canary-endpoint" in row]


# Twice, at once, and death in between


def test_changes_that_are_seen_again_begin_nothing_again(knocking: Knocking, town: Town, sara: uuid.UUID) -> None:
    knocking.pushed(sara)
    places(town, sara)
    knocking.works()
    town.age(TailPosition, position=0)
    again = NoticeLane(town.runtime)
    while again.drain():
        pass
    knocking.works()

    assert len(town.rows(Notice)) == 1
    assert len(knocking.push.sent) == 1


def test_many_workers_begin_push_and_tell_once(
    knocking: Knocking, town: Town, sara: uuid.UUID, in_parallel: Callable[..., list[object]]
) -> None:
    for _ in range(3):
        knocking.pushed(sara)
    places(town, sara)
    in_parallel(lambda: NoticeLane(town.runtime).drain(), 4)
    knocking.clock.moment += pushing.LOOKS
    in_parallel(lambda: [PushLane(town.runtime, knocking.push).drain() for _ in range(4)], 4)
    knocking.clock.moment += timedelta(hours=1)
    in_parallel(lambda: NoticeLane(town.runtime).drain(), 4)

    assert len(knocking.push.sent) == 3
    assert len({message.recipient for message in knocking.push.sent}) == 3
    assert len(knocking.told()) == 1


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.parametrize("arrived", [False, True])
def test_kill_during_a_push_leaves_nothing_doubled(
    knocking: Knocking, town: Town, sara: uuid.UUID, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    """R2, K: between the commit of the intent and the record of its answer."""
    knocking.pushed(sara)
    places(town, sara)
    knocking.notices.drain()
    knocking.clock.moment += pushing.LOOKS
    send = knocking.push.send

    def dies(message: object) -> None:
        if arrived:
            send(message)
        raise Killed

    monkeypatch.setattr(knocking.push, "send", dies)
    with pytest.raises(Killed):
        knocking.pushes.drain()
    monkeypatch.undo()
    reborn = PushLane(town.runtime, knocking.push)
    reborn.bury_the_dead(all_of_them=True)
    while reborn.drain():
        pass

    assert len(knocking.push.sent) == arrived
    assert knocking.states() == ["unclear"]
    knocking.later(hours=1)
    assert len(knocking.told()) == 1


@pytest.mark.parametrize("step", ["begin_notice", "tell_by_sms"])
def test_kill_before_a_commit_leaves_it_to_the_next_process_and_nothing_doubled(
    knocking: Knocking, town: Town, sara: uuid.UUID, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from messaging.citizen_app import notifying

    knocking.pushed(sara)
    places(town, sara)
    if step == "tell_by_sms":
        knocking.works()
        knocking.clock.moment += timedelta(hours=1)
    does = getattr(notifying, step)

    def dies(*args: object, **named: object) -> None:
        does(*args, **named)
        raise Killed

    monkeypatch.setattr(notifying, step, dies)
    with pytest.raises(Killed):
        NoticeLane(town.runtime).drain()
    monkeypatch.undo()
    reborn = NoticeLane(town.runtime)
    while reborn.drain():
        pass
    knocking.works()
    knocking.later(hours=1)

    assert len(town.rows(Notice)) == 1
    assert len(knocking.push.sent) == 1
    assert len(knocking.told()) == 1


def test_table_of_push_states_is_whole_and_what_may_have_left_stays() -> None:
    assert set(PUSH_TRANSITIONS) == set(PushState)
    ends = (PushState.ACCEPTED, PushState.REFUSED, PushState.UNCLEAR, PushState.DROPPED)
    assert not any(PUSH_TRANSITIONS[state] for state in ends)
    assert PushState.INTENDED not in PUSH_TRANSITIONS[PushState.INTENDED]


def test_notice_that_cannot_be_written_holds_up_nobody_else(
    knocking: Knocking, town: Town, sara: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.citizen_app import notifying

    places(town, sara)
    monkeypatch.setattr(notifying, "_write", lambda *_: 1 / 0)
    knocking.works()
    assert knocking.told() == []

    monkeypatch.undo()
    knocking.later(minutes=11)
    assert len(knocking.told()) == 1
