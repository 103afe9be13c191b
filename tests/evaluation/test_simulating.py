"""Invented pilots have what they were invented with."""

import numpy as np
import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.extract import ARMS, Codes, Extract, Flags
from messaging.evaluation.simulating import World, invent_pilot
from messaging.trial.models import Arm, Design
from tests.evaluation.extracts import chance

CONTROL = ARMS.index(Arm.CONTROL)


def rate(pilot: Extract, which: Flags) -> float:
    """Share of no-shows among these."""
    return float(pilot.no_show[which].mean())


def of_clusters(pilot: Extract) -> Codes:
    """The arm of each caseworker."""
    _clusters, first = np.unique(pilot.cluster, return_index=True)
    return pilot.arm[first]


def test_the_same_chance_gives_the_same_pilot() -> None:
    one, other = (invent_pilot(World(effect=0.2), chance(4)) for _ in range(2))

    assert np.array_equal(one.outcome, other.outcome)
    assert np.array_equal(one.arm, other.arm)
    assert not np.array_equal(one.outcome, invent_pilot(World(effect=0.2), chance(5)).outcome[: len(one)])


def test_caseworkers_are_allocated_in_thirds_of_every_stratum() -> None:
    pilot = invent_pilot(World(), chance(1))
    arms = of_clusters(pilot)

    assert np.bincount(arms).tolist() == [15, 15, 15]
    for stratum in range(len(pilot.labels.strata)):
        assert np.ptp(np.bincount(arms[pilot.stratum == stratum], minlength=3)) <= 1
    assert len(pilot) == pytest.approx(45 * 350, rel=0.15)


def test_citizens_are_allocated_within_their_caseworker() -> None:
    pilot = invent_pilot(World(design=Design.CITIZEN), chance(1))
    citizens, first = np.unique(pilot.citizen, return_index=True)

    counts = np.array([np.bincount(pilot.arm[first][citizens // 50 == one], minlength=3) for one in range(45)])
    assert np.ptp(counts, axis=1).max() <= 1


def test_rates_are_those_of_the_world() -> None:
    pilots = [invent_pilot(World(effect=0.3, correlation=0.005), chance(seed)) for seed in range(40)]
    control = [rate(pilot, pilot.arm == CONTROL) for pilot in pilots]
    treated = [rate(pilot, pilot.arm != CONTROL) for pilot in pilots]

    assert np.mean(control) == pytest.approx(0.0866, abs=0.004)
    assert np.mean(treated) == pytest.approx(0.0866 * 0.7, abs=0.004)


def test_the_baseline_goes_with_the_rate_in_the_trial() -> None:
    pilot = invent_pilot(World(caseworkers=600, correlation=0.05, spread=0.0), chance(1))
    now = np.bincount(pilot.cluster, weights=pilot.no_show) / np.bincount(pilot.cluster)

    assert 0.65 < np.corrcoef(now, pilot.baseline)[0, 1] < 0.85


def test_contamination_makes_the_true_effect_smaller() -> None:
    world = World(effect=0.2, contamination=0.25)
    pilots = [invent_pilot(world, chance(seed)) for seed in range(40)]
    control = np.mean([rate(pilot, pilot.arm == CONTROL) for pilot in pilots])

    assert world.true_reduction == pytest.approx(1 - 0.8 / 0.95)
    assert world.true_difference == pytest.approx(0.0866 * (0.8 - 0.95))
    assert control == pytest.approx(0.0866 * 0.95, abs=0.003)


def test_outcomes_are_missing_by_arm_and_by_outcome() -> None:
    pilot = invent_pilot(World(caseworkers=90, missing=0.05, missing_control=0.2, missing_no_show=6), chance(1))
    control = pilot.arm == CONTROL

    assert (~pilot.known)[control].mean() == pytest.approx(0.2, abs=0.02)
    # Of the treated a twentieth is missing, of their no-shows six times that.
    assert (~pilot.known)[~control].mean() == pytest.approx(0.05 * 0.9134 + 0.3 * 0.0866, abs=0.01)
    assert rate(pilot, pilot.known & ~control) < rate(pilot, pilot.known & control)


def test_appointments_of_one_citizen_can_be_more_alike() -> None:
    pilot = invent_pilot(World(caseworkers=90, citizen_correlation=0.3), chance(1))
    sizes = np.bincount(pilot.citizen)
    missed = np.bincount(pilot.citizen, weights=pilot.no_show)[sizes == 7]

    assert missed.var() > 2 * 7 * 0.0866 * 0.9134


@pytest.mark.parametrize(
    "wrong",
    [{"correlation": 1.0}, {"rate": 0.0}, {"effect": 1.0}, {"rate": 0.6, "effect": -1.0}, {"caseworkers": 2},
     {"teams": 0}, {"appointments": 0}, {"missing": -0.1}, {"citizen_correlation": 0.001}, {"contamination": 1.0}],
)  # fmt: skip
def test_worlds_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        World(**wrong)  # type: ignore[arg-type]
