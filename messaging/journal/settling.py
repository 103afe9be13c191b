"""What became of a delivery, and how it is written: each event by its own id, whoever holds its lease by now.

A receipt is true even when it comes late, so it counts for whoever brings it. A failure says only that this delivery
brought none, so it counts for the holder of the lease alone.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.moments import database_now
from messaging.journal.models import EventState, JournalEvent, may_become
from messaging.work.leasing import FREED, poisoned

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
    for state in {one.state for one in settled}:
        session.connection().execute(
            _SETTLE[state],
            [
                {
                    "event": one.event_id,
                    "receipt": one.receipt_number,
                    "at": one.receipted_at,
                    "why": one.reason,
                }
                for one in settled
                if one.state is state
            ],
        )


def postpone(session: Session, postponed: Sequence[Postponed], *, token: uuid.UUID, patience: float) -> None:
    """Write when each is to be tried again; an event that has waited longer than `patience` seconds is parked."""
    if not postponed:
        return
    session.connection().execute(
        _POSTPONE.where(JournalEvent.lease_token == token),
        [
            {"event": one.event_id, "wait": one.wait, "why": one.reason, "counted": int(one.counts), "most": -patience}
            for one in postponed
        ],
    )


def park_poisoned(session: Session) -> int:
    """Park the pending events at which process after process died; return how many."""
    dead = poisoned(session, JournalEvent, among=PENDING)
    settle(session, [Settled(event_id=event_id, state=EventState.PARKED, reason=DIED) for event_id in dead])
    return len(dead)


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


def _settling(to: EventState) -> sa.Update:
    return (
        sa.update(JournalEvent)
        .where(
            JournalEvent.id == sa.bindparam("event"),
            sa.or_(*(JournalEvent.state == before for before in sorted(may_become(to)))),
        )
        .values(
            state=to,
            receipt_number=sa.bindparam("receipt"),
            receipted_at=sa.bindparam("at"),
            reason=sa.bindparam("why"),
            **FREED,
        )
    )


_SETTLE = {state: _settling(state) for state in EventState}

_POSTPONE = (
    sa.update(JournalEvent)
    .where(JournalEvent.id == sa.bindparam("event"), PENDING)
    .values(
        state=sa.case(
            (
                JournalEvent.pending_since < database_now(sa.bindparam("most", type_=sa.Float())),
                sa.literal_column("'parked'"),
            ),
            else_=sa.literal_column("'pending'"),
        ),
        next_try_at=database_now(sa.bindparam("wait", type_=sa.Float())),
        tries=JournalEvent.tries + sa.bindparam("counted", type_=sa.Integer()),
        reason=sa.bindparam("why"),
        **FREED,
    )
)
