"""Reading a ledger and taking a copy out of the service: both leave an entry in the audit trail."""

import uuid

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


def export_ledger(act: Act, *, citizen_id: uuid.UUID, period: Period, form: str) -> Citizen:
    """Note that somebody takes the ledger out as a file of this form. Raises NotFound, ReasonMissing."""
    return _export(act, "ledger.exported", citizen_id=citizen_id, period=period, form=form)


def export_transcript(act: Act, *, citizen_id: uuid.UUID, period: Period, form: str) -> Citizen:
    """Note that somebody takes the thread out as a file of this form. Raises NotFound, ReasonMissing."""
    return _export(act, "transcript.exported", citizen_id=citizen_id, period=period, form=form)


def _export(act: Act, action: str, *, citizen_id: uuid.UUID, period: Period, form: str) -> Citizen:
    citizen = find_citizen(act.session, act.actor.on_her_own, citizen_id)
    act.audit(action, object_kind="conversation", object_id=citizen_id, facts={**period.named, "form": form})
    return citizen
