"""Effects with intervals: all effects that the permutation test would not reject.

The relative effect is multiplicative: a supposed reduction of a fifth is undone by dividing the rates of the treated by
0.8, and what is left must look like chance. The same rearrangements serve every supposed effect, so that the interval's
ends are sharp, and an interval leaves out zero exactly when the test of no effect rejects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from messaging.errors import InvalidInput
from messaging.evaluation.permutation import Permutations, Rearranged, permute
from messaging.evaluation.units import Units

FARTHEST_RATIO = 1000.0
"""Ratios of rates beyond this, either way, are not told from infinite ones."""

STEPS = 16
"""Halvings between an effect inside and one outside: to a hundredth of a percent."""

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An effect with its interval at `level`. As shares: 0.2 is a fifth, or 20 percentage points; an end may be
    infinite.
    """

    value: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a comparison gives: the relative reduction ("x % færre", negative if more) and its two-sided p-value."""

    reduction: Estimate
    p_value: float
    permutations: Permutations

    @property
    def rejected(self) -> bool:
        """Whether no effect at all is rejected at the interval's level."""
        return self.p_value <= 1 - self.reduction.level + 1e-12

    def at_level(self, level: float) -> "Effect":
        """Return the same effect with an interval of another level."""
        return Effect(
            reduction=_reduction(self.permutations, level=level), p_value=self.p_value, permutations=self.permutations
        )


def relative_effect(units: Units, rearranged: Rearranged, *, level: float = LEVEL) -> Effect:
    """Return the relative reduction of the mean rate.

    `rearranged`: of the units' allocation. Raises InvalidInput if nobody in one of the arms was a no-show.
    """
    for name, arm in (("control", ~units.treated), ("treated", units.treated)):
        if not units.rate[arm].any():
            raise InvalidInput(f"nobody in the {name} arm was a no-show: no ratio can be made", field="outcome")
    permutations = permute(
        rearranged,
        base=units.scores(np.where(units.treated, 0.0, units.rate)),
        slope=units.scores(np.where(units.treated, units.rate, 0.0)),
    )
    return Effect(
        reduction=_reduction(permutations, level=level), p_value=permutations.p_value(1.0), permutations=permutations
    )


def absolute_effect(units: Units, rearranged: Rearranged, *, level: float = LEVEL) -> Estimate:
    """Return the difference treated less control in the mean rate, by the same test under an effect that is added."""
    permutations = permute(rearranged, base=units.scores(units.rate), slope=-units.scores(units.treated.astype(float)))
    low, high = _interval(permutations, alpha=1 - level, value=permutations.estimate, ends=(-1.0, 1.0))
    return Estimate(value=permutations.estimate, low=max(low, -1.0), high=min(high, 1.0), level=level)


def _reduction(permutations: Permutations, *, level: float) -> Estimate:
    """Return 1 - ratio. The permutations' own effect is the inverse ratio: what the rates of the treated are multiplied
    by.
    """
    farthest = log(FARTHEST_RATIO)
    inverse = permutations.estimate
    value = min(max(log(inverse), -farthest), farthest) if inverse > 0 else -farthest
    low, high = _interval(permutations, alpha=1 - level, value=value, ends=(-farthest, farthest), effect_of=exp)
    return Estimate(
        value=1.0 if inverse == float("inf") else 1 - exp(-value), low=1 - exp(-low), high=1 - exp(-high), level=level
    )


def _interval(
    permutations: Permutations,
    *,
    alpha: float,
    value: float,
    ends: tuple[float, float],
    effect_of: Callable[[float], float] = float,
    nothing: float = 0.0,
) -> tuple[float, float]:
    """Return between which effects the test holds; an end where it still holds is infinite.

    `effect_of` turns a place between `ends` into the permutations' own effect.
    """
    quickly = permutations.holding(alpha)
    nothing_holds = permutations.p_value(effect_of(nothing)) > alpha
    found = []
    for end, infinite in zip(ends, (float("-inf"), float("inf")), strict=True):
        inside, outside = value, end
        if min(value, end) <= nothing <= max(value, end):
            # The test of no effect at all has been made and told: the interval must say the same.
            inside, outside = (nothing, end) if nothing_holds else (value, nothing)
        if outside == end and quickly(effect_of(end)):
            found.append(infinite)
        else:
            found.append(_edge(lambda place: quickly(effect_of(place)), inside=inside, outside=outside))
    return found[0], found[1]


def _edge(holds: Callable[[float], bool], *, inside: float, outside: float) -> float:
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return outside
