"""What was answered, as counts of which none points to somebody.

A month is shown when no code of it can be used any more, and a wave when it is over: whoever looks twice sees no single
answer come in. For and against are shown where at least five answered each; if one alone of a row or of a column is
hidden, so is the smallest other, or the sum would tell it. The arms are told apart only when that is asked for, and
that is when they may be compared (`evaluation.waiting`): until then all of them are one column.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

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
ALL = "all"
"""The column of all arms, or of all groups, together."""
GOOD = frozenset({Rating.YES, Rating.MOSTLY})
BAD = frozenset({Rating.HARDLY, Rating.NO})


Place = TypeVar("Place", bound=Hashable)


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


TABLES: Mapping[str, Callable[[PulseTally], str]] = {
    "whole": lambda _row: "",
    "months": lambda row: row.month,
    "meeting_types": lambda row: row.meeting_type,
}
"""What is told of a question, and by what an answer comes into a row of it."""


def pulse(session: Session, *, at: datetime, through: str | None = None, apart: bool = False) -> Pulse:
    """Return what citizens answered, of the months up to and with `through`, or of all; `apart`: by arm.

    How many answered is told by arm in any case: it says nothing of what they answered.
    """
    cells = session.scalars(sa.select(PulseCell)).all()
    months = sorted({cell.month for cell in cells})
    closed = {month for month in months if not is_open(month, at=at) and (through is None or month <= through)}
    tallies = [row for row in session.scalars(sa.select(PulseTally)) if row.month in closed]
    whole = [cell for cell in cells if cell.month in closed]
    columns: Mapping[str, Collection[Arm]] = {arm: (arm,) for arm in Arm} if apart else {ALL: tuple(Arm)}
    return Pulse(
        response=_responses(whole),
        by_month={month: _responses([cell for cell in whole if cell.month == month]) for month in sorted(closed)},
        asked=[_asked([row for row in tallies if row.question is one], one, columns) for one in _asked_of(tallies)],
        running=[month for month in months if is_open(month, at=at)],
    )


def staff_waves(session: Session, *, at: datetime, apart: bool = False) -> Sequence[StaffWave]:
    """Return what staff answered, by wave in their order; `apart`: by group."""
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
            asked=_of_staff([row for row in tallies if row.wave is wave], apart=apart)
            if days[wave].last_day < today
            else (),
        )
        for wave in Wave
        if wave in days
    ]


def shares(counted: Iterable[tuple[int, int]]) -> list[Share]:
    """Return shares of these (yes, no), all of one arm: hidden where one count is below five, and never one alone."""
    counts = dict(enumerate(counted))
    told = _told(counts, lines=[list(counts)])
    return [told[place] for place in counts]


def _told(counts: Mapping[Place, tuple[int, int]], *, lines: Iterable[Sequence[Place]]) -> Mapping[Place, Share]:
    """Return the shares of these (yes, no). Of each line the sum may be known: no place is hidden alone in one."""
    hidden = {place for place, both in counts.items() if any(both) and min(both) < FEWEST_SHOWN}
    rows = [[place for place in line if any(counts[place])] for line in lines]
    while beside := {
        min((place for place in row if place not in hidden), key=lambda place: min(counts[place]))
        for row in rows
        if len(hidden.intersection(row)) == 1 and len(row) > 1
    }:
        hidden |= beside
    return {
        place: Share(good=both[0], bad=both[1]) if any(both) and place not in hidden else HIDDEN
        for place, both in counts.items()
    }


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


def _asked(tallies: Sequence[PulseTally], question: Question, columns: Mapping[str, Collection[Arm]]) -> Asked:
    labels = {table: sorted({label(row) for row in tallies}) for table, label in TABLES.items()}
    counts = {
        (table, one, column): _both(row for row in tallies if row.arm in arms and label(row) == one)
        for table, label in TABLES.items()
        for one in labels[table]
        for column, arms in columns.items()
    }
    across = [[(table, one, column) for column in columns] for table, of in labels.items() for one in of]
    # The rows of a table add up to the whole: what is hidden there, too, would be told by them.
    down = [
        [(part, one, column) for part in ("whole", table) for one in labels[part]]
        for table in ("months", "meeting_types")
        for column in columns
    ]
    told = _told(counts, lines=[*across, *down])
    rows = {
        table: [Row(label=one, shares={column: told[table, one, column] for column in columns}) for one in of]
        for table, of in labels.items()
    }
    return Asked(question=question, whole=rows["whole"][0], months=rows["months"], meeting_types=rows["meeting_types"])


def _of_staff(tallies: Sequence[StaffTally], *, apart: bool) -> Sequence[Asked]:
    groups: Mapping[str, Collection[Group]] = {group: (group,) for group in Group} if apart else {ALL: tuple(Group)}
    return [
        Asked(
            question=question,
            whole=Row(label="", shares=_of_groups([t for t in tallies if t.question is question], groups)),
        )
        for question in _asked_of(tallies)
    ]


def _of_groups(tallies: Sequence[StaffTally], groups: Mapping[str, Collection[Group]]) -> dict[str, Share]:
    told = shares(_both(row for row in tallies if row.staff_group in theirs) for theirs in groups.values())
    return dict(zip(groups, told, strict=True))


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
