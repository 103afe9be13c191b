"""What the rows tell about the background work: who is silent, what is left alone, what waits too long, what is poison.

A check takes a session that reads and gives findings with a sentence for whoever keeps the service running. Rooms
build theirs from `waiting_too_long` and `poison`, or write their own; the command `doctor` puts them together.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.clock import COPENHAGEN
from messaging.database.moments import database_now
from messaging.work.breaker import BreakerState
from messaging.work.leasing import Column, Model, poisoned
from messaging.work.models import BreakerRow, Heartbeat

SILENT_SECONDS = 60
"""Four sweeps without a heartbeat."""

Check = Callable[[Session], Iterable[Finding]]


def heartbeats(session: Session, *, silent_seconds: float = SILENT_SECONDS) -> Iterator[Finding]:
    """Say whether the worker lives, and which of its loops are stuck or failing."""
    is_silent = Heartbeat.beat_at < database_now(-silent_seconds)
    beats = session.execute(sa.select(Heartbeat, is_silent).order_by(Heartbeat.beat_at.desc())).all()
    if not beats:
        yield _finding("worker_missing", "Arbejdsprocessen har ikke givet livstegn: intet sendes eller journaliseres.")
    elif beats[0][1]:
        yield _finding(
            "worker_silent",
            f"Arbejdsprocessen har været tavs siden {_shown(beats[0][0].beat_at)}: intet sendes eller journaliseres.",
        )
    else:
        for beat, silent in beats:
            yield from _of_loop(beat, silent=silent)


def breakers(session: Session) -> Iterator[Finding]:
    """Name the endpoints that are left alone for a while because calls to them failed."""
    for row in session.scalars(sa.select(BreakerRow).where(BreakerRow.state != BreakerState.CLOSED)):
        again = f"; der prøves igen {_shown(row.next_probe_at)}" if row.next_probe_at else ""
        yield _finding("breaker_open", f"Kald til {row.name} er sat på pause siden {_shown(row.since)}{again}.")


def waiting_too_long(name: str, model: Model, *, due: sa.ColumnElement[bool], since: Column, seconds: float) -> Check:
    """Return a check that tells when the oldest row that is `due` has been so `since` more than so many seconds."""
    too_long = (
        sa.select(sa.func.count(), sa.func.min(since)).select_from(model).where(due, since < database_now(-seconds))
    )

    def check(session: Session) -> Iterator[Finding]:
        number, oldest = session.execute(too_long).one()
        if number:
            yield _finding(f"{name}_waiting", f"{name}: {number} venter for længe, den ældste siden {_shown(oldest)}.")

    return check


def poison(name: str, model: Model, *, among: sa.ColumnElement[bool]) -> Check:
    """Return a check that names the rows at which processes died again and again and that nobody has parked yet."""

    def check(session: Session) -> Iterator[Finding]:
        for identity in poisoned(session, model, among=among):
            yield _finding(f"{name}_poison", f"{name}: {identity} er holdt tilbage, fordi processer døde med den.")

    return check


def _of_loop(beat: Heartbeat, *, silent: bool) -> Iterator[Finding]:
    if silent:
        yield _finding("loop_stuck", f"{beat.name} sidder fast siden {_shown(beat.beat_at)}.")
    if beat.errors:
        yield _finding("loop_failing", f"{beat.name} er fejlet {beat.errors} gange i træk: {beat.error_code}.")


def _finding(code: str, sentence: str) -> Finding:
    return Finding(code=code, sentence=sentence, blocking=False)


def _shown(moment: datetime) -> str:
    return moment.astimezone(COPENHAGEN).strftime("%d.%m. kl. %H.%M")
