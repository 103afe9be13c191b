"""Tables in which the worker process says how it is, so that other processes can show it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, word_of
from messaging.work.breaker import BreakerState


class Heartbeat(Base):
    """One loop of the worker process. A loop that is dead, or stuck in one turn, stops beating."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    beat_at: Mapped[datetime]
    errors: Mapped[int]
    """Turns that failed in a row; 0 when the last one ended well."""
    error_code: Mapped[str | None]
    """Of the last turn that failed, kept after it recovered."""


class BreakerRow(Base):
    """Whether an endpoint of the outside world is being called."""

    __tablename__ = "breakers"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[BreakerState] = mapped_column(word_of(BreakerState))
    since: Mapped[datetime]
    next_probe_at: Mapped[datetime | None]
