"""A citizen with a key, a case system that keeps what it gets, and the lane between them."""

import uuid
from random import Random

import pytest

from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.journal.delivering import JournalLane
from messaging.vault.vault import Vault
from messaging.waits import Waits
from messaging.work.breaker import Breaker
from tests.journal.case_system import KeepingCaseSystem


@pytest.fixture
def citizen(vault: Vault) -> uuid.UUID:
    citizen = new_id()
    vault.create_owner(citizen)
    return citizen


@pytest.fixture
def case_system() -> KeepingCaseSystem:
    return KeepingCaseSystem()


@pytest.fixture
def waits() -> Waits:
    """The waiting times of the lane; a test that looks at them brings its own."""
    return Waits()


@pytest.fixture
def lane(
    database: Database, vault: Vault, case_system: KeepingCaseSystem, clock: FixedClock, waits: Waits
) -> JournalLane:
    return JournalLane(
        database=database,
        vault=vault,
        case_system=case_system,
        clock=clock,
        waits=waits,
        breaker=Breaker("case system", waits=waits),
        couriers=4,
        random=Random(7),
    )
