"""What became of a delivery, and how it is written: each event by its own id, whoever holds its lease by now.

A receipt is true even when it comes late, so it counts for whoever brings it. A failure says only that this delivery
brought none, so it counts for the holder of the lease alone.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.moments import database_now
from messaging.journal.models import EventState, JournalEvent, may_become
from messaging.journal.row_updates import Columns, RowUpdate
from messaging.work.leasing import DEATHS_IN_BATCHES, FREED, poisoned

PENDING = JournalEvent.state == sa.literal_column("'pending'")
"""Written as a literal, so that the database sees that its partial index fits."""

DIED = "process_died"
"""Reason of an event at which process after process died."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """An event for which nothing is to be done by itself now."""

    event_id: uuid.UUID
    state: EventState
    receipt_number: str | None = None
    receipted_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Postponed:
    """An event to be delivered again after `wait` seconds; `counts` if this try was one of its own failures."""

    event_id: uuid.UUID
    wait: float
    reason: str
    counts: bool


def settle(session: Session, settled: Sequence[Settled]) -> None:
    """Write what the case system has said, one statement for each state it led to."""
    for state in sorted({one.state for one in settled}):
        rows = [
            {
                "event": one.event_id,
                "receipt_number": one.receipt_number,
                "receipted_at": one.receipted_at,
                "reason": one.reason,
            }
            for one in settled
            if one.state is state
        ]
        _SETTLE[state].execute(session, rows)


def postpone(session: Session, postponed: Sequence[Postponed], *, token: uuid.UUID, patience: float) -> None:
    """Write when each is to be tried again; an event that has waited longer than `patience` seconds is parked."""
    rows = [
        {"event": one.event_id, "wait": one.wait, "reason": one.reason, "counted": int(one.counts)} for one in postponed
    ]
    _POSTPONE.execute(session, rows, token=token, patience=patience)


def reopen(session: Session, *, among: sa.ColumnElement[bool]) -> int:
    """Let events be delivered again from now on, under the ids they have; return how many."""
    reopened = session.execute(
        sa.update(JournalEvent)
        .where(among)
        .values(
            state=EventState.PENDING,
            pending_since=database_now(),
            next_try_at=database_now(),
            tries=0,
            receipt_number=None,
            receipted_at=None,
            reason=None,
            **FREED,
        )
        .returning(JournalEvent.id)
        .execution_options(synchronize_session=False)
    )
    return len(reopened.all())


def park_poisoned(session: Session) -> int:
    """Park the pending events at which process after process died; return how many."""
    dead = poisoned(session, JournalEvent, among=PENDING, deaths_allowed=DEATHS_IN_BATCHES)
    settle(session, [Settled(event_id=event_id, state=EventState.PARKED, reason=DIED) for event_id in dead])
    return len(dead)


def _settling(to: EventState) -> RowUpdate:
    before = sa.or_(*(JournalEvent.state == state for state in sorted(may_become(to))))

    def build(row: Columns) -> sa.Update:
        return (
            sa.update(JournalEvent)
            .where(JournalEvent.id == row["event"], before)
            .values(
                state=to,
                receipt_number=row["receipt_number"],
                receipted_at=row["receipted_at"],
                reason=row["reason"],
                **FREED,
            )
        )

    table = JournalEvent.__table__.c
    types = {name: table[name].type for name in ("receipt_number", "receipted_at", "reason")}
    return RowUpdate(build, types={"event": table.id.type, **types})


def _postponing(row: Columns) -> sa.Update:
    patience: sa.BindParameter[Any] = sa.bindparam("patience", type_=sa.Double())
    too_long = JournalEvent.pending_since < database_now(-patience)
    return (
        sa.update(JournalEvent)
        .where(JournalEvent.id == row["event"], PENDING, JournalEvent.lease_token == sa.bindparam("token"))
        .values(
            state=sa.case((too_long, sa.literal_column("'parked'")), else_=sa.literal_column("'pending'")),
            next_try_at=database_now(row["wait"]),
            tries=JournalEvent.tries + row["counted"],
            reason=row["reason"],
            **FREED,
        )
    )


_SETTLE = {state: _settling(state) for state in EventState}
_POSTPONE = RowUpdate(
    _postponing, types={"event": sa.Uuid(), "wait": sa.Double(), "reason": sa.Text(), "counted": sa.Integer()}
)
