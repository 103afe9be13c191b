"""Who is in which arm: read by whoever writes to many, and by the citizen's card."""

import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.trial.models import Arm, TrialArm


def arms_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Arm]:
    """Return the arms of those of these citizens who take part, in one statement."""
    chosen = sa.select(TrialArm.citizen_id, TrialArm.arm).where(TrialArm.citizen_id.in_(citizen_ids))
    return {row.citizen_id: row.arm for row in session.execute(chosen)}
