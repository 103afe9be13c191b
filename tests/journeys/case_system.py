"""The case system takes what is written, as the worker lets it."""

import threading
from random import Random

from messaging.journal.delivering import JournalLane
from messaging.work.breaker import Breaker
from tests.house import House


def journal(house: House) -> None:
    """Let it take all that is written."""
    runtime = house.runtime
    lane = JournalLane(
        database=runtime.database,
        vault=runtime.vault,
        case_system=runtime.case_system,
        clock=runtime.clock,
        waits=runtime.config.waits,
        breaker=Breaker("case system", waits=runtime.config.waits),
        couriers=1,
        random=Random(7),
        stopping=threading.Event(),
    )
    while lane.drain():
        pass
