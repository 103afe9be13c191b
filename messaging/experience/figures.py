"""What was answered, as counts of which none points to somebody.

A month is shown when no code of it can be used any more, and a wave when it is over: whoever looks twice sees no single
answer come in. For and against are shown where at least five answered each; if one row of an arm is hidden, so is the
smallest other, or the sum would tell it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.experience.codes import is_open
from messaging.experience.models import (
    Group,
    PulseCell,
    PulseTally,
    Question,
    Rating,
    StaffAnswered,
    StaffTally,
    Wave,
)
from messaging.experience.waves import days_of_waves
from messaging.people.arm_models import Arm
from messaging.people.models import Caseworker, Role
from messaging.trial.models import TrialCaseworker
from messaging.trial.running import latest

FEWEST_SHOWN = 5
GOOD = frozenset({Rating.YES, Rating.MOSTLY})
BAD = frozenset({Rating.HARDLY, Rating.NO})


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of one arm or group in one row: how many said yes, wholly or mostly, and how many said no. None where hidden."""

    good: int | None
    bad: int | None

    @property
    def rate(self) -> float | None:
        """The share of yes among both."""
        return None if self.good is None or self.bad is None else self.good / (self.good + self.bad)


HIDDEN = Share(good=None, bad=None)


@dataclass(frozen=True, kw_only=True)
class Response:
    """Codes that reached somebody, and how many were used; `answered` is None below five."""

    handed_out: int
    answered: int | None

    @property
    def rate(self) -> float | None:
        """The share that answered."""
        return None if self.answered is None or not self.handed_out else self.answered / self.handed_out


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: what it is of, and the share of each arm or group."""

    label: str
    shares: Mapping[str, Share]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question: a row for all of it, then by month and by kind of meeting (citizens) or none (staff)."""

    question: Question
    whole: Row
    months: Sequence[Row] = ()
    meeting_types: Sequence[Row] = ()


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """What citizens answered, of the months that are closed. `running`: months of which codes can still be used."""

    response: Mapping[Arm, Response]
    by_month: Mapping[str, Mapping[Arm, Response]]
    asked: Sequence[Asked]
    running: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class StaffWave:
    """What staff answered in a wave; `asked` is empty until it is over. `response`: of all who could."""

    wave: Wave
    first_day: date
    last_day: date
    response: Response
    asked: Sequence[Asked]


def pulse(session: Session, *, at: datetime, through: str | None = None) -> Pulse:
    """Return what citizens answered, of the months up to and with `through`, or of all."""
    cells = session.scalars(sa.select(PulseCell)).all()
    months = sorted({cell.month for cell in cells})
    closed = {month for month in months if not is_open(month, at=at) and (through is None or month <= through)}
    tallies = [row for row in session.scalars(sa.select(PulseTally)) if row.month in closed]
    whole = [cell for cell in cells if cell.month in closed]
    return Pulse(
        response=_responses(whole),
        by_month={month: _responses([cell for cell in whole if cell.month == month]) for month in sorted(closed)},
        asked=[_asked([row for row in tallies if row.question is one], one) for one in _asked_of(tallies)],
        running=[month for month in months if is_open(month, at=at)],
    )


def staff_waves(session: Session, *, at: datetime) -> Sequence[StaffWave]:
    """Return what staff answered, by wave in their order."""
    today = at.astimezone(COPENHAGEN).date()
    days = days_of_waves(session)
    answered = dict(session.execute(sa.select(StaffAnswered.wave, sa.func.count()).group_by(StaffAnswered.wave)).all())
    staff = _staff(session)
    tallies = session.scalars(sa.select(StaffTally)).all()
    return [
        StaffWave(
            wave=wave,
            first_day=days[wave].first_day,
            last_day=days[wave].last_day,
            response=Response(handed_out=max(staff, answered.get(wave, 0)), answered=_many(answered.get(wave, 0))),
            asked=_of_staff([row for row in tallies if row.wave is wave]) if days[wave].last_day < today else (),
        )
        for wave in Wave
        if wave in days
    ]


def shares(counted: Iterable[tuple[int, int]]) -> list[Share]:
    """Return shares of these (yes, no), all of one arm: hidden where one count is below five, and never one alone."""
    counts = list(counted)
    told = [place for place, both in enumerate(counts) if any(both)]
    hidden = {place for place in told if min(counts[place]) < FEWEST_SHOWN}
    if len(hidden) == 1 and len(told) > 1:
        hidden.add(min(set(told) - hidden, key=lambda place: min(counts[place])))
    shown = set(told) - hidden
    return [Share(good=both[0], bad=both[1]) if place in shown else HIDDEN for place, both in enumerate(counts)]


def _many(number: int) -> int | None:
    return number if number >= FEWEST_SHOWN else None


def _responses(cells: Sequence[PulseCell]) -> Mapping[Arm, Response]:
    of_arms = {arm: [cell for cell in cells if cell.arm is arm] for arm in Arm}
    return {
        arm: Response(
            handed_out=sum(cell.handed_out - cell.returned for cell in theirs),
            answered=_many(sum(cell.answered for cell in theirs)),
        )
        for arm, theirs in of_arms.items()
    }


def _asked_of(tallies: Sequence[PulseTally] | Sequence[StaffTally]) -> list[Question]:
    answered = {row.question for row in tallies}
    return [question for question in Question if question in answered]


def _asked(tallies: Sequence[PulseTally], question: Question) -> Asked:
    whole: dict[str, Share] = {arm: shares([_both(row for row in tallies if row.arm is arm)])[0] for arm in Arm}
    return Asked(
        question=question,
        whole=Row(label="", shares=whole),
        months=_rows(tallies, label=lambda row: row.month),
        meeting_types=_rows(tallies, label=lambda row: row.meeting_type),
    )


def _rows(tallies: Sequence[PulseTally], *, label: Callable[[PulseTally], str]) -> list[Row]:
    labels = sorted({label(row) for row in tallies})
    columns = {
        arm: shares(_both(row for row in tallies if row.arm is arm and label(row) == one) for one in labels)
        for arm in Arm
    }
    return [Row(label=one, shares={arm: columns[arm][place] for arm in Arm}) for place, one in enumerate(labels)]


def _of_staff(tallies: Sequence[StaffTally]) -> Sequence[Asked]:
    return [
        Asked(question=question, whole=Row(label="", shares=_of_groups([t for t in tallies if t.question is question])))
        for question in _asked_of(tallies)
    ]


def _of_groups(tallies: Sequence[StaffTally]) -> dict[str, Share]:
    return {group: shares([_both(row for row in tallies if row.staff_group is group)])[0] for group in Group}


def _both(tallies: Iterable[PulseTally | StaffTally]) -> tuple[int, int]:
    counted: Counter[Rating] = Counter()
    for row in tallies:
        counted[row.rating] += row.answers
    return sum(counted[one] for one in GOOD), sum(counted[one] for one in BAD)


def _staff(session: Session) -> int:
    """Return how many were to answer: the caseworkers of the trial, or all there are before one is locked."""
    trial = latest(session)
    if trial is None:
        chosen = sa.select(sa.func.count()).select_from(Caseworker).filter_by(role=Role.CASEWORKER, active=True)
    else:
        chosen = sa.select(sa.func.count()).select_from(TrialCaseworker).filter_by(trial_id=trial.id)
    return session.scalar(chosen) or 0
