"""Many invented pilots: what is counted, and that the analysis is right. `make simulate-pilots` invents thousands."""

from dataclasses import replace

import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.pilots import Summary, simulate
from messaging.evaluation.simulating import World

WORLD = World(effect=0.2)
SMALL = World(effect=0.2, caseworkers=9, appointments=60, rate=0.3)


@pytest.fixture(scope="module")
def summary() -> Summary:
    """A small run of the pilot as it is planned."""
    return simulate(WORLD, pilots=50, seed=3, permutations=199, with_secondary=2)


def test_no_effect_is_seen_about_as_seldom_as_the_level_says(summary: Summary) -> None:
    found = summary.false_positive_rate

    assert abs(found.value - 0.05) < 3 * found.error
    assert summary.coverage_without_effect.value == pytest.approx(1 - found.value)


def test_intervals_hold_the_truth_about_as_often_as_they_say(summary: Summary) -> None:
    for found in (summary.coverage, summary.coverage_of_difference):
        assert abs(found.value - 0.95) < 3 * found.error


def test_estimates_are_off_by_no_more_than_chance(summary: Summary) -> None:
    assert abs(summary.bias.absolute.value) < 3 * summary.bias.absolute.error
    assert abs(summary.bias.relative.value) < 0.02 + 3 * summary.bias.relative.error


def test_verdicts_are_shares_of_all_pilots(summary: Summary) -> None:
    assert summary.power is not None
    assert sum(summary.verdicts.values()) == pytest.approx(1)
    assert summary.verdicts["fewer"] == summary.power.value
    assert summary.secondary_pilots == 2


def test_figures_do_not_depend_on_how_many_processes_share_the_work() -> None:
    one, two = (simulate(SMALL, pilots=5, seed=4, permutations=49, processes=processes) for processes in (1, 2))

    assert one == two


def test_without_an_effect_there_is_no_power_to_tell() -> None:
    found = simulate(replace(WORLD, effect=0.0), pilots=4, seed=1, permutations=49)

    assert found.power is None
    assert found.coverage == found.coverage_without_effect


def test_outcomes_missing_from_one_arm_bend_the_estimate_or_stop_the_verdict() -> None:
    bent = simulate(
        replace(WORLD, missing=0.04, missing_no_show=6, correlation=0.0), pilots=12, seed=1, permutations=49
    )
    stopped = simulate(replace(WORLD, missing_control=0.15), pilots=6, seed=1, permutations=49)

    assert bent.bias.relative.value > 0.10
    assert stopped.verdicts == {"no_verdict": 1.0}


def test_progress_counts_pilots_with_and_without_the_effect() -> None:
    told: list[tuple[int, int]] = []

    simulate(SMALL, pilots=25, seed=1, permutations=49, progress=lambda done, total: told.append((done, total)))

    assert told == [(20, 50), (25, 50), (45, 50), (50, 50)]


def test_pilots_too_small_to_have_a_no_show_are_refused() -> None:
    with pytest.raises(InvalidInput, match="invent larger ones"):
        simulate(World(caseworkers=6, teams=1, appointments=1, rate=0.01, correlation=0.0), pilots=4, seed=1)
    with pytest.raises(InvalidInput, match="2 pilots are the least"):
        simulate(WORLD, pilots=1, seed=1)
