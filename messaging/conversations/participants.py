"""A meeting with several citizens, as whom one may write to together. Which there are another room knows."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from messaging.people.actors import Actor


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """A coming meeting of several citizens at one time and place; `id` is that of its first citizen's appointment."""

    id: uuid.UUID
    starts_at: datetime
    meeting_type: str
    place: str | None
    citizen_ids: tuple[uuid.UUID, ...]


GatheringsOf = Callable[[Session, Actor, datetime], Sequence[Gathering]]
"""Says which meetings of several citizens are ahead for somebody."""
