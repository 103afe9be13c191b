"""Effects and their intervals: what the test would not reject, and nothing else."""

import numpy as np
import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.extract import Floats
from messaging.evaluation.intervals import FARTHEST_RATIO, Effect, absolute_effect, relative_effect
from messaging.evaluation.permutation import Rearranged, rearrange
from messaging.evaluation.units import Units
from tests.evaluation.extracts import chance


def some_units(seed: int, *, effect: float = 0.0, strata: int = 1, count: int = 24) -> Units:
    """Units with gamma rates about 0.09, two thirds of them treated."""
    draws = chance(seed)
    treated = draws.permuted(np.arange(count) < count * 2 // 3)
    rate = draws.gamma(8.0, 0.09 / 8, size=count)
    return Units(
        treated=treated,
        rate=np.where(treated, rate * (1 - effect), rate),
        weight=np.ones(count),
        stratum=np.arange(count) % strata,
        baseline=rate * draws.normal(1, 0.2, size=count),
    )


def rearranged(units: Units, *, at_most: int = 999) -> Rearranged:
    """Its rearrangements."""
    return rearrange(units.treated, units.stratum, at_most=at_most, chance=chance())


def with_rates(units: Units, rate: Floats) -> Units:
    """The same units with other rates, and nothing to adjust for."""
    return Units(treated=units.treated, rate=rate, weight=units.weight, stratum=units.stratum, baseline=None)


def effect_of(units: Units, level: float = 0.95) -> Effect:
    """Its relative effect."""
    return relative_effect(units, rearranged(units), level=level)


def test_reduction_is_that_of_the_unweighted_mean_of_rates() -> None:
    units = some_units(1)
    units = with_rates(units, units.rate)
    found = effect_of(units).reduction

    assert found.value == pytest.approx(1 - units.rate[units.treated].mean() / units.rate[~units.treated].mean())
    assert found.low < found.value < found.high


def test_adjusted_reduction_is_where_the_coefficient_of_a_regression_vanishes() -> None:
    units = some_units(2, strata=3)
    assert units.baseline is not None
    ratio = 1 - effect_of(units).reduction.value
    undone = np.where(units.treated, units.rate / ratio, units.rate)
    columns = np.column_stack([units.treated, *(units.stratum == one for one in range(3)), units.baseline]).astype(
        float
    )

    coefficients, *_ = np.linalg.lstsq(columns, undone, rcond=None)

    assert coefficients[0] == pytest.approx(0, abs=1e-12)


def test_adjusted_difference_is_the_coefficient_of_a_regression() -> None:
    units = some_units(3, strata=3)
    assert units.baseline is not None
    columns = np.column_stack([units.treated, *(units.stratum == one for one in range(3)), units.baseline]).astype(
        float
    )
    coefficients, *_ = np.linalg.lstsq(columns, units.rate, rcond=None)

    assert absolute_effect(units, rearranged(units)).value == pytest.approx(coefficients[0])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("effect", [-0.3, 0.0, 0.15, 0.3])
def test_interval_leaves_out_no_effect_exactly_where_the_test_rejects(seed: int, effect: float) -> None:
    found = effect_of(some_units(seed, effect=effect, strata=2))

    assert found.rejected == (not found.reduction.low < 0 < found.reduction.high)
    assert found.rejected == (found.p_value <= 0.05)


@pytest.mark.parametrize("seed", range(4))
def test_effects_inside_are_not_rejected_and_effects_outside_are(seed: int) -> None:
    found = effect_of(some_units(seed, effect=0.2))
    low, high = found.reduction.low, found.reduction.high
    span = high - low

    for share in (0.02, 0.3, 0.7, 0.98):
        assert found.permutations.p_value(1 / (1 - low - share * span)) > 0.05
    for reduction in (low - 0.03, low - 0.2, high + 0.03, high + 0.2):
        assert found.permutations.p_value(1 / (1 - reduction)) <= 0.05


def test_a_higher_level_gives_a_longer_interval_about_the_same_value() -> None:
    found = effect_of(some_units(4))
    wider = found.at_level(0.99).reduction

    assert wider.value == found.reduction.value
    assert wider.low < found.reduction.low < found.reduction.high < wider.high


def test_reduction_does_not_depend_on_the_unit_of_the_rates() -> None:
    units = some_units(5)
    one, other = effect_of(with_rates(units, units.rate)), effect_of(with_rates(units, units.rate * 7))

    assert one.p_value == other.p_value
    assert (one.reduction.low, one.reduction.high) == pytest.approx((other.reduction.low, other.reduction.high))


@pytest.mark.parametrize("name", ["control", "treated"])
def test_an_arm_without_any_no_show_has_no_relative_effect(name: str) -> None:
    """Multiplied by whatever, nothing stays nothing: an interval made of that would be a single point."""
    units = some_units(6)
    nobody = units.treated if name == "treated" else ~units.treated

    with pytest.raises(InvalidInput, match=f"nobody in the {name} arm was a no-show"):
        effect_of(with_rates(units, np.where(nobody, 0.0, units.rate)))


def test_rates_without_any_variance_give_a_point_and_no_division_by_nothing() -> None:
    units = some_units(7)
    same = effect_of(with_rates(units, np.full(len(units.rate), 0.1)))
    apart = effect_of(with_rates(units, np.where(units.treated, 0.05, 0.1)))

    assert (same.p_value, same.reduction.value) == (1.0, pytest.approx(0.0, abs=1e-12))
    assert apart.reduction.value == pytest.approx(0.5)
    assert apart.rejected


def test_an_interval_without_an_end_says_so() -> None:
    units = Units(
        treated=np.array([True, True, False, False]),
        rate=np.array([0.1, 0.0, 0.2, 0.0]),
        weight=np.ones(4),
        stratum=np.zeros(4, dtype=int),
        baseline=None,
    )
    found = effect_of(units).reduction

    assert (found.low, found.high) == (-np.inf, 1.0)
    assert FARTHEST_RATIO > 100


def test_difference_is_in_shares_and_leaves_out_nothing_like_its_test() -> None:
    units = some_units(8, effect=0.7)
    found = absolute_effect(with_rates(units, units.rate), rearranged(units))

    assert found.value == pytest.approx(units.rate[units.treated].mean() - units.rate[~units.treated].mean())
    assert -1 < found.low < found.value < found.high < 0
