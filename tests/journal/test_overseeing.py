"""What an operator sees of the journal, and what replaying and parking do."""

import uuid
from datetime import timedelta

import pytest

from adapters.contract import JournalReceipt, ReceiptStatus
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.errors import Conflict, NotFound
from messaging.journal.delivering import JournalLane
from messaging.journal.models import EventState, JournalStream
from messaging.journal.overseeing import checks, park, replay, status
from messaging.journal.queries import journaled
from messaging.vault.vault import Vault
from tests.journal.case_system import KeepingCaseSystem
from tests.journal.writing import events_of, only_event, received, set_back, write, write_many

REJECTION = JournalReceipt(status=ReceiptStatus.REJECTED, reason="closed_case")


def codes(database: Database) -> list[str]:
    with database.read() as session:
        return [finding.code for finding in checks(session)]


def test_status_counts_every_state(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=3)
    case_system.answers = [None, REJECTION]
    lane.drain()
    write(database, vault, received(citizen))
    with database.read() as session:
        counts = status(session).counts

    assert counts == {
        EventState.PENDING: 1,
        EventState.DELIVERED: 0,
        EventState.RECEIPTED: 2,
        EventState.REJECTED: 1,
        EventState.PARKED: 0,
    }


def test_empty_journal_has_nothing_open_and_nothing_wrong(database: Database) -> None:
    with database.read() as session:
        now = status(session)

    assert (now.oldest_open, now.gaps) == (None, 0)
    assert codes(database) == []


def test_age_of_the_oldest_open_event_is_told_by_the_database_clock(
    database: Database, vault: Vault, citizen: uuid.UUID
) -> None:
    write(database, vault, received(citizen))
    set_back(database, pending_since=database_now(-90))
    with database.read() as session:
        age = status(session).oldest_open

    assert age is not None
    assert timedelta(seconds=89) < age < timedelta(seconds=120)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(3500, []), (3700, ["journal_overdue_1h"]), (86300, ["journal_overdue_1h"]), (86500, ["journal_overdue_24h"])],
)
def test_r17_overdue_events_alarm_after_an_hour_and_a_day(
    database: Database, vault: Vault, citizen: uuid.UUID, seconds: int, expected: list[str]
) -> None:
    """R17."""
    write(database, vault, received(citizen))
    set_back(database, pending_since=database_now(-seconds))

    assert codes(database) == expected


def test_receipted_events_are_never_overdue(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    write(database, vault, received(citizen))
    lane.drain()
    set_back(database, pending_since=database_now(-1_000_000))

    assert codes(database) == []


def test_parked_and_rejected_events_alarm(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    case_system.answers = [REJECTION]
    write(database, vault, received(citizen))
    lane.drain()
    kept_back = write(database, vault, received(citizen))
    with database.write() as session:
        park(session, event_id=kept_back.id, reason="wrong person")

    assert codes(database) == ["journal_parked", "journal_rejected"]


def test_number_without_event_alarms(database: Database, vault: Vault, citizen: uuid.UUID) -> None:
    write(database, vault, received(citizen))
    with database.write() as session:
        session.get_one(JournalStream, citizen).last_seq = 3

    assert codes(database) == ["journal_gaps"]


def test_parked_event_is_not_delivered(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    event = write(database, vault, received(citizen))
    with database.write() as session:
        park(session, event_id=event.id, reason="wrong person")
    lane.drain()

    assert case_system.delivered == []
    assert only_event(database, citizen).reason == "wrong person"


def test_receipted_event_cannot_be_parked(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    event = write(database, vault, received(citizen))
    lane.drain()

    with pytest.raises(Conflict), database.write() as session:
        park(session, event_id=event.id, reason="too late")


def test_unknown_event_cannot_be_parked(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as session:
        park(session, event_id=new_id(), reason="whatever")


def test_rejected_event_can_be_replayed_under_its_id(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write(database, vault, received(citizen))
    case_system.answers = [REJECTION]
    lane.drain()
    with database.write() as session:
        replayed = replay(session, states=[EventState.REJECTED])
    lane.drain()

    first, second = case_system.delivered
    assert replayed == 1
    assert (first.event_id, first.body) == (second.event_id, second.body)
    assert only_event(database, citizen).state is EventState.RECEIPTED


def test_replaying_one_event_leaves_the_others_alone(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane, case_system: KeepingCaseSystem
) -> None:
    write_many(database, vault, citizen, count=2)
    case_system.answers = [REJECTION, REJECTION]
    lane.drain()
    with database.write() as session:
        replay(session, event_ids=[events_of(database, citizen)[1].id])

    assert [event.state for event in events_of(database, citizen)] == [EventState.REJECTED, EventState.PENDING]


def test_screen_shows_the_receipt_of_the_event_that_carries_the_content(
    database: Database, vault: Vault, citizen: uuid.UUID, lane: JournalLane
) -> None:
    message = received(citizen)
    event = write(database, vault, message)
    lane.drain()
    write(database, vault, message)
    with database.read() as session:
        shown = journaled(session, stream_id=citizen, subject_ids=[message.subject_id, new_id()])

    assert list(shown) == [message.subject_id]
    assert (shown[message.subject_id].state, shown[message.subject_id].receipt_number) == (
        EventState.RECEIPTED,
        f"J-{event.id}",
    )
