"""The correlation between the appointments of one caseworker."""

import numpy as np
import pytest
from scipy import stats

from messaging.errors import InvalidInput
from messaging.evaluation.correlation import correlation, correlation_of
from messaging.evaluation.simulating import World, invent_pilot
from messaging.trial.models import Design
from tests.evaluation.extracts import chance, control, extract, sms

NO_SHOWS = np.array([2.0, 5.0, 9.0, 4.0])
APPOINTMENTS = np.full(4, 20.0)


def test_it_is_that_of_the_analysis_of_variance() -> None:
    values = np.array([[1.0] * int(count) + [0.0] * (20 - int(count)) for count in NO_SHOWS])
    between = 20 * values.mean(axis=1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    ratio = between / within
    high, low = stats.f.ppf(0.975, 3, 76), stats.f.ppf(0.025, 3, 76)

    found = correlation(NO_SHOWS, APPOINTMENTS)

    assert found.value == pytest.approx((between - within) / (between + 19 * within))
    assert found.low == max(0.0, pytest.approx((ratio / high - 1) / (ratio / high + 19), abs=1e-12).expected)
    assert found.high == pytest.approx((ratio / low - 1) / (ratio / low + 19))


def test_caseworkers_that_are_alike_give_nothing_rather_than_less() -> None:
    found = correlation(np.full(10, 2.0), np.full(10, 20.0))

    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_difference_between_the_arms_is_no_likeness() -> None:
    no_shows, appointments = np.array([2.0, 2.0, 2.0, 9.0, 9.0, 9.0]), np.full(6, 20.0)

    assert correlation(no_shows, appointments).value > 0.1
    assert correlation(no_shows, appointments, group=np.array([0, 0, 0, 1, 1, 1])).value == 0.0


def test_it_finds_what_pilots_were_invented_with() -> None:
    found = [correlation_of(invent_pilot(World(correlation=0.02), chance(seed))).value for seed in range(80)]

    assert np.mean(found) == pytest.approx(0.02, abs=4 * np.std(found) / np.sqrt(80))


def test_its_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        found = correlation_of(invent_pilot(World(correlation=0.01), chance(seed)))
        held += found.low <= 0.01 <= found.high

    assert 0.90 <= held / 200 <= 0.985


def test_where_citizens_were_allocated_the_control_arm_is_looked_at() -> None:
    pilot = invent_pilot(World(correlation=0.03, effect=0.9, design=Design.CITIZEN), chance(1))

    assert 0.005 < correlation_of(pilot).value < 0.08


@pytest.mark.parametrize(
    ("no_shows", "appointments"),
    [([], []), ([1.0], [10.0]), ([1.0, 2.0], [10.0, 0.0]), ([1.0, 0.0], [1.0, 1.0]), ([0.0, 0.0], [10.0, 10.0]),
     ([10.0, 10.0], [10.0, 10.0]), ([11.0, 2.0], [10.0, 10.0]), ([-1.0, 2.0], [10.0, 10.0])],
)  # fmt: skip
def test_counts_that_have_no_correlation_are_refused(no_shows: list[float], appointments: list[float]) -> None:
    with pytest.raises(InvalidInput):
        correlation(np.array(no_shows), np.array(appointments))


def test_an_extract_with_one_caseworker_in_an_arm_is_refused() -> None:
    with pytest.raises(InvalidInput, match="two caseworkers with appointments in every arm"):
        correlation_of(extract([sms(10, 2), control(10, 2), control(10, 1)]))
