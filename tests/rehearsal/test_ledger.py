"""The ledger of a rehearsal sees what was lost, doubled, changed or left out; or else it would prove nothing."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from messaging.appointments.work import AppointmentWork
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.journal.models import EventState, JournalEvent
from messaging.rehearsal import ledger
from messaging.rehearsal.input import Reply
from messaging.rehearsal.ledger import World
from messaging.runtime import Runtime
from tests.conversations.conftest import AHMED, SARA, Town

EMPTY = World(inbound={}, accepted=Counter(), delivered=0, journal={})


def test_text_that_is_stored_and_opens_equal_is_neither_lost_nor_doubled(runtime: Runtime, town: Town) -> None:
    town.citizen()
    town.hears("hej med jer", id_="SM1")
    town.hears("hvem er I?", sender="+4550123456", id_="SM2")
    world = replace(EMPTY, inbound={"SM1": "hej med jer", "SM2": "hvem er I?"})

    entry = ledger.inbound_entry(runtime, world)
    assert entry == {
        "posted": 2,
        "stored": 2,
        "opened_equal": 2,
        "found_by_poll": 0,
        "in_triage": 1,
        "lost": 0,
        "duplicated": 0,
    }


def test_text_that_never_came_in_is_lost(runtime: Runtime, town: Town) -> None:
    town.citizen()
    town.hears("hej", id_="SM1")

    entry = ledger.inbound_entry(runtime, replace(EMPTY, inbound={"SM1": "hej", "SM2": "hallo"}))
    assert entry["lost"] == 1


def test_text_that_opens_to_another_is_not_equal(runtime: Runtime, town: Town) -> None:
    town.citizen()
    town.hears("hej", id_="SM1")

    assert ledger.inbound_entry(runtime, replace(EMPTY, inbound={"SM1": "farvel"}))["opened_equal"] == 0


@pytest.fixture
def sent(town: Town) -> Callable[..., uuid.UUID]:
    """Writes and sends a message."""
    citizen = town.citizen()

    def send(text: str) -> uuid.UUID:
        message = town.writes(citizen, text)
        town.sends()
        return message

    return send


@pytest.mark.parametrize(
    ("accepted", "lost", "duplicated"), [(0, 1, 0), (1, 0, 0), (2, 0, 1), (4, 0, 3)], ids=lambda value: str(value)
)
def test_outbound_is_held_against_what_the_provider_took(
    accepted: int, lost: int, duplicated: int, runtime: Runtime, sent: Callable[..., uuid.UUID]
) -> None:
    sent("Vi ses kl. 10")
    world = replace(EMPTY, accepted=Counter({(SARA, "Vi ses kl. 10"): accepted}))

    entry = ledger.outbound_entry(runtime, world)
    assert (entry["lost"], entry["duplicated"]) == (lost, duplicated)


def test_message_that_reached_a_strange_number_is_lost_and_one_too_many(
    runtime: Runtime, sent: Callable[..., uuid.UUID]
) -> None:
    sent("Vi ses kl. 10")

    entry = ledger.outbound_entry(runtime, replace(EMPTY, accepted=Counter({(AHMED, "Vi ses kl. 10"): 1})))
    assert (entry["lost"], entry["duplicated"]) == (1, 1)


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENDING, MessageState.UNCLEAR])
def test_message_that_is_still_on_its_way_at_the_end_is_lost(state: MessageState, runtime: Runtime, town: Town) -> None:
    message = town.writes(town.citizen(), "Vi ses")
    town.age(Message, state=state)

    assert town.message(message).state is state
    assert ledger.outbound_entry(runtime, EMPTY)["lost"] == 1


def their(runtime: Runtime) -> dict[str, tuple[str, int, str]]:
    """The case system's journal when it has everything, with our receipt numbers set to its own."""
    with runtime.database.write() as session:
        session.execute(sa.update(JournalEvent).values(state=EventState.RECEIPTED, receipt_number="J-1"))
        events = session.scalars(sa.select(JournalEvent)).all()
        return {str(event.id): (str(event.stream_id), event.seq, "J-1") for event in events}


def test_journal_that_is_whole_has_no_gaps(runtime: Runtime, sent: Callable[..., uuid.UUID]) -> None:
    sent("Vi ses")

    entry = ledger.journal_entry(runtime, replace(EMPTY, journal=their(runtime)))
    assert entry["expected"] == entry["receipted"] > 1
    assert (entry["gaps"], entry["lost"], entry["duplicated"]) == (0, 0, 0)


def test_event_the_case_system_lacks_is_a_gap_and_lost(runtime: Runtime, sent: Callable[..., uuid.UUID]) -> None:
    sent("Vi ses")
    journal = their(runtime)
    journal.popitem()

    entry = ledger.journal_entry(runtime, replace(EMPTY, journal=journal))
    assert (entry["gaps"], entry["lost"]) == (1, 1)
    assert entry["receipted"] == entry["expected"] - 1


def test_number_that_was_given_and_has_no_event_is_a_gap(runtime: Runtime, sent: Callable[..., uuid.UUID]) -> None:
    sent("Vi ses")
    journal = their(runtime)
    with runtime.database.write() as session:
        last = session.scalars(sa.select(JournalEvent.id).order_by(JournalEvent.seq.desc())).first()
        session.execute(sa.delete(JournalEvent).filter_by(id=last))

    assert ledger.journal_entry(runtime, replace(EMPTY, journal=journal))["gaps"] == 1


def test_event_the_case_system_holds_twice_is_doubled(runtime: Runtime, sent: Callable[..., uuid.UUID]) -> None:
    sent("Vi ses")
    journal = their(runtime)
    journal[str(uuid.uuid4())] = next(iter(journal.values()))

    assert ledger.journal_entry(runtime, replace(EMPTY, journal=journal))["duplicated"] == 1


def test_receipt_number_that_is_not_theirs_does_not_count(runtime: Runtime, sent: Callable[..., uuid.UUID]) -> None:
    sent("Vi ses")
    journal = {id_: (stream, seq, "J-9") for id_, (stream, seq, _) in their(runtime).items()}

    assert ledger.journal_entry(runtime, replace(EMPTY, journal=journal))["receipted"] == 0


@pytest.mark.usefixtures("templates")
def test_replies_are_right_wrong_left_to_a_human_or_unread(runtime: Runtime, town: Town) -> None:
    town.citizen()
    given = [
        ("confirm", "1"),
        ("sick", "1"),
        ("other", "hvad synes du om sagen fra i går?"),
        ("thanks", "ø"),
        ("x", ""),
    ]
    for number, (_, text) in enumerate(given[:-1]):
        town.hears(text, id_=f"SM{number}")
    reader = next(worker for worker in AppointmentWork(runtime=runtime).workers() if worker.name == "answers")
    while reader.drain():
        pass
    replies = [Reply(label=label, text=text) for label, text in given]

    entry = ledger.reply_entry(runtime, replies, [f"SM{number}" for number in range(len(given))])
    assert {name: entry[name] for name in ("total", "right", "wrong", "human", "unread")} == {
        "total": 5,
        "right": 2,
        "wrong": 1,
        "human": 1,
        "unread": 1,
    }
    assert entry["by_label"]["sick"] == {"wrong": 1}


@pytest.mark.usefixtures("templates")
def test_reply_taken_for_stop_is_counted_as_a_false_stop(runtime: Runtime, town: Town) -> None:
    town.citizen()
    town.hears("STOP", id_="SM1")
    reader = next(worker for worker in AppointmentWork(runtime=runtime).workers() if worker.name == "answers")
    while reader.drain():
        pass

    entry = ledger.reply_entry(runtime, [Reply(label="new_time", text="STOP")], ["SM1"])
    assert (entry["false_stop"], entry["wrong"]) == (1, 1)
