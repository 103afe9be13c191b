"""A team leader says why before she opens a citizen's content. The reason is sealed under the citizen's key.

It is good for that one citizen, for an hour, and never longer than the session in which it was said.
"""

import uuid
from datetime import timedelta

from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.models import StatedReason
from messaging.people.visibility import find_known

LASTS = timedelta(minutes=60)
SHORTEST = 10
LONGEST = 500


def state_reason(act: Act, *, citizen_id: uuid.UUID, reason: str) -> None:
    """Open this citizen's content to the acting team leader for a while. Raises NotFound, InvalidInput."""
    citizen = find_known(act.session, act.actor, citizen_id)
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput(f"a reason has {SHORTEST} to {LONGEST} characters", field="reason")
    row = StatedReason(
        id=new_id(),
        caseworker_id=act.actor.id,
        citizen_id=citizen.id,
        stated_at=act.now,
        valid_until=act.now + LASTS,
    )
    row.reason = act.seal(reason, owner=citizen.id, table="stated_reasons", column="reason", row=row.id)
    act.session.add(row)
    act.audit("content.opened_for_reason", object_kind="citizen", object_id=citizen.id, facts={"reason": reason})
