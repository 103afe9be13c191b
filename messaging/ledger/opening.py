"""Reading a ledger and taking a copy out of the service: both leave an entry in the audit trail."""

import uuid
from dataclasses import dataclass

from messaging.ledger.periods import Period
from messaging.people.acting import Act
from messaging.people.models import Citizen
from messaging.people.visibility import find_citizen


def open_ledger(act: Act, *, citizen_id: uuid.UUID, period: Period) -> Citizen:
    """Note that somebody reads what was done to reach this citizen. Raises NotFound, ReasonMissing.

    Who covers for a colleague sees what waits, not the whole history: a ledger is for the citizen's own staff.
    """
    citizen = find_citizen(act.session, act.actor.on_her_own, citizen_id)
    act.audit("ledger.opened", object_kind="conversation", object_id=citizen_id, facts={**period.named})
    return citizen


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A file that leaves the service: its form, such as `csv`, and whether personal numbers can be read in it."""

    form: str
    with_numbers: bool


def export_ledger(act: Act, copy: Copy, *, citizen_id: uuid.UUID, period: Period) -> Citizen:
    """Note that somebody takes the ledger out as a file. Raises NotFound, ReasonMissing."""
    return _export(act, "ledger.exported", copy, citizen_id=citizen_id, period=period)


def export_transcript(act: Act, copy: Copy, *, citizen_id: uuid.UUID, period: Period) -> Citizen:
    """Note that somebody takes the thread out as a file. Raises NotFound, ReasonMissing."""
    return _export(act, "transcript.exported", copy, citizen_id=citizen_id, period=period)


def _export(act: Act, action: str, copy: Copy, *, citizen_id: uuid.UUID, period: Period) -> Citizen:
    """An auditor reads from the action itself whether numbers went along: facts are kept as a digest."""
    action = f"{action}_with_numbers" if copy.with_numbers else action
    citizen = find_citizen(act.session, act.actor.on_her_own, citizen_id)
    act.audit(action, object_kind="conversation", object_id=citizen_id, facts={**period.named, "form": copy.form})
    return citizen
