"""The permutation test against scipy's and against counting by hand."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from scipy import stats

from messaging.evaluation.extract import Codes, Flags, Floats
from messaging.evaluation.permutation import permute, rearrange, ways
from tests.evaluation.extracts import chance

NO_EFFECT = np.float64(0)


def studentised(treated: Floats, control: Floats, axis: int = -1) -> Floats:
    """Welch's statistic, written apart from ours."""
    difference = treated.mean(axis=axis) - control.mean(axis=axis)
    variance = (
        treated.var(axis=axis, ddof=1) / treated.shape[axis] + control.var(axis=axis, ddof=1) / control.shape[axis]
    )
    return difference / np.sqrt(variance)


def p_value(scores: Floats, treated: Flags, stratum: Codes, *, at_most: int = 100_000) -> float:
    """Ours, of no effect."""
    rearranged = rearrange(treated, stratum, at_most=at_most, chance=chance())
    return permute(rearranged, base=scores, slope=np.zeros_like(scores)).p_value(0.0)


@pytest.mark.parametrize("seed", range(6))
def test_p_value_equals_scipys_where_all_rearrangements_can_be_counted(seed: int) -> None:
    scores = chance(seed).normal(size=11)
    scores -= scores.mean()
    treated = np.arange(11) < 7
    theirs = stats.permutation_test(
        (scores[treated], scores[~treated]), studentised, vectorized=True, n_resamples=np.inf, alternative="two-sided"
    )
    # Their two-sided p-value doubles the smaller tail; ours counts both tails.
    both = np.mean(np.abs(theirs.null_distribution) >= abs(theirs.statistic) * (1 - 1e-9))

    assert comb(11, 7) == len(theirs.null_distribution)
    assert p_value(scores, treated, np.zeros(11, dtype=int)) == pytest.approx(both, abs=1e-12)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_p_value_lies_within_monte_carlo_error_of_scipys_on_a_large_set(alternative: str) -> None:
    scores = chance(3).gamma(2.0, size=60)
    scores[:40] += 0.2 if alternative == "greater" else -0.5
    scores -= scores.mean()
    treated = np.arange(60) < 40
    theirs = stats.permutation_test(
        (scores[treated], scores[~treated]),
        lambda one, other, axis=-1: np.abs(studentised(one, other, axis)),
        vectorized=True,
        n_resamples=20_000,
        alternative="greater",
        rng=chance(5),
    )

    ours = p_value(scores, treated, np.zeros(60, dtype=int), at_most=20_000)

    error = np.sqrt(2 * theirs.pvalue * (1 - theirs.pvalue) / 20_000)
    assert 0.001 < theirs.pvalue < 0.9
    assert abs(ours - theirs.pvalue) < 4 * error + 1e-4


def test_p_value_in_strata_equals_counting_by_hand() -> None:
    scores = np.array([0.3, -0.1, 0.4, -0.6, 1.0, 0.2, -0.9, -0.3])
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    treated = np.array([True, True, True, False, True, False, False, False])
    real = abs(studentised(scores[treated], scores[~treated]))
    found = []
    for first, second in product(combinations(range(4), 3), combinations(range(4, 8), 1)):
        inside = np.isin(np.arange(8), [*first, *second])
        found.append(abs(studentised(scores[inside], scores[~inside])))

    assert ways(treated, stratum) == 16
    assert p_value(scores, treated, stratum) == pytest.approx(np.mean(np.array(found) >= real - 1e-12))


def test_every_rearrangement_keeps_the_arm_sizes_of_every_stratum() -> None:
    stratum = np.repeat([0, 1, 2, 3], [8, 7, 15, 1])
    treated = chance(2).random(31) < 0.6

    drawn = rearrange(treated, stratum, at_most=500, chance=chance()).drawn

    for one in range(4):
        assert set(drawn[:, stratum == one].sum(axis=1)) == {treated[stratum == one].sum()}
    assert len({row.tobytes() for row in drawn}) > 490


def test_all_rearrangements_are_different_and_the_real_one_is_among_them() -> None:
    stratum = np.array([0, 0, 0, 1, 1, 1, 1])
    treated = np.array([True, False, False, True, True, False, False])

    rearranged = rearrange(treated, stratum, at_most=1000, chance=chance())

    assert rearranged.exact
    assert len({row.tobytes() for row in rearranged.drawn}) == len(rearranged.drawn) == ways(treated, stratum) == 18
    assert (rearranged.drawn == treated).all(axis=1).sum() == 1


def test_drawn_rearrangements_never_give_a_p_value_of_nothing() -> None:
    scores = np.concatenate([np.linspace(-3, -2, 20), np.linspace(2, 3, 20)])

    assert p_value(scores, np.arange(40) >= 20, np.zeros(40, dtype=int), at_most=99) == pytest.approx(0.01)


def test_equal_units_give_a_p_value_of_one_and_no_division_by_nothing() -> None:
    assert p_value(np.zeros(30), np.arange(30) < 20, np.zeros(30, dtype=int), at_most=99) == 1.0


def test_the_test_keeps_its_level_where_the_arms_differ_in_size_and_nothing_else() -> None:
    treated = np.arange(15) < 10
    stratum = np.zeros(15, dtype=int)
    draws = chance(11)
    rejected = [
        p_value(_centred(draws.gamma(1.0, size=15)), treated, stratum, at_most=199) <= 0.05 for _ in range(1000)
    ]

    assert np.mean(rejected) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 1000))


def _centred(values: Floats) -> Floats:
    centred: Floats = values - values.mean()
    return centred
