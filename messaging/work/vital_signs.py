"""What the worker process writes down about itself, in rows that any other process can read."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.moments import database_now
from messaging.database.upserts import insert_into
from messaging.work.breaker import BreakerReport
from messaging.work.models import BreakerRow, Heartbeat


@dataclass(frozen=True, kw_only=True)
class Beat:
    """A loop that lives, and how its last turns ended."""

    name: str
    errors: int
    error_code: str | None


def record_beats(session: Session, beats: Iterable[Beat]) -> None:
    """Write that these loops are alive now."""
    for beat in beats:
        fresh = {"pid": os.getpid(), "beat_at": database_now(), "errors": beat.errors, "error_code": beat.error_code}
        session.execute(
            insert_into(session, Heartbeat)
            .values(name=beat.name, **fresh)
            .on_conflict_do_update(index_elements=["name"], set_=fresh)
        )


def record_breaker(session: Session, report: BreakerReport) -> None:
    """Write what state a breaker has come to."""
    fresh = {
        "state": report.state,
        "since": database_now(),
        "next_probe_at": None if report.probe_in is None else database_now(report.probe_in),
    }
    session.execute(
        insert_into(session, BreakerRow)
        .values(name=report.name, **fresh)
        .on_conflict_do_update(index_elements=["name"], set_=fresh)
    )


def forget_last_worker(session: Session) -> None:
    """Remove the signs of a worker that is gone, before a new one gives its own."""
    session.execute(sa.delete(Heartbeat))
    session.execute(sa.delete(BreakerRow))
