"""Citizens come into an arm of the trial, and leave it."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from messaging.people.acting import Act
from messaging.people.models import ContactPoint, PhoneNumber, Standing
from messaging.trial.models import Arm, TrialArm

MOST = 500
"""Citizens named in one statement."""


def join(act: Act, arms: Mapping[uuid.UUID, Arm]) -> None:
    """Put citizens into arms, for good. Who is in one already is an error of the caller."""
    act.session.add_all(
        TrialArm(citizen_id=citizen_id, arm=arm, since=act.now, locked=True) for citizen_id, arm in arms.items()
    )
    act.session.flush()
    _forget_reaches(act, arms)


def leave(act: Act, citizen_ids: Collection[uuid.UUID]) -> None:
    """Let the arms of these citizens decide on nothing any more."""
    for some in _chunks(citizen_ids):
        ended = sa.update(TrialArm).where(TrialArm.citizen_id.in_(some), TrialArm.ended_at.is_(None))
        act.session.execute(ended.values(ended_at=act.now).execution_options(synchronize_session=False))
    _forget_reaches(act, citizen_ids)


def _forget_reaches(act: Act, citizen_ids: Collection[uuid.UUID]) -> None:
    """Move the versions of their numbers, so that nothing is accepted by what was known before."""
    for some in _chunks(citizen_ids):
        theirs = sa.select(ContactPoint.number_id).where(
            ContactPoint.citizen_id.in_(some), ContactPoint.standing == Standing.IN_USE
        )
        moved = sa.update(PhoneNumber).where(PhoneNumber.id.in_(theirs)).values(version=PhoneNumber.version + 1)
        act.session.execute(moved.execution_options(synchronize_session=False))


def _chunks(citizen_ids: Collection[uuid.UUID]) -> list[Sequence[uuid.UUID]]:
    ids = sorted(citizen_ids)
    return [ids[start : start + MOST] for start in range(0, len(ids), MOST)]
