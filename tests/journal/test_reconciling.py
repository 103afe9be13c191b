"""Reconciliation finds every difference between our journal and theirs, and repairs what can be repaired."""

import uuid

import pytest
import sqlalchemy as sa

from adapters.contract import JournalReceipt, ReceiptStatus, StreamStanding
from adapters.errors import TryLater
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.journal.delivering import JournalLane
from messaging.journal.models import EventState, JournalEvent
from messaging.journal.reconciling import MOST_IDS, Discrepancy, Doubt, Reconciliation, reconcile
from messaging.vault.vault import Vault
from messaging.work.leasing import Kind
from tests.journal.case_system import KeepingCaseSystem
from tests.journal.writing import events_of, only_event, received, set_back, write, write_many


class OtherwiseSaying(KeepingCaseSystem):
    """Says of the stream what a test puts down."""

    def __init__(self, standing: StreamStanding) -> None:
        super().__init__()
        self._said = standing

    def standing(self, stream_ids: object) -> list[StreamStanding]:
        return [self._said]


def test_journals_that_agree_change_nothing(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    write_many(database, vault, citizen, count=3)
    lane.drain()
    before = [event.receipt_number for event in events_of(database, citizen)]

    assert reconcile(database, case_system, clock=clock) == Reconciliation(streams=1, events=3)
    assert [event.receipt_number for event in events_of(database, citizen)] == before


def test_receipt_that_got_lost_is_taken_over(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    """The case system took the event, and its answer never came."""
    write(database, vault, received(citizen))
    lane._deliver(lane._open(lane._claim(Kind.CLEAN))[0])
    found = reconcile(database, case_system, clock=clock)
    event = only_event(database, citizen)

    assert found.receipts_taken == 1
    assert (event.state, event.receipt_number, event.receipted_at) == (
        EventState.RECEIPTED,
        f"J-{event.id}",
        clock.now(),
    )


def test_event_that_was_only_received_gets_its_receipt_later(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [JournalReceipt(status=ReceiptStatus.RECEIVED)]
    lane.drain()
    [delivered] = case_system.delivered
    case_system.kept[delivered.event_id] = delivered
    reconcile(database, case_system, clock=clock)

    assert only_event(database, citizen).state is EventState.RECEIPTED


@pytest.mark.parametrize("lost_seq", [1, 2, 3])
def test_event_that_the_case_system_lost_is_delivered_again(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
    lost_seq: int,
) -> None:
    write_many(database, vault, citizen, count=3)
    lane.drain()
    lost = events_of(database, citizen)[lost_seq - 1]
    del case_system.kept[str(lost.id)]
    found = reconcile(database, case_system, clock=clock)
    lane.drain()

    assert found.replayed == 1
    assert str(lost.id) in case_system.kept
    assert {event.state for event in events_of(database, citizen)} == {EventState.RECEIPTED}


def test_everything_lost_is_everything_replayed(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    """More events than fit into one statement."""
    write_many(database, vault, citizen, count=MOST_IDS + 1)
    set_back(database, state=EventState.RECEIPTED)

    assert reconcile(database, case_system, clock=clock).replayed == MOST_IDS + 1


def test_event_still_to_be_delivered_is_no_loss(
    database: Database, vault: Vault, citizen: uuid.UUID, case_system: KeepingCaseSystem, clock: FixedClock
) -> None:
    write(database, vault, received(citizen))

    assert reconcile(database, case_system, clock=clock) == Reconciliation(streams=1, events=1)


def test_number_without_event_is_told(
    database: Database,
    vault: Vault,
    citizen: uuid.UUID,
    lane: JournalLane,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    write_many(database, vault, citizen, count=3)
    lane.drain()
    with database.write() as session:
        session.execute(sa.delete(JournalEvent).filter_by(seq=2))
    found = reconcile(database, case_system, clock=clock)

    assert found.discrepancies == (Discrepancy(stream_id=citizen, doubt=Doubt.MISSING_HERE, seq=2),)


def test_number_we_never_gave_is_told(database: Database, vault: Vault, citizen: uuid.UUID, clock: FixedClock) -> None:
    write(database, vault, received(citizen))
    case_system = OtherwiseSaying(StreamStanding(stream_id=str(citizen), count=5, highest=5))
    found = reconcile(database, case_system, clock=clock)

    assert found.discrepancies == (Discrepancy(stream_id=citizen, doubt=Doubt.UNKNOWN_HERE, seq=5),)


def test_event_recorded_while_the_case_system_was_asked_is_no_doubt(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, clock: FixedClock
) -> None:
    class Slow(KeepingCaseSystem):
        def standing(self, stream_ids: list[str]) -> list[StreamStanding]:  # type: ignore[override]
            write(database, vault, received(citizen))
            return [StreamStanding(stream_id=stream_ids[0], count=2, highest=2)]

    write(database, vault, received(citizen))

    assert reconcile(database, Slow(), clock=clock).discrepancies == ()


def test_other_receipt_is_told_and_ours_is_kept(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, clock: FixedClock
) -> None:
    event = write(database, vault, received(citizen))
    lane.drain()
    case_system = OtherwiseSaying(StreamStanding(stream_id=str(citizen), count=1, highest=1, receipts={1: "J-wrong"}))
    found = reconcile(database, case_system, clock=clock)

    assert found.discrepancies == (Discrepancy(stream_id=citizen, doubt=Doubt.OTHER_RECEIPT, seq=1),)
    assert only_event(database, citizen).receipt_number == f"J-{event.id}"


def test_count_that_does_not_fit_is_told(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, clock: FixedClock
) -> None:
    write_many(database, vault, citizen, count=3)
    lane.drain()
    case_system = OtherwiseSaying(StreamStanding(stream_id=str(citizen), count=2, highest=3))
    found = reconcile(database, case_system, clock=clock)

    assert found.discrepancies == (Discrepancy(stream_id=citizen, doubt=Doubt.COUNT_DIFFERS),)


def test_streams_are_asked_for_in_pages(
    database: Database,
    vault: Vault,
    case_system: KeepingCaseSystem,
    clock: FixedClock,
) -> None:
    streams = [new_id() for _ in range(5)]
    vault.create_owners(streams)
    for stream_id in streams:
        write(database, vault, received(stream_id))
    heard: list[int] = []
    found = reconcile(database, case_system, clock=clock, page_size=2, progress=heard.append)

    assert heard == [2, 4, 5]
    assert found.streams == 5


def test_silent_case_system_changes_nothing(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, clock: FixedClock
) -> None:
    class Silent(KeepingCaseSystem):
        def standing(self, stream_ids: object) -> list[StreamStanding]:
            raise TryLater("http_500")

    write(database, vault, received(citizen))
    lane.drain()
    with pytest.raises(TryLater):
        reconcile(database, Silent(), clock=clock)

    assert only_event(database, citizen).state is EventState.RECEIPTED
