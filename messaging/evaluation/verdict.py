"""What the trial says, in one Danish sentence. There are four, and none of them says that something has no effect."""

import enum
from dataclasses import dataclass
from math import ceil, floor, isinf

from messaging.evaluation.intervals import Effect, Estimate
from messaging.evaluation.plan import TARGET

FINEST = 6
"""Decimals that are printed at most."""

SAME = 1e-9
"""Percent that differ by less are equal."""


class Finding(enum.StrEnum):
    """Which of the four sentences."""

    FEWER = "fewer"
    NOT_SHOWN = "not_shown"
    MORE = "more"
    NO_VERDICT = "no_verdict"


class Goal(enum.StrEnum):
    """How the target stands; told where fewer were no-shows."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A finding with its sentence; `goal` only with FEWER."""

    finding: Finding
    goal: Goal | None
    sentence: str


GOAL_WORDS = {Goal.REACHED: "er nået", Goal.NOT_REACHED: "er ikke nået", Goal.OPEN: "kan ikke afgøres"}


def verdict_on(effect: Effect, *, target: float = TARGET) -> Verdict:
    """Return what a comparison says: the test decides whether there is a difference, the interval how large it is."""
    estimate = effect.reduction
    if not effect.rejected:
        return Verdict(
            finding=Finding.NOT_SHOWN,
            goal=None,
            sentence="Forsøget kan ikke vise en forskel. "
            f"Den kan ligge mellem {_either_way(estimate.low)} og {_either_way(estimate.high)}.",
        )
    if estimate.value < 0:
        span = f"{_number(-estimate.high)}–{_number(-estimate.low)}"
        return Verdict(
            finding=Finding.MORE,
            goal=None,
            sentence=f"Flere udeblev: {_number(-estimate.value)} % flere ({_level(estimate)} {span}).",
        )
    goal = _goal(estimate, target)
    span = f"{_number(estimate.low, beside=target)}–{_number(estimate.high, beside=target)}"
    return Verdict(
        finding=Finding.FEWER,
        goal=goal,
        sentence=f"Færre udeblev: {_number(estimate.value)} % færre ({_level(estimate)} {span}). "
        f"Målet på {_number(target)} % {GOAL_WORDS[goal]}.",
    )


def no_verdict(reason: str) -> Verdict:
    """Return that the trial cannot be judged. `reason`: a Danish clause that follows "fordi"."""
    return Verdict(finding=Finding.NO_VERDICT, goal=None, sentence=f"Kan ikke bedømmes, fordi {reason}.")


def percent(share: float) -> str:
    """Return a share as Danish percent, with a decimal where it is below 10: `8,7 %`."""
    return f"{share * 100:.{1 if abs(share) < 0.1 else 0}f} %".replace(".", ",")


def _goal(estimate: Estimate, target: float) -> Goal:
    if estimate.low >= target:
        return Goal.REACHED
    return Goal.NOT_REACHED if estimate.high < target else Goal.OPEN


def _level(estimate: Estimate) -> str:
    return f"{estimate.level * 100:g} %-interval".replace(".", ",")


def _either_way(share: float) -> str:
    if isinf(share):
        return "langt flere"
    return f"{_number(abs(share))} % {'færre' if share >= 0 else 'flere'}"


def _number(share: float, *, beside: float | None = None) -> str:
    """Return whole percent, with as many decimals as it takes to stay on its side of 0 and of `beside`."""
    if isinf(share):
        return "∞"
    value = share * 100
    edges = [0.0] if beside is None else [0.0, beside * 100]
    for decimals in range(FINEST):
        rounded = round(value, decimals)
        if all(_side(rounded, edge) == _side(value, edge) for edge in edges):
            return f"{rounded:.{decimals}f}".replace(".", ",")
    away = ceil if value > 0 else floor
    return f"{away(value * 10**FINEST) / 10**FINEST:.{FINEST}f}".replace(".", ",")


def _side(value: float, edge: float) -> int:
    return 0 if abs(value - edge) < SAME else (1 if value > edge else -1)
