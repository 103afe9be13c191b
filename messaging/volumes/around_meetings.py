"""What happened around the meetings of the trial, by arm: summoned again after staying away, and reminded by others."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.exposure_models import Exposure
from messaging.attendance.models import OfficialWord
from messaging.attendance.queries import Attended, attended
from messaging.people.arm_models import Arm, TrialArm

FEWEST_SHOWN = 5
SUMMONED_WITHIN = timedelta(days=60)
"""A later meeting than this is another matter than the one she stayed away from."""


@dataclass(frozen=True, kw_only=True)
class Resummons:
    """Meetings held, and no-shows after which the same kind of meeting was planned anew. None: fewer than five."""

    arm: Arm
    held: int | None
    resummoned: int | None

    @property
    def rate(self) -> float | None:
        """Summoned again per meeting held."""
        return None if self.held is None or self.resummoned is None else self.resummoned / self.held


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Meetings that began, and how many of them somebody reminded of. None: fewer than five, or nobody tells.

    `huskeservice` is the state's; `ours_delivered` an SMS with its receipt or a message in the app; `withheld` a
    reminder that the arm kept back. No source tells of single meetings what NemSMS and the booking system sent.
    """

    arm: Arm
    meetings: int | None
    huskeservice: int | None
    ours_delivered: int | None
    withheld: int | None
    nemsms: int | None = None
    booking_system: int | None = None


def resummons(session: Session, *, since: datetime, until: datetime) -> Sequence[Resummons]:
    """Return by arm what meetings planned in [since, until) were held, and which no-shows cost another summons."""
    meetings = list(attended(session, since=since, until=until + SUMMONED_WITHIN))
    arms = _arms(session)
    held: Counter[Arm] = Counter()
    again: Counter[Arm] = Counter()
    for meeting, is_followed in _followed(meetings):
        arm = arms.get(meeting.citizen_id)
        if arm is None or meeting.planned_for >= until:
            continue
        held[arm] += meeting.outcome is OfficialWord.HELD
        again[arm] += meeting.outcome is OfficialWord.NO_SHOW and is_followed
    return [
        Resummons(arm=arm, held=held[arm] if held[arm] >= FEWEST_SHOWN else None, resummoned=_shown(again[arm]))
        for arm in Arm
    ]


def coverage(session: Session, *, since: datetime, until: datetime) -> Sequence[Coverage]:
    """Return by arm who reminded of the meetings that began in [since, until), as written down when they did."""
    delivered = sa.or_(Exposure.sms_delivered > 0, Exposure.app_placed > 0)
    rows = session.execute(
        sa.select(
            Exposure.arm,
            sa.func.count(),
            _count(Exposure.reminded_elsewhere.is_(True)),
            _count(delivered),
            _count(Exposure.withheld > 0),
        )
        .where(Exposure.planned_for >= since, Exposure.planned_for < until)
        .group_by(Exposure.arm)
    )
    found = {arm: counts for arm, *counts in rows}
    return [_coverage(arm, *found.get(arm, (0, 0, 0, 0))) for arm in Arm]


def _followed(meetings: Iterable[Attended]) -> Iterable[tuple[Attended, bool]]:
    """Yield each meeting with whether another of its kind with the same citizen was planned soon after it."""
    threads: dict[tuple[uuid.UUID, str], list[Attended]] = {}
    for meeting in meetings:
        threads.setdefault((meeting.citizen_id, meeting.meeting_type), []).append(meeting)
    for thread in threads.values():
        for meeting, following in pairwise(thread):
            yield meeting, following.planned_for - meeting.planned_for <= SUMMONED_WITHIN
        yield thread[-1], False


def _arms(session: Session) -> Mapping[uuid.UUID, Arm]:
    return {row.citizen_id: row.arm for row in session.execute(sa.select(TrialArm.citizen_id, TrialArm.arm))}


def _count(of: sa.ColumnElement[bool]) -> sa.Function[int]:
    return sa.func.sum(sa.case((of, 1), else_=0))


def _coverage(arm: Arm, meetings: int, elsewhere: int, ours: int, withheld: int) -> Coverage:
    """Hide a share of which either part is too small; of too few meetings everything."""
    if meetings < FEWEST_SHOWN:
        return Coverage(arm=arm, meetings=None, huskeservice=None, ours_delivered=None, withheld=None)
    return Coverage(
        arm=arm,
        meetings=meetings,
        huskeservice=_part(elsewhere, meetings),
        ours_delivered=_part(ours, meetings),
        withheld=_part(withheld, meetings),
    )


def _part(part: int, whole: int) -> int | None:
    shown = all(number == 0 or number >= FEWEST_SHOWN for number in (part, whole - part))
    return part if shown else None


def _shown(number: int) -> int | None:
    return number if number == 0 or number >= FEWEST_SHOWN else None
