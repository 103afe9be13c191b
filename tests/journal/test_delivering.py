"""The lane delivers each event until the case system has given a receipt for it, and never forgets one."""

import json
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapters.contract import JournalReceipt, ReceiptStatus
from adapters.errors import AdapterError, Misconfigured, TryLater
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.errors import DatabaseBusy
from messaging.journal.delivering import JournalLane
from messaging.journal.envelopes import Classification
from messaging.journal.models import EventState, JournalEvent
from messaging.journal.overseeing import replay as deliver_again
from messaging.vault.vault import TRIAGE, Vault
from messaging.waits import Waits
from messaging.work.breaker import Breaker
from messaging.work.leasing import Kind
from tests.journal.case_system import KeepingCaseSystem
from tests.journal.writing import NOON, events_of, only_event, received, set_back, write, write_many


def wait_of(database: Database, event: JournalEvent) -> float:
    """Seconds until the event is tried again, by the database's clock."""
    with database.read() as session:
        now = session.scalar(sa.select(database_now()))
    assert now is not None
    return (event.next_try_at - now).total_seconds()


def test_receipt_is_kept_with_the_event(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, clock: FixedClock
) -> None:
    write(database, vault, received(citizen))
    lane.drain()
    event = only_event(database, citizen)

    assert (event.state, event.receipt_number) == (EventState.RECEIPTED, f"J-{event.id}")
    assert event.receipted_at == clock.now()
    assert event.lease_token is None


def test_body_is_the_event_and_its_facts_in_canonical_form(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    event = write(database, vault, received(citizen, text="Jeg er forsinket, mødes vi kl. 10?"))
    lane.drain()
    [delivered] = case_system.delivered

    told = json.loads(delivered.body)
    assert told == {
        "event_id": str(event.id),
        "stream_id": str(citizen),
        "seq": 1,
        "type": "message.received",
        "occurred_at": "2027-01-04T11:00:00Z",
        "subject_id": str(event.subject_id),
        "party": str(citizen),
        "facts": {
            "author": "citizen",
            "channel": "sms",
            "direction": "in",
            "text": "Jeg er forsinket, mødes vi kl. 10?",
        },
    }
    assert delivered.body.decode() == json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert (delivered.stream_id, delivered.seq, delivered.occurred_at) == (str(citizen), 1, NOON)


def test_triage_event_names_no_party(
    database: Database, vault: Vault, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(TRIAGE))
    lane.drain()

    assert "party" not in json.loads(case_system.delivered[0].body)


def test_configured_classification_stands_in_every_event(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    replace(lane, classification=Classification(kle="00.00.00", facet="G01")).drain()

    told = json.loads(case_system.delivered[0].body)
    assert (told["kle"], told["facet"]) == ("00.00.00", "G01")


def test_events_of_one_stream_travel_in_their_order(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=30)
    lane.drain()

    assert [event.seq for event in case_system.delivered] == list(range(1, 31))


def test_a_batch_is_a_hundred_events(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=101)

    assert [lane.drain(), lane.drain(), lane.drain()] == [100, 1, 0]
    assert len(case_system.kept) == 101


def test_no_transaction_is_open_while_an_event_travels(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    case_system.on_delivery = lambda _: write(database, vault, received(citizen))
    lane.drain()

    assert [event.state for event in events_of(database, citizen)] == [EventState.RECEIPTED, EventState.PENDING]


@pytest.mark.parametrize(
    ("receipt", "state"),
    [
        (JournalReceipt(status=ReceiptStatus.ACCEPTED, receipt_number="J-1"), EventState.RECEIPTED),
        (JournalReceipt(status=ReceiptStatus.RECEIVED), EventState.DELIVERED),
        (JournalReceipt(status=ReceiptStatus.REJECTED, reason="closed_case"), EventState.REJECTED),
        (JournalReceipt(status=ReceiptStatus.ACCEPTED), EventState.PENDING),
        (JournalReceipt(status=ReceiptStatus.ACCEPTED, receipt_number=" "), EventState.PENDING),
    ],
    ids=["number", "received", "rejected", "no number", "blank number"],
)
def test_r18_only_a_receipt_number_means_journaled(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    receipt: JournalReceipt,
    state: EventState,
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [receipt]
    lane.drain()

    assert only_event(database, citizen).state is state


def test_rejected_event_keeps_the_reason_and_is_not_delivered_again(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [JournalReceipt(status=ReceiptStatus.REJECTED, reason="closed_case")]

    assert [lane.drain(), lane.drain()] == [1, 0]
    assert only_event(database, citizen).reason == "closed_case"


@pytest.mark.parametrize(
    ("error", "tries", "wait"),
    [
        (TryLater("http_500"), 1, 5),
        (TryLater("http_429", retry_after=77, counts=False), 0, 77),
        (TryLater("http_503", retry_after=1e9), 1, 43200),
        (TryLater("gone"), 0, 600),
        (Misconfigured("url_refused"), 0, 600),
    ],
    ids=lambda value: value.code if isinstance(value, AdapterError) else None,
)
def test_f18_failed_delivery_waits_and_stays_pending(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    error: AdapterError,
    tries: int,
    wait: float,
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [error]
    lane.drain()
    event = only_event(database, citizen)

    assert (event.state, event.tries, event.reason) == (EventState.PENDING, tries, error.code)
    assert 0.8 * wait - 2 <= wait_of(database, event) <= 1.2 * wait


def test_waits_grow_by_the_plan(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    waited = []
    for _ in range(4):
        case_system.answers = [TryLater("http_500")]
        set_back(database, next_try_at=database_now())
        lane.drain()
        waited.append(wait_of(database, only_event(database, citizen)))

    for seconds, planned in zip(waited, (5, 30, 120, 600), strict=True):
        assert 0.8 * planned - 2 <= seconds <= 1.2 * planned


def test_event_that_an_adapter_breaks_on_does_not_stop_the_others(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=3)
    case_system.answers = [None, RuntimeError("boom"), None]
    lane.drain()
    states = [event.state for event in events_of(database, citizen)]

    assert states == [EventState.RECEIPTED, EventState.PENDING, EventState.RECEIPTED]


def test_open_breaker_burns_no_tries(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    """R15 for the journal: the fifth failure in a row opens it, in the middle of a batch."""
    write_many(database, vault, citizen, count=10)
    case_system.answers = [TryLater("http_500")] * 10
    lane.drain()
    events = events_of(database, citizen)

    assert [event.tries for event in events] == [1] * 5 + [0] * 5
    assert [(event.lease_token, event.deaths) for event in events[5:]] == [(None, 0)] * 5
    assert lane.drain() == 0


def test_r17_event_that_nobody_takes_is_parked_with_its_content(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    waits: Waits,
) -> None:
    """R17: after fourteen days it is parked, and replaying delivers the same words."""
    write(database, vault, received(citizen, text="Må jeg tage min mor med?"))
    case_system.answers = [TryLater("http_500")]
    set_back(database, pending_since=database_now(-waits.journal_patience - 1))
    lane.drain()

    assert only_event(database, citizen).state is EventState.PARKED
    assert lane.drain() == 0
    with database.write() as session:
        assert deliver_again(session, states=[EventState.PARKED]) == 1
    lane.drain()
    [kept] = case_system.kept.values()
    assert json.loads(kept.body)["facts"]["text"] == "Må jeg tage min mor med?"
    assert only_event(database, citizen).state is EventState.RECEIPTED


def test_event_younger_than_the_patience_is_not_parked(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    waits: Waits,
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [TryLater("http_500")]
    set_back(database, pending_since=database_now(-waits.journal_patience + 60))
    lane.drain()

    assert only_event(database, citizen).state is EventState.PENDING


def test_f18_two_days_of_errors_lose_and_repeat_nothing(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    """F18 with the waits skipped: 500s, slowness, unsigned friendliness, then health again."""
    write_many(database, vault, citizen, count=4)
    for code in ("http_500", "read_timeout", "no_receipt", "http_301", "tls_failed", "gone"):
        case_system.answers = [TryLater(code)] * 4
        set_back(database, next_try_at=database_now())
        forgiving(lane).drain()
    case_system.answers = []
    set_back(database, next_try_at=database_now())
    lane.drain()

    assert sorted(event.seq for event in case_system.kept.values()) == [1, 2, 3, 4]
    assert {event.state for event in events_of(database, citizen)} == {EventState.RECEIPTED}


def test_crash_between_delivery_and_writing_delivers_again_under_the_same_id(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    lane._deliver(lane._open(lane._claim(Kind.CLEAN))[0])
    set_back(database, lease_until=database_now(-1))
    lane.drain()

    assert [event.event_id for event in case_system.delivered] == list(case_system.kept) * 2
    assert case_system.delivered[0].body == case_system.delivered[1].body
    assert only_event(database, citizen).state is EventState.RECEIPTED


def test_event_at_which_three_processes_died_alone_is_parked(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    """R21 for the journal: the first death was that of a batch, and accuses nobody."""
    write(database, vault, received(citizen))
    for kind in (Kind.CLEAN, Kind.SUSPECT, Kind.SUSPECT, Kind.SUSPECT):
        assert lane._claim(kind)
        set_back(database, lease_until=database_now(-1))
    lane.drain()

    event = only_event(database, citizen)
    assert (event.state, event.reason) == (EventState.PARKED, "process_died")
    assert case_system.delivered == []


def test_events_with_which_a_process_died_are_delivered_one_by_one_before_all_others(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    """R21: a process that is killed again has at most one of them in hand."""
    write_many(database, vault, citizen, count=2)
    lane._claim(Kind.CLEAN)
    set_back(database, lease_until=database_now(-1))
    write_many(database, vault, citizen, count=3)

    assert [lane.drain() for _ in range(4)] == [1, 1, 3, 0]
    assert {event.state for event in events_of(database, citizen)} == {EventState.RECEIPTED}


def test_late_receipt_of_a_lost_lease_is_merged(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    """R14 for the journal: the zombie's receipt counts though another has taken the event over and failed."""
    write(database, vault, received(citizen))

    def take_over(_: object) -> None:
        case_system.on_delivery = lambda _: None
        case_system.answers = [TryLater("http_500")]
        set_back(database, lease_until=database_now(-1))
        lane.drain()

    case_system.on_delivery = take_over
    lane.drain()

    assert only_event(database, citizen).state is EventState.RECEIPTED


def test_late_failure_of_a_lost_lease_changes_nothing(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))

    def take_over(_: object) -> None:
        case_system.on_delivery = lambda _: None
        set_back(database, lease_until=database_now(-1))
        lane.drain()
        case_system.answers = [TryLater("read_timeout")]

    case_system.on_delivery = take_over
    lane.drain()

    event = only_event(database, citizen)
    assert (event.state, event.tries) == (EventState.RECEIPTED, 0)


def test_events_are_not_begun_in_the_second_half_of_the_lease(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=2)
    replace(lane, waits=Waits().scaled(0)).drain()

    assert case_system.delivered == []
    assert [(event.lease_token, event.tries, event.deaths) for event in events_of(database, citizen)] == [
        (None, 0, 0)
    ] * 2


def test_stopping_begins_nothing_more_and_gives_the_rest_back(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=3)
    case_system.on_delivery = lambda _: lane.stopping.set()
    lane.drain()

    assert [(event.state, event.lease_token) for event in events_of(database, citizen)] == [
        (EventState.RECEIPTED, None),
        (EventState.PENDING, None),
        (EventState.PENDING, None),
    ]


def test_event_that_does_not_open_is_parked_and_the_others_go(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    write_many(database, vault, citizen, count=2)
    first, second = events_of(database, citizen)
    with database.write() as session:
        session.execute(sa.update(JournalEvent).filter_by(id=first.id).values(payload=second.payload))
    lane.drain()
    first, second = events_of(database, citizen)

    assert (first.state, first.reason) == (EventState.PARKED, "cannot_open")
    assert second.state is EventState.RECEIPTED


def test_silent_keystore_gives_the_claim_back(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    write(database, vault, received(citizen))
    with pytest.raises(DatabaseBusy):
        replace(lane, vault=SilentVault()).drain()

    event = only_event(database, citizen)
    assert (event.state, event.lease_token, event.deaths) == (EventState.PENDING, None, 0)


def test_r16_each_event_stands_once_in_the_case_system(
    database: Database, vault: Vault, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    """R16: faults at every third delivery, and after dedupe each stream is there whole."""
    streams = [new_id() for _ in range(5)]
    vault.create_owners(streams)
    for stream_id in streams:
        write_many(database, vault, stream_id, count=12)
    case_system.answers = [TryLater("http_500"), None, None] * 20
    for _ in range(5):
        while forgiving(lane).drain():
            pass
        set_back(database, next_try_at=database_now())

    for stream_id in streams:
        kept = [event.seq for event in case_system.kept.values() if event.stream_id == str(stream_id)]
        assert sorted(kept) == list(range(1, 13))


class SilentVault(Vault):
    """A vault whose keystore does not answer."""

    def __init__(self) -> None:
        pass

    def warm(self, owners: object) -> None:
        raise DatabaseBusy("no answer")


def forgiving(lane: JournalLane) -> JournalLane:
    """The lane with a breaker that has forgotten what was."""
    return replace(lane, breaker=Breaker("case system", waits=lane.waits))
