"""The lanes of background work and the loops that drain them.

A lane only says which rows to look at; the rows themselves are the queue. Whoever commits a due row wakes its lane; a
lost wake-up costs the seconds until the next look, nothing else.
"""

import enum
from typing import Protocol


class Lane(enum.StrEnum):
    """What there is to do, the most pressing first. Messages use the first three, in this order."""

    URGENT = "urgent"
    INTERACTIVE = "interactive"
    BULK = "bulk"
    JOURNAL = "journal"
    UPKEEP = "upkeep"


MESSAGE_LANES = (Lane.URGENT, Lane.INTERACTIVE, Lane.BULK)


class Waker(Protocol):
    """Tells the workers that a lane has work. May lose, repeat or reorder; never raises."""

    def wake(self, *lanes: Lane) -> None:
        """Say that these lanes have work."""
        ...

    def close(self) -> None:
        """Let go of what it wakes by."""
        ...
