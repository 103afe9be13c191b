"""The chapter on the time before the trial: no-shows then, and how small a difference they let one see."""

from collections.abc import Sequence
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
    """Return what a trial with these caseworkers would see, two thirds of them with sms or app."""
    meetings: dict[object, list[float]] = {}
    for row in rows:
        of_one = meetings.setdefault(row.caseworker_id, [0.0, 0.0])
        of_one[0] += int(row.meetings)
        of_one[1] += int(row.meetings) if row.outcome is OfficialWord.NO_SHOW else 0
    appointments, no_shows = np.array(list(meetings.values())).T
    try:
        estimated = correlation(no_shows, appointments)
        treated = max(1, round(len(meetings) * 2 / 3))
        size = Size(
            treated=treated,
            control=max(1, len(meetings) - treated),
            appointments=float(appointments.mean()),
            rate=float(no_shows.sum() / appointments.sum()),
        )
    except InvalidInput:
        return None
    return smallest_effect_section(size, estimated, key="smallest_before")


def _rates(caption: str, first: str, named: Sequence[tuple[str, Any]]) -> Table:
    counts: dict[str, list[int]] = {}
    for name, row in named:
        counted = counts.setdefault(name, [0, 0])
        counted[0] += int(row.meetings)
        counted[1] += int(row.meetings) if row.outcome is OfficialWord.NO_SHOW else 0
    few = {name for name, counted in counts.items() if not shown(*counted)}
    if len(few) == 1 and len(counts) > 1:
        # The other table's total would tell the one.
        few.add(min(set(counts) - few, key=lambda name: counts[name][1]))
    return Table(
        caption=caption,
        head=(first, "Samtaler", "Udeblev"),
        rows=tuple(
            (name, hidden, hidden) if name in few else (name, count(meetings), percent(no_shows / meetings))
            for name, (meetings, no_shows) in counts.items()
        ),
    )


def _by(rows: Sequence[Any], name: str) -> list[Any]:
    return sorted(rows, key=lambda row: str(getattr(row, name)))
