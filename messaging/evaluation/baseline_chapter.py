"""The chapter on the time before the trial: no-shows then, and how small a difference they let one see."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.attendance.models import BaselineCount, OfficialWord
from messaging.errors import InvalidInput
from messaging.evaluation.correlation import correlation
from messaging.evaluation.document import Section, Table
from messaging.evaluation.given import Given
from messaging.evaluation.moments_in_words import month
from messaging.evaluation.numbers_in_words import WHY_HIDDEN, count, hidden, percent
from messaging.evaluation.power import Size
from messaging.evaluation.rates import shown
from messaging.evaluation.verdict_chapters import smallest_effect_section
from messaging.people.discretion import FEWEST_CASEWORKERS, hidden_with
from messaging.trial.running import SHORTEST

AS_MANY = (
    f"Der er regnet med {SHORTEST} måneder med lige så mange samtaler om måneden som før. Forsøget tæller kun borgere "
    "under 30 i de valgte målgrupper: holder sagsbehandlerne også samtaler med andre, skal forskellen være større."
)


def baseline(given: Given) -> Section | None:
    """The time before the trial."""
    return before_the_trial(given.session)


def before_the_trial(session: Session) -> Section | None:
    """Return the no-shows of the months before the trial, and how small a difference they let one see; None without."""
    rows = session.execute(
        sa.select(
            BaselineCount.month, BaselineCount.meeting_type, BaselineCount.caseworker_id, BaselineCount.outcome,
            sa.func.sum(BaselineCount.meetings).label("meetings"),
        )
        .where(BaselineCount.outcome != OfficialWord.CANCELLED_BY_US)
        .group_by(
            BaselineCount.month, BaselineCount.meeting_type, BaselineCount.caseworker_id, BaselineCount.outcome,
        )
    ).all()  # fmt: skip
    if not rows:
        return None
    tables = [
        _rates(
            "Udeblivelser før forsøget, måned for måned",
            "Måned",
            [(month(row.month), row) for row in _by(rows, "month")],
        ),
        _rates("Udeblivelser før forsøget efter samtaletype", "Samtaletype", [(row.meeting_type, row) for row in rows]),
    ]
    seen = _seen_before(rows)
    return Section(
        key="baseline",
        title="Før forsøget",
        sentences=(WHY_HIDDEN, *(seen.sentences if seen else ())),
        tables=(*tables, *(seen.tables if seen else ())),
    )


def _seen_before(rows: Sequence[Any]) -> Section | None:
    """Return what the shortest trial with these caseworkers would see, two thirds of them with sms or app."""
    meetings: dict[object, list[float]] = {}
    for row in rows:
        of_one = meetings.setdefault(row.caseworker_id, [0.0, 0.0])
        of_one[0] += int(row.meetings)
        of_one[1] += int(row.meetings) if row.outcome is OfficialWord.NO_SHOW else 0
    if len(meetings) < FEWEST_CASEWORKERS:
        return None
    appointments, no_shows = np.array(list(meetings.values())).T
    try:
        estimated = correlation(no_shows, appointments)
        treated = max(1, round(len(meetings) * 2 / 3))
        size = Size(
            treated=treated,
            control=max(1, len(meetings) - treated),
            appointments=float(appointments.mean()) / len({row.month for row in rows}) * SHORTEST,
            rate=float(no_shows.sum() / appointments.sum()),
        )
    except InvalidInput:
        return None
    section = smallest_effect_section(size, estimated, key="smallest_before")
    return replace(section, sentences=(*section.sentences, AS_MANY))


def _rates(caption: str, first: str, named: Sequence[tuple[str, Any]]) -> Table:
    counts: dict[str, _Count] = {}
    for name, row in named:
        counts.setdefault(name, _Count()).add(row)

    def may_be_told(names: Collection[str]) -> bool:
        return _sum(counts[name] for name in names).may_be_told

    few = {name for name, counted in counts.items() if not counted.may_be_told}
    # The other table's total would tell what is hidden, if that were one alone, or of the same few caseworkers.
    sizes = {name: counted.no_shows for name, counted in counts.items()}
    few = hidden_with(few, sizes, may_be_told=may_be_told)
    return Table(
        caption=caption,
        head=(first, "Samtaler", "Udeblev"),
        rows=tuple(
            (name, hidden, hidden)
            if name in few
            else (name, count(counted.meetings), percent(counted.no_shows / counted.meetings))
            for name, counted in counts.items()
        ),
    )


@dataclass(kw_only=True)
class _Count:
    """Meetings and no-shows of whoever held them."""

    meetings: int = 0
    no_shows: int = 0
    caseworkers: set[uuid.UUID] = field(default_factory=set)

    def add(self, row: Any) -> None:
        self.meetings += int(row.meetings)
        self.no_shows += int(row.meetings) if row.outcome is OfficialWord.NO_SHOW else 0
        if row.meetings:
            self.caseworkers.add(row.caseworker_id)

    @property
    def may_be_told(self) -> bool:
        """Whether its rate points to nobody: neither to a citizen nor to a caseworker."""
        return len(self.caseworkers) >= FEWEST_CASEWORKERS and shown(self.meetings, self.no_shows)


def _sum(counts: Iterable[_Count]) -> _Count:
    every = list(counts)
    return _Count(
        meetings=sum(one.meetings for one in every),
        no_shows=sum(one.no_shows for one in every),
        caseworkers=set().union(*(one.caseworkers for one in every)),
    )


def _by(rows: Sequence[Any], name: str) -> list[Any]:
    return sorted(rows, key=lambda row: str(getattr(row, name)))
