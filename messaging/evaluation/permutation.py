"""The permutation test: the allocation is drawn again in its own strata and arm sizes, and the difference looked at
anew.

Under a supposed effect the scores of the units are `base + effect * slope`, whatever the arms. The statistic is the
difference of the arms' mean scores over its standard error with unequal variances, squared: 30 caseworkers against 15,
of whom the treated vary less, would otherwise be held to the variance of both together. Of every rearrangement six
numbers are kept, by which any supposed effect is tested in one product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np

from messaging.evaluation.extract import Codes, Flags, Floats

CHUNK = 1_000_000
"""Elements of the matrix of rearrangements that are worked on at a time."""

SAME = 1e-9
"""Statistics that differ by less than this part are equal: the same sums in another order."""

NOISE = 1e-14
"""A squared difference that is smaller than this part of its terms is what rounding left of equal arms."""

Progress = Callable[[int, int], None]


def untold(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Rearranged:
    """An allocation and its rearrangements, a row of `drawn` each. `exact`: they are all there are, the real one among
    them.

    `treated` and `stratum` are of the units; every stratum keeps its number of treated ones.
    """

    treated: Flags
    stratum: Codes
    drawn: Flags
    exact: bool


def rearrange(treated: Flags, stratum: Codes, *, at_most: int, chance: np.random.Generator) -> Rearranged:
    """Return all rearrangements if there are at most `at_most`, else so many drawn."""
    strata = [np.flatnonzero(stratum == one) for one in np.unique(stratum)]
    if ways(treated, stratum) <= at_most:
        return Rearranged(treated=treated, stratum=stratum, drawn=_all(treated, strata), exact=True)
    drawn = np.tile(treated, (at_most, 1))
    rows = max(1, CHUNK // len(treated))
    for start in range(0, at_most, rows):
        part = drawn[start : start + rows]
        for places in strata:
            if 0 < treated[places].sum() < len(places):
                part[:, places] = chance.permuted(part[:, places], axis=1)
    return Rearranged(treated=treated, stratum=stratum, drawn=drawn, exact=False)


def ways(treated: Flags, stratum: Codes) -> int:
    """Return how many different rearrangements there are, the real one among them."""
    sizes = np.bincount(stratum)
    inside = np.bincount(stratum, weights=treated).astype(int)
    return prod(comb(int(size), int(count)) for size, count in zip(sizes, inside, strict=True))


def _all(treated: Flags, strata: list[Codes]) -> Flags:
    choices = [combinations(places.tolist(), int(treated[places].sum())) for places in strata]
    chosen = [[place for part in parts for place in part] for parts in product(*choices)]
    every = np.zeros((len(chosen), len(treated)), dtype=bool)
    for row, places in zip(every, chosen, strict=True):
        row[places] = True
    return every


@dataclass(frozen=True, kw_only=True)
class Permutations:
    """Tests of supposed effects. `observed` (6,) and `drawn` (6, rearrangements) hold the coefficients of two
    polynomials.

    The first three are of the squared difference of the arms by powers of the effect, the others of its variance.
    `estimate`: the effect under which the arms do not differ at all, infinite if none does that.
    """

    observed: Floats
    drawn: Floats
    estimate: float
    exact: bool

    def p_value(self, effect: float) -> float:
        """Return the two-sided p-value of this supposed effect: how often chance alone gives so much or more."""
        difference, variance = _at(self.observed[:3], effect), _at(self.observed[3:], effect)
        if difference <= NOISE * (abs(self.observed[:3]) @ [1.0, effect, effect**2]):
            return 1.0
        # Multiplied over crosswise: arms without any variance are as far apart as can be, and nothing is divided by it.
        here = float(difference) * (1 - SAME) * _at(self.drawn[3:], effect)
        return self._p(int(np.count_nonzero(_at(self.drawn[:3], effect) * max(float(variance), 0.0) >= here)))

    def holding(self, alpha: float) -> Callable[[float], bool]:
        """Return what says of supposed effects whether their p-value is above alpha, quickly enough to search with.

        What is compared crosswise are two polynomials of the fourth degree. Their difference is made once, and has its
        zero where they are equal.
        """
        others, ours = _times(self.observed[3:]), _times(self.observed[:3] * (1 - SAME))
        apart = np.hstack([others, -ours]) @ self.drawn
        degrees = np.arange(5)

        def holds(effect: float) -> bool:
            return self._p(int(np.count_nonzero(effect**degrees @ apart >= 0))) > alpha

        return holds

    def _p(self, as_much: int) -> float:
        # The real allocation is one of those that could be drawn: leaving it out would reject too often.
        return as_much / self.count if self.exact else (as_much + 1) / (self.count + 1)

    @property
    def count(self) -> int:
        """How many rearrangements there are."""
        return int(self.drawn.shape[1])


def _at(polynomial: Floats, effect: float) -> Floats:
    value: Floats = polynomial[0] + effect * (polynomial[1] + effect * polynomial[2])
    return value


def _times(polynomial: Floats) -> Floats:
    """Return the matrix (5, 3) that multiplies polynomials of the second degree by this one."""
    matrix = np.zeros((5, 3))
    for power in range(3):
        matrix[power : power + 3, power] = polynomial
    return matrix


def permute(rearranged: Rearranged, *, base: Floats, slope: Floats) -> Permutations:
    """Return the tests for units with the scores `base + effect * slope`."""
    parts = np.column_stack([base, slope, base**2, base * slope, slope**2])
    treated, control = int(rearranged.treated.sum()), int((~rearranged.treated).sum())
    rows = max(1, CHUNK // len(base))
    drawn = np.concatenate(
        [
            rearranged.drawn[start : start + rows].astype(float) @ parts
            for start in range(0, len(rearranged.drawn), rows)
        ]
    )
    observed = rearranged.treated.astype(float) @ parts
    total = parts.sum(axis=0)
    return Permutations(
        observed=_polynomials(observed, total, treated=treated, control=control),
        drawn=_polynomials(drawn.T, total[:, None], treated=treated, control=control),
        estimate=float("inf") if observed[1] == 0 else float(-observed[0] / observed[1]),
        exact=rearranged.exact,
    )


def _polynomials(sums: Floats, total: Floats, *, treated: int, control: int) -> Floats:
    """Return the coefficients from the sums of base, slope, base², base·slope and slope² over the treated, and over
    all.
    """
    others = total - sums
    base, slope = sums[0] / treated - others[0] / control, sums[1] / treated - others[1] / control
    variance = _of_mean(sums, treated) + _of_mean(others, control)
    squared = np.stack([base**2, 2 * base * slope, slope**2])
    return np.concatenate([squared, variance])


def _of_mean(sums: Floats, count: int) -> Floats:
    spread = np.stack(
        [
            sums[2] - sums[0] ** 2 / count,
            2 * (sums[3] - sums[0] * sums[1] / count),
            sums[4] - sums[1] ** 2 / count,
        ]
    )
    variance: Floats = spread / (count * (count - 1))
    return variance
