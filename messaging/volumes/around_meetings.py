"""What happened around the meetings of the trial, by arm: summoned again after staying away, and reminded by others."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.exposure_models import Exposure
from messaging.appointments.models import Appointment
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.attendance.models import OfficialWord
from messaging.attendance.queries import Attended, attended
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.discretion import FEWEST_CASEWORKERS, hidden_with

FEWEST_SHOWN = 5
SUMMONED_WITHIN = timedelta(days=60)
"""A later meeting than this is another matter than the one she stayed away from."""


@dataclass(frozen=True, kw_only=True)
class Resummons:
    """Meetings held, and no-shows after which the same kind of meeting was planned anew. None where hidden.

    `arm` is None where the arms are not told apart.
    """

    arm: Arm | None
    held: int | None
    resummoned: int | None

    @property
    def rate(self) -> float | None:
        """Summoned again per meeting held."""
        return None if self.held is None or self.resummoned is None else self.resummoned / self.held


@dataclass(frozen=True, kw_only=True)
class Told:
    """Of how many meetings somebody else reminded, as their sources tell: `reminded` of those `told`.

    Of `untold` nobody tells, which is neither a yes nor a no. None where hidden.
    """

    reminded: int | None
    told: int | None
    untold: int | None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Meetings that began, and how many of them somebody reminded of. None: too few to be shown.

    `huskeservice` is the state's; `ours_delivered` an SMS with its receipt or a message in the app; `withheld` a
    reminder that the arm kept back.
    """

    arm: Arm
    meetings: int | None
    huskeservice: Told
    nemsms: Told
    booking_system: Told
    ours_delivered: int | None
    withheld: int | None


HIDDEN = Told(reminded=None, told=None, untold=None)


def resummons(session: Session, *, since: datetime, until: datetime, apart: bool = False) -> Sequence[Resummons]:
    """Return what meetings of the trial planned in [since, until) were held, and which no-shows cost another summons.

    `apart`: by arm, which is for when the arms may be compared (`evaluation.waiting`). The meetings are those that the
    trial counts: since she joined and until it ended, unless she was too old by then or in no group that takes part.
    """
    meetings = list(attended(session, since=since, until=until + SUMMONED_WITHIN))
    places = {place.citizen_id: place for place in session.scalars(sa.select(TrialArm))}
    columns: Sequence[Arm | None] = tuple(Arm) if apart else (None,)
    held: Counter[Arm | None] = Counter()
    again: Counter[Arm | None] = Counter()
    for meeting, is_followed in _followed(meetings):
        place = places.get(meeting.citizen_id)
        if (
            place is None
            or meeting.planned_for >= until
            or not _counts(meeting, since=place.since, until=place.ended_at)
        ):
            continue
        arm = place.arm if apart else None
        held[arm] += meeting.outcome is OfficialWord.HELD
        again[arm] += meeting.outcome is OfficialWord.NO_SHOW and is_followed
    shown_held, shown_again = _shown_of(held, columns), _shown_of(again, columns)
    return [Resummons(arm=arm, held=shown_held[arm] or None, resummoned=shown_again[arm]) for arm in columns]


def coverage(session: Session, *, since: datetime, until: datetime) -> Sequence[Coverage]:
    """Return by arm who reminded of the meetings that began in [since, until), as written down when they did.

    It says what went out, not what came of it: no arm is compared with another, here or where it is shown.
    """
    delivered = sa.or_(Exposure.sms_delivered > 0, Exposure.app_placed > 0)
    rows = session.execute(
        sa.select(
            Exposure.arm,
            sa.func.count(),
            _behind(sa.true()),
            _count(delivered),
            _count(Exposure.withheld > 0),
            *chain.from_iterable(
                (_count(said.is_(True)), _count(said.is_(False)), _behind(said.is_not(None)))
                for said in (getattr(Exposure, name) for name in REMINDED_BY)
            ),
        )
        .join(Appointment, Appointment.id == Exposure.appointment_id)
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


def _counts(meeting: Attended, *, since: datetime, until: datetime | None) -> bool:
    """Whether the trial counts this meeting of a citizen who took part in that time."""
    took_part = since <= meeting.planned_for and (until is None or meeting.planned_for < until)
    return took_part and meeting.eligible is not False


def _count(of: sa.ColumnElement[bool]) -> sa.Function[int]:
    return sa.func.sum(sa.case((of, 1), else_=0))


def _behind(of: sa.ColumnElement[bool]) -> sa.Function[int]:
    """Count the caseworkers of these meetings."""
    return sa.func.count(sa.distinct(sa.case((of, Appointment.caseworker_id))))


def _coverage(arm: Arm, meetings: int, behind: int, ours: int, withheld: int, *said: int) -> Coverage:
    """Hide a share of which either part is too small; of too few meetings, or caseworkers, everything.

    `said`: of each of REMINDED_BY the meetings with a yes, those with a no, and the caseworkers behind both.
    """
    if meetings < FEWEST_SHOWN or behind < FEWEST_CASEWORKERS:
        return Coverage(
            arm=arm,
            meetings=None,
            huskeservice=HIDDEN,
            nemsms=HIDDEN,
            booking_system=HIDDEN,
            ours_delivered=None,
            withheld=None,
        )
    answers = zip(said[::3], said[1::3], said[2::3], strict=True)
    huskeservice, nemsms, booking_system = (_told(*answer, meetings=meetings) for answer in answers)
    return Coverage(
        arm=arm,
        meetings=meetings,
        huskeservice=huskeservice,
        nemsms=nemsms,
        booking_system=booking_system,
        ours_delivered=_part(ours, meetings),
        withheld=_part(withheld, meetings),
    )


def _told(reminded: int, not_reminded: int, behind: int, *, meetings: int) -> Told:
    """Hide what is told and not told together where either is too small: the meetings would tell the other."""
    told = _part(reminded + not_reminded, meetings)
    if told is None or 0 < behind < FEWEST_CASEWORKERS:
        return HIDDEN
    return Told(reminded=_part(reminded, told), told=told, untold=meetings - told)


def _part(part: int, whole: int) -> int | None:
    shown = all(number == 0 or number >= FEWEST_SHOWN for number in (part, whole - part))
    return part if shown else None


def _shown_of(counts: Counter[Arm | None], columns: Sequence[Arm | None]) -> Mapping[Arm | None, int | None]:
    """Hide counts that are too small, and what would tell them to who knows the sum."""
    few = {arm for arm in columns if 0 < counts[arm] < FEWEST_SHOWN}
    sizes = {arm: counts[arm] for arm in columns if counts[arm]}
    hidden = hidden_with(few, sizes, may_be_told=lambda arms: sum(counts[arm] for arm in arms) >= FEWEST_SHOWN)
    return {arm: None if arm in hidden else counts[arm] for arm in columns}
