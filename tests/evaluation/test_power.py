"""Power by formula: published figures, hand calculations, and pilots that are invented to check it."""

from dataclasses import replace

import pytest
from scipy import stats

from messaging.errors import InvalidInput
from messaging.evaluation.pilots import simulated_power, world_of
from messaging.evaluation.power import (
    Size,
    appointments_needed,
    appointments_of_each,
    power_of,
    smallest_effect,
)
from messaging.trial.models import Design

ONE_ARM = Size(treated=15, control=15, persistence=0.0)
POOLED = Size(persistence=0.0)
WITH_BASELINE = Size()
CITIZENS = Size(treated=10, control=5, appointments=200, citizens=30, rate=0.2, design=Design.CITIZEN)


@pytest.mark.parametrize(("effect", "appointments"), [(0.10, 15_800), (0.20, 3_760), (0.25, 2_340), (0.30, 1_590)])
def test_independent_appointments_needed_are_the_published_ones(effect: float, appointments: int) -> None:
    assert appointments_needed(rate=0.0866, effect=effect) == pytest.approx(appointments, rel=0.005)


def test_more_power_or_a_stricter_level_needs_more() -> None:
    assert appointments_needed(rate=0.0866, effect=0.2, power=0.9) == pytest.approx(5_030, rel=0.005)
    assert appointments_needed(rate=0.0866, effect=0.2, alpha=0.025) == pytest.approx(4_550, rel=0.005)


@pytest.mark.parametrize(
    ("size", "smallest"),
    [
        (ONE_ARM, (0.17, 0.22, 0.27, 0.34, 0.45)),
        (POOLED, (0.15, 0.19, 0.24, 0.31, 0.41)),
        (WITH_BASELINE, (0.15, 0.18, 0.21, 0.24, 0.29)),
        (replace(ONE_ARM, appointments=150), (0.25, 0.29, 0.33, 0.39, 0.48)),
    ],
)
def test_smallest_reduction_is_within_a_point_of_the_published_table(size: Size, smallest: tuple[float, ...]) -> None:
    found = [smallest_effect(replace(size, correlation=one)) for one in (0, 0.002, 0.005, 0.01, 0.02)]

    assert found == pytest.approx(smallest, abs=0.01)


def test_power_at_the_smallest_effect_is_the_power_asked_for() -> None:
    smallest = smallest_effect(WITH_BASELINE)

    assert smallest is not None
    assert power_of(WITH_BASELINE, smallest) == pytest.approx(0.80, abs=1e-6)
    assert power_of(WITH_BASELINE, 0.0) == pytest.approx(0.05)


def test_power_is_that_of_the_normal_test_by_hand() -> None:
    size = replace(ONE_ARM, correlation=0.0, appointments=100)
    error = ((0.0866 * 0.9134 + 0.0433 * 0.9567) / 1500) ** 0.5

    assert power_of(size, 0.5) == pytest.approx(stats.norm.cdf(0.0433 / error - 1.959964), abs=1e-6)


def test_design_effect_grows_with_the_correlation_and_shrinks_with_the_baseline() -> None:
    alike = 1 + 349 * 0.01

    assert POOLED.design_effect == pytest.approx(alike)
    assert WITH_BASELINE.design_effect == pytest.approx(alike * (1 - (0.8 * 3.5 / alike) ** 2))


def test_citizens_within_their_caseworker_lose_what_their_caseworker_does() -> None:
    by_citizen = replace(POOLED, design=Design.CITIZEN)

    assert by_citizen.design_effect == pytest.approx(0.99)
    assert replace(by_citizen, citizen_correlation=0.05).design_effect == pytest.approx(0.99 + 6 * 0.04)
    assert replace(POOLED, citizen_correlation=0.05).design_effect == pytest.approx(1 + 349 * 0.01 + 6 * 0.04)


def test_beyond_some_correlation_no_number_of_appointments_is_enough() -> None:
    """Fifteen against fifteen caseworkers at ρ = 0.005 are worth 3,000 appointments, and a fifth needs 3,760."""
    assert appointments_of_each(replace(ONE_ARM, correlation=0.005), effect=0.2) is None
    assert appointments_of_each(replace(ONE_ARM, correlation=0.0), effect=0.2) == pytest.approx(3757 / 15, abs=1)


def test_a_trial_too_small_for_any_effect_says_so() -> None:
    assert smallest_effect(replace(ONE_ARM, appointments=2)) is None


@pytest.mark.parametrize(
    "changed",
    [{"treated": 0}, {"rate": 0.0}, {"rate": 1.0}, {"correlation": 1.0}, {"persistence": -0.1}, {"power": 1.0},
     {"appointments": 0}, {"citizen_correlation": 0.001}],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused(changed: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        replace(WITH_BASELINE, **changed)
    with pytest.raises(InvalidInput):
        appointments_needed(rate=0.1, effect=0.0)


@pytest.mark.parametrize(
    ("size", "adjusted"),
    [(WITH_BASELINE, True), (replace(POOLED, correlation=0.003), False), (CITIZENS, True)],
)
def test_invented_pilots_have_the_power_of_the_formula(size: Size, *, adjusted: bool) -> None:
    """Within four points, as far as so few pilots can tell; `evaluate power` invents more."""
    effect = smallest_effect(size)
    assert effect is not None

    found = simulated_power(world_of(size, effect=effect), pilots=120, seed=5, adjusted=adjusted, permutations=199)

    assert abs(found.value - 0.80) < 0.04 + 2 * found.error


def test_only_three_arms_of_one_size_can_be_invented() -> None:
    with pytest.raises(InvalidInput, match="three arms of one size"):
        world_of(ONE_ARM, effect=0.2)
