"""Who is in which arm."""

import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.trial.models import Arm, TrialArm


def arms_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Arm]:
    """Return the arms of those of these citizens who take part, in one statement."""
    chosen = sa.select(TrialArm.citizen_id, TrialArm.arm).where(
        TrialArm.citizen_id.in_(citizen_ids), TrialArm.ended_at.is_(None)
    )
    return {row.citizen_id: row.arm for row in session.execute(chosen)}
