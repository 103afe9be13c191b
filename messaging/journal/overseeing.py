"""What an operator sees of the journal and may do about it; nothing here deletes anything."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.database.moments import database_now
from messaging.errors import Conflict, NotFound
from messaging.journal.models import EventState, JournalEvent, JournalStream, may_become
from messaging.journal.settling import Settled, reopen, settle

OPEN = frozenset({EventState.PENDING, EventState.DELIVERED})
"""Not in the journal of the case system yet, as far as we know, and on the way."""

ALARMS = (
    ("journal_overdue_24h", timedelta(hours=24), "24 timer"),
    ("journal_overdue_1h", timedelta(hours=1), "1 time"),
)
"""How long an event may be on its way before somebody is told; the gravest first."""


@dataclass(frozen=True, kw_only=True)
class JournalStatus:
    """How many events are in which state, how long the oldest open one has waited, and how many numbers lack."""

    counts: Mapping[EventState, int]
    oldest_open: timedelta | None
    gaps: int


def status(session: Session) -> JournalStatus:
    """Count everything; reads the whole journal."""
    counted = session.execute(
        sa.select(JournalEvent.state, sa.func.count().label("number")).group_by(JournalEvent.state)
    )
    counts = dict.fromkeys(EventState, 0) | {row.state: row.number for row in counted}
    given = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(JournalStream.last_seq), 0))) or 0
    return JournalStatus(counts=counts, oldest_open=oldest_open(session), gaps=int(given) - sum(counts.values()))


def oldest_open(session: Session) -> timedelta | None:
    """Return how long the oldest open event has waited, by the database's clock; None if nothing is open."""
    since, now = session.execute(
        sa.select(sa.func.min(JournalEvent.pending_since), database_now()).where(JournalEvent.state.in_(OPEN))
    ).one()
    return None if since is None else now - since


def replay(session: Session, *, states: Sequence[EventState] = (), event_ids: Sequence[uuid.UUID] = ()) -> int:
    """Let events be delivered again: all of these states, and these. The receiver knows repeats by their ids."""
    return reopen(session, among=sa.or_(JournalEvent.state.in_(states), JournalEvent.id.in_(event_ids)))


def park(session: Session, *, event_id: uuid.UUID, reason: str) -> None:
    """Keep one event back until it is replayed. Raises NotFound, or Conflict if it has left already."""
    state = session.scalar(sa.select(JournalEvent.state).filter_by(id=event_id).with_for_update())
    if state is None:
        raise NotFound("no event of the journal has this id")
    if state not in may_become(EventState.PARKED):
        raise Conflict(f"the event is {state} and cannot be parked")
    settle(session, [Settled(event_id=event_id, state=EventState.PARKED, reason=reason)])


def checks(session: Session) -> list[Finding]:
    """What is wrong with the journal now, for `doctor`; empty when all is well."""
    now = status(session)
    findings = [_overdue(now.oldest_open)] if now.oldest_open else []
    for state, sentence in (
        (EventState.PARKED, "hændelser er parkeret og når ikke sagssystemet, før nogen afsender dem igen"),
        (EventState.REJECTED, "hændelser er afvist af sagssystemet"),
    ):
        if now.counts[state]:
            findings.append(_finding(f"journal_{state}", f"{now.counts[state]} {sentence}."))
    if now.gaps:
        findings.append(_finding("journal_gaps", f"{now.gaps} numre i journalen mangler deres hændelse."))
    return [finding for finding in findings if finding is not None]


def _overdue(age: timedelta) -> Finding | None:
    for code, limit, words in ALARMS:
        if age > limit:
            return _finding(code, f"Den ældste hændelse har ventet over {words} på kvittering fra sagssystemet.")
    return None


def _finding(code: str, sentence: str) -> Finding:
    return Finding(code=code, sentence=sentence, blocking=False)
