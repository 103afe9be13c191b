"""journal status | reconcile | replay | park."""

import sqlite3
import threading
import uuid
from contextlib import closing

import pytest

from adapters.stubs.world import RunningStub
from messaging.journal.models import EventState, JournalEvent
from messaging.worker import build_runner
from tests.commands.conftest import Deployment, Refused
from tests.conversations.conftest import Town


@pytest.fixture
def written(town: Town) -> list[uuid.UUID]:
    """Events that nobody has delivered yet."""
    citizen = town.citizen()
    for number in range(3):
        town.writes(citizen, f"besked {number}")
    return [event.id for event in town.rows(JournalEvent)]


def deliver(town: Town) -> None:
    """Let the journal lane work once until it is empty."""
    runner = build_runner(town.runtime, stopping=threading.Event())
    (lane,) = [loop for loop in runner._loops if loop.name == "journal"]
    while lane._turn():
        pass


def states(town: Town) -> list[EventState]:
    return [event.state for event in town.rows(JournalEvent)]


def test_status_counts_events_by_state(deployment: Deployment, written: list[uuid.UUID]) -> None:
    status = deployment.json("journal", "status")

    assert status["counts"]["pending"] == len(written)
    assert status["gaps"] == 0
    assert f"pending    {len(written)}" in deployment.run("journal", "status").output


def test_reconciling_delivers_again_what_the_case_system_has_lost(
    deployment: Deployment, town: Town, written: list[uuid.UUID], stub: RunningStub
) -> None:
    deliver(town)
    with closing(sqlite3.connect(deployment.folder.parent / "world" / "stub.db")) as theirs, theirs:
        theirs.execute("DELETE FROM events WHERE event_id = ?", (str(written[-1]),))

    found = deployment.json("journal", "reconcile")
    assert (found["replayed"], found["discrepancies"]) == (1, [])
    deliver(town)
    assert states(town) == [EventState.RECEIPTED] * len(written)
    assert deployment.json("journal", "reconcile")["replayed"] == 0


def test_reconciling_with_a_case_system_that_is_away_says_so(deployment: Deployment, written: list[uuid.UUID]) -> None:
    deployment.settings["WEBHOOK_URL"] = "http://127.0.0.1:9/case-system"
    deployment.settings["STUB_ORIGINS"] += ", http://127.0.0.1:9"

    assert "cannot say now" in deployment.run("journal", "reconcile", code=1).stderr


def test_parked_event_stays_back_until_it_is_replayed(
    deployment: Deployment, town: Town, written: list[uuid.UUID]
) -> None:
    deployment.run("journal", "park", str(written[0]), "--reason", "wrong citizen")
    deliver(town)
    parked = deployment.json("journal", "status")["counts"]["parked"]
    said = deployment.run("journal", "replay", "--parked").output
    deliver(town)

    assert parked == 1
    assert "1 events will be delivered again" in said
    assert states(town) == [EventState.RECEIPTED] * len(written)


def test_replaying_needs_to_know_what(deployment: Deployment) -> None:
    assert "name events, or give --parked or --rejected" in deployment.run("journal", "replay", code=2).stderr


def test_parking_what_is_not_there_is_refused(refused: Refused) -> None:
    assert "no event of the journal has this id" in refused("journal", "park", str(uuid.uuid4()), "--reason", "x")


def test_parking_what_has_arrived_is_refused(town: Town, written: list[uuid.UUID], refused: Refused) -> None:
    deliver(town)

    assert "cannot be parked" in refused("journal", "park", str(written[0]), "--reason", "x")
