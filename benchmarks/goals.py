"""The goals, each a ratio to the yardstick inside one round, and what a run says of them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.rounds import Figures

Round = dict[str, Figures]
"""The figures of one round by the names of its legs."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """`leg` reaches at least `least` of the rate of `yardstick`, its p99 is at most `longest` times the other's."""

    name: str
    what: str
    leg: str
    yardstick: str
    least: float
    longest: float | None = None


GOALS = (
    Goal(name="P1", what="inbound webhook, PostgreSQL", leg="inbound", yardstick="F32", least=0.50, longest=2.0),
    Goal(name="P3", what="outbound accept, PostgreSQL", leg="outbound", yardstick="F32", least=0.40),
    Goal(name="P8", what="inbound webhook, SQLite", leg="inbound, SQLite", yardstick="F16", least=0.35, longest=3.0),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a goal: the median over the rounds decides."""

    goal: str
    what: str
    threshold: float
    ratio: float
    ratios: tuple[float, ...]
    p99_threshold: float | None = None
    p99_ratio: float | None = None
    met: bool


def judge(goal: Goal, rounds: Sequence[Round]) -> Outcome:
    """Compare a goal with what the rounds gave."""
    ratios = [one[goal.leg].per_second / one[goal.yardstick].per_second for one in rounds]
    p99 = statistics.median(one[goal.leg].p99_ms / one[goal.yardstick].p99_ms for one in rounds)
    ratio = statistics.median(ratios)
    return Outcome(
        goal=goal.name,
        what=goal.what,
        threshold=goal.least,
        ratio=round(ratio, 3),
        ratios=tuple(round(one, 3) for one in ratios),
        p99_threshold=goal.longest,
        p99_ratio=round(p99, 2) if goal.longest else None,
        met=ratio >= goal.least and (goal.longest is None or p99 <= goal.longest),
    )


def of_journal(measured: dict[str, object]) -> Outcome:
    """P5 in the same form."""
    ratios = measured["ratios"]
    assert isinstance(ratios, list)
    return Outcome(
        goal="P5",
        what="journal rows, batches of 100, PostgreSQL",
        threshold=float(str(measured["threshold"])),
        ratio=float(str(measured["ratio"])),
        ratios=tuple(ratios),
        met=bool(measured["met"]),
    )
