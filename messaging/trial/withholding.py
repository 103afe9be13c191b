"""What is written down when an arm withholds something, or a caseworker sends it all the same. Never what it said."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.audit.trail import NewEntry
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.journal.events import EventType
from messaging.journal.recording import NewEvent
from messaging.people.acting import Act, Facts
from messaging.people.actors import ActorKind
from messaging.people.arm_models import Arm
from messaging.trial.capabilities import Sort, Way
from messaging.trial.models import ArmDecision, Verdict
from messaging.vault.place import Place

SHORTEST, LONGEST = 5, 500


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """That an arm does not let something go to a citizen this way."""

    citizen_id: uuid.UUID
    arm: Arm
    sort: Sort
    way: Way


def note_withheld(act: Act, refusal: Refusal, *, message_id: uuid.UUID | None = None) -> None:
    """Keep, journal and audit that something was withheld."""
    row = _row(act, refusal, Verdict.WITHHELD, message_id=message_id)
    act.session.add(row)
    _tell(act, row, EventType.MESSAGE_WITHHELD)


def note_many_withheld(act: Act, refusals: Sequence[Refusal]) -> None:
    """As `note_withheld`, of many citizens with a few statements."""
    rows = [_row(act, refusal, Verdict.WITHHELD, message_id=None) for refusal in refusals]
    act.session.add_all(rows)
    type_ = EventType.MESSAGE_WITHHELD
    act.journal_many(
        [
            NewEvent(stream_id=row.citizen_id, type=type_, subject_id=row.id, occurred_at=act.now, facts=_facts(row))
            for row in rows
        ]
    )
    act.audit_many(
        [NewEntry(action=type_, object_kind="citizen", object_id=row.citizen_id, facts=_facts(row)) for row in rows]
    )


def note_override(act: Act, refusal: Refusal, *, reason: str, message_id: uuid.UUID) -> None:
    """Keep, journal and audit that a caseworker sent something all the same. Raises InvalidInput for a bad reason."""
    reason = reason.strip()
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput(f"a reason has {SHORTEST} to {LONGEST} characters", field="override")
    row = _row(act, refusal, Verdict.OVERRIDDEN, message_id=message_id)
    row.reason = act.seal(reason, owner=refusal.citizen_id, table="arm_decisions", column="reason", row=row.id)
    act.session.add(row)
    _tell(act, row, EventType.MESSAGE_LET_THROUGH, reason=reason)


def was_let_through(session: Session, message_id: uuid.UUID) -> bool:
    """Whether a caseworker said why this message goes in spite of the arm."""
    said = sa.exists().where(ArmDecision.message_id == message_id, ArmDecision.verdict == Verdict.OVERRIDDEN)
    return bool(session.scalar(sa.select(said)))


def reason_given(act: Act, message_id: uuid.UUID) -> str | None:
    """Return why a caseworker let this message through, if one did: what takes its place goes for the same reason."""
    row = act.session.scalar(sa.select(ArmDecision).filter_by(message_id=message_id, verdict=Verdict.OVERRIDDEN))
    if row is None or row.reason is None:
        return None
    return act.vault.open(row.reason, owner=row.citizen_id, place=Place("arm_decisions", "reason", row.id))


def _row(act: Act, refusal: Refusal, verdict: Verdict, *, message_id: uuid.UUID | None) -> ArmDecision:
    row = ArmDecision(
        citizen_id=refusal.citizen_id,
        arm=refusal.arm,
        sort=refusal.sort,
        way=refusal.way,
        verdict=verdict,
        decided_at=act.now,
        by_id=act.actor.id if act.actor.kind is ActorKind.STAFF else None,
        message_id=message_id,
    )
    row.id = new_id()
    return row


def _tell(act: Act, row: ArmDecision, type_: EventType, *, reason: str | None = None) -> None:
    facts = _facts(row)
    told: Facts = {**facts, "reason": reason} if reason else facts
    act.journal(type_, stream=row.citizen_id, subject=row.id, facts=told)
    act.audit(type_, object_kind="citizen", object_id=row.citizen_id, facts=facts)


def _facts(row: ArmDecision) -> Facts:
    return {
        "sort": row.sort,
        "arm": row.arm,
        "channel": row.way,
        "message": str(row.message_id) if row.message_id else None,
        "by": str(row.by_id) if row.by_id else None,
    }
