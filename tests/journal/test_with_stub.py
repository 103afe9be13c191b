"""The lane against the case-system stub over signed webhooks: whatever the stub does, each event stands there once."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.case_systems.webhook import WebhookCaseSystem
from adapters.http import HttpSession
from adapters.stubs.faults import Fault
from adapters.stubs.settings import new_settings
from adapters.stubs.world import RunningStub, running_stub
from messaging.clock import FixedClock
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.journal.delivering import JournalLane
from messaging.journal.models import EventState
from messaging.journal.overseeing import replay
from messaging.journal.reconciling import Reconciliation, reconcile
from messaging.vault.vault import Vault
from messaging.work.breaker import Breaker
from tests.journal.writing import events_of, set_back, write_many

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[RunningStub]:
    settings = new_settings(service_url="http://127.0.0.1:9", pace=0.1, numbers=("+4560575700",))
    with running_stub(tmp_path / "stub", settings=settings) as running:
        yield running


@pytest.fixture
def webhook(stub: RunningStub) -> Iterator[WebhookCaseSystem]:
    http = HttpSession(stub_origins=[stub.url], pace=0.02)
    yield WebhookCaseSystem.from_settings(stub.settings.webhook(stub.url), http=http)
    http.close()


@pytest.fixture
def lane(lane: JournalLane, webhook: WebhookCaseSystem) -> JournalLane:
    return replace(lane, case_system=webhook)


def heal_and_drain(lane: JournalLane, database: Database, stub: RunningStub) -> None:
    """Let the stub be well again and all waits be over."""
    stub.faults.clear()
    set_back(database, next_try_at=database_now())
    replace(lane, breaker=Breaker("case system", waits=lane.waits)).drain()


def journal_of_stub(stub: RunningStub) -> list[tuple[int, str]]:
    return [(row["seq"], row["receipt"]) for row in stub.store.read("SELECT * FROM events ORDER BY seq")]


def journal_of_ours(database: Database, citizen: uuid.UUID) -> list[tuple[int, str | None]]:
    return [(event.seq, event.receipt_number) for event in events_of(database, citizen)]


def test_both_journals_hold_the_same_receipts(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, stub: RunningStub
) -> None:
    write_many(database, vault, citizen, count=20)
    lane.drain()

    assert len(journal_of_stub(stub)) == 20
    assert journal_of_ours(database, citizen) == journal_of_stub(stub)


@pytest.mark.parametrize("kind", ["error", "gone", "blank_receipt", "wrong_receipt", "duplicate"])
def test_f18_no_fault_loses_or_doubles_an_event(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, stub: RunningStub, kind: str
) -> None:
    """F18, R16, R18."""
    stub.faults.add(Fault(place="case_system", kind=kind))
    write_many(database, vault, citizen, count=4)
    lane.drain()

    assert {event.state for event in events_of(database, citizen)} == {EventState.PENDING}
    heal_and_drain(lane, database, stub)
    assert len(journal_of_stub(stub)) == 4
    assert journal_of_ours(database, citizen) == journal_of_stub(stub)


def test_f18_slow_case_system_is_left_alone_until_it_answers(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, stub: RunningStub
) -> None:
    """F18: the answer comes after our patience; the event stands there once all the same."""
    stub.faults.add(Fault(place="case_system", kind="slow", seconds=1))
    write_many(database, vault, citizen, count=1)
    lane.drain()

    assert [event.reason for event in events_of(database, citizen)] == ["read_timeout"]
    heal_and_drain(lane, database, stub)
    assert len(journal_of_stub(stub)) == 1


def test_rejected_event_can_be_replayed(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, stub: RunningStub
) -> None:
    stub.faults.add(Fault(place="case_system", kind="rejected"))
    write_many(database, vault, citizen, count=1)
    lane.drain()
    states = [event.state for event in events_of(database, citizen)]
    with database.write() as session:
        replay(session, states=[EventState.REJECTED])
    heal_and_drain(lane, database, stub)

    assert states == [EventState.REJECTED]
    assert journal_of_ours(database, citizen) == journal_of_stub(stub)


def test_reconciliation_delivers_again_what_was_received_and_never_kept(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    stub: RunningStub,
    webhook: WebhookCaseSystem,
    clock: FixedClock,
) -> None:
    stub.faults.add(Fault(place="case_system", kind="received", count=2))
    write_many(database, vault, citizen, count=5)
    lane.drain()
    found = reconcile(database, webhook, clock=clock)
    heal_and_drain(lane, database, stub)

    assert found.replayed == 2
    assert journal_of_ours(database, citizen) == journal_of_stub(stub)
    assert reconcile(database, webhook, clock=clock) == Reconciliation(streams=1, events=5)
