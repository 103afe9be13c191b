"""The whole analysis: the fixed order, when there is no verdict, and what bad input gives."""

from dataclasses import replace

import numpy as np
import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.analysing import analyse, holm
from messaging.evaluation.extract import OUTCOMES, Extract, Outcome
from messaging.evaluation.plan import Plan
from messaging.evaluation.results import Analysis
from messaging.evaluation.simulating import World, invent_pilot
from messaging.evaluation.verdict import Finding
from messaging.trial.models import Arm, Design
from tests.evaluation.extracts import Staff, chance, control, extract, sms

QUICK = Plan(permutations=499, secondary=False)
BIG = World(effect=0.45, correlation=0.003)


def app(appointments: int, no_shows: int, **more: object) -> Staff:
    """One with the app."""
    return replace(sms(appointments, no_shows, **more), arm=Arm.APP)


def small(*, sms_rate: int = 5, app_rate: int = 5, control_rate: int = 15, **more: object) -> list[Staff]:
    """Six caseworkers in every arm, of 60 appointments each, about these counts of no-shows."""
    staff = []
    for number in range(6):
        baseline = 0.1 + number / 200
        staff += [
            sms(60, sms_rate + number % 3, baseline_rate=baseline, **more),
            app(60, app_rate + number % 2, baseline_rate=baseline, **more),
            control(60, control_rate + number % 3, baseline_rate=baseline, **more),
        ]
    return staff


def of(staff: list[Staff], plan: Plan = QUICK) -> Analysis:
    """Their analysis."""
    return analyse(extract(staff), plan)


def without(pilot: Extract, arm: Arm, share: float) -> Extract:
    """The pilot with this share of the arm's outcomes forgotten."""
    there = np.flatnonzero(pilot.arm == [Arm.SMS, Arm.APP, Arm.CONTROL].index(arm))
    outcome = pilot.outcome.copy()
    outcome[there[: round(share * len(there))]] = OUTCOMES.index(Outcome.UNKNOWN)
    return replace(pilot, outcome=outcome)


def test_arms_get_a_verdict_only_after_the_pooled_comparison_has_rejected() -> None:
    seen, unseen = of(small()), of(small(sms_rate=15, app_rate=15))

    assert seen.verdict.finding is Finding.FEWER
    assert [comparison.verdict is not None for comparison in seen.arms] == [True, True]
    assert unseen.verdict.finding is Finding.NOT_SHOWN
    assert [comparison.verdict for comparison in unseen.arms] == [None, None]


def test_each_arm_is_held_to_the_level_that_holm_gives_it() -> None:
    found = of(small(app_rate=13))

    assert {comparison.name: comparison.reduction.level for comparison in found.arms} == {"SMS": 0.975, "app": 0.95}
    for comparison in found.arms:
        assert comparison.rejected == (not comparison.reduction.low <= 0 <= comparison.reduction.high)
        assert comparison.verdict is not None
        assert (comparison.verdict.finding is Finding.NOT_SHOWN) is not comparison.rejected


@pytest.mark.parametrize(
    ("p_values", "told"),
    [
        ([0.02, 0.04], ((True, 0.025), (True, 0.05))),
        ([0.04, 0.02], ((True, 0.05), (True, 0.025))),
        ([0.02, 0.06], ((True, 0.025), (False, 0.05))),
        ([0.03, 0.04], ((False, 0.025), (False, 0.025))),
        ([0.03], ((True, 0.05),)),
    ],
)
def test_holm_goes_from_the_smallest_and_stops_at_the_first_that_holds(p_values: list[float], told: tuple) -> None:
    assert holm(p_values, alpha=0.05) == told


def test_more_no_shows_are_found_too() -> None:
    assert of(small(sms_rate=25, app_rate=25)).verdict.finding is Finding.MORE


def test_comparisons_without_a_verdict_are_intervals_alone() -> None:
    found = of(small())

    assert [one.name for one in found.explored] == [
        "jobsamtale", "opfølgning", "jobparat", "uddannelsesparat", "SMS mod app",
    ]  # fmt: skip
    assert all(one.reduction is not None for one in found.explored)


def test_a_group_with_fewer_than_five_no_shows_in_an_arm_is_not_shown() -> None:
    # No-shows come first in the extract's lines, so that two of each caseworker fall on the first citizen alone.
    few = [sms(60, 1), sms(60, 1), sms(60, 2), sms(60, 2), *[control(60, 8 + number) for number in range(4)]]

    hidden = {one.name: one.reduction for one in of(few).explored}

    assert hidden["opfølgning"] is None
    assert hidden["SMS mod app"] is None


def test_unknown_outcomes_are_left_out_with_both_extremes_beside_them() -> None:
    found = of(small(unknown=3))
    assert found.pooled is not None
    assert found.unknown.best is not None
    assert found.unknown.worst is not None

    assert found.unknown.share == pytest.approx(0.05)
    assert found.unknown.worst.value < found.pooled.reduction.value < found.unknown.best.value
    assert found.rates[0].appointments == 6 * 57


def test_without_unknown_outcomes_there_are_no_extremes() -> None:
    found = of(small())

    assert (found.unknown.share, found.unknown.best, found.unknown.worst) == (0.0, None, None)


def test_more_than_a_tenth_unknown_gets_no_verdict() -> None:
    found = of(small(unknown=7))

    assert found.verdict.finding is Finding.NO_VERDICT
    assert "udfaldet mangler for 12 % af samtalerne" in found.verdict.sentence
    assert [comparison.verdict for comparison in found.arms] == [None, None]
    assert found.pooled is not None
    assert found.pooled.verdict == found.verdict


def test_arms_that_differ_by_more_than_five_points_in_unknown_outcomes_get_no_verdict() -> None:
    pilot = invent_pilot(BIG, chance(1))

    assert analyse(without(pilot, Arm.APP, 0.04), QUICK).verdict.finding is Finding.FEWER
    apart = analyse(without(pilot, Arm.APP, 0.06), QUICK).verdict
    assert apart.finding is Finding.NO_VERDICT
    assert "(app 6,0 %, SMS 0,0 %)" in apart.sentence


@pytest.mark.parametrize("arm", ["sms", "control"])
def test_an_arm_in_which_everybody_came_gets_no_verdict(arm: str) -> None:
    staff = small(sms_rate=5, app_rate=5, control_rate=5)
    nobody = [replace(one, no_shows=0) if (one.arm is Arm.CONTROL) == (arm == "control") else one for one in staff]

    found = of(nobody)

    assert found.verdict.sentence == "Kan ikke bedømmes, fordi ingen udeblev i den ene af grupperne."
    assert (found.pooled, found.arms) == (None, ())


def test_one_arm_in_which_everybody_came_leaves_the_rest_as_it_is() -> None:
    staff = [replace(one, no_shows=0) if one.arm is Arm.APP else one for one in small()]

    found = of(staff)

    assert found.verdict.finding is Finding.FEWER
    assert [comparison.name for comparison in found.arms] == ["SMS"]


def test_one_arm_that_is_too_thin_to_compare_stops_neither_the_verdict_nor_the_other_arm() -> None:
    staff = [one for one in small() if one.arm is not Arm.APP]
    found = of([*staff, app(60, 5, baseline_rate=0.12)])

    assert found.verdict.finding is Finding.FEWER
    assert [comparison.name for comparison in found.arms] == ["SMS"]


def test_an_arm_that_cannot_be_tested_makes_the_level_of_the_other_no_easier() -> None:
    found = of([replace(one, no_shows=0) if one.arm is Arm.APP else one for one in small()])

    assert [comparison.reduction.level for comparison in found.arms] == [0.975]


def test_too_few_caseworkers_to_tell_from_chance_get_no_verdict() -> None:
    found = of([sms(60, 5), sms(60, 6), control(60, 20), control(60, 22)])

    assert found.verdict.finding is Finding.NO_VERDICT
    assert "for få enheder" in found.verdict.sentence


def test_a_month_in_which_everybody_came_changes_nothing_but_its_cells() -> None:
    pilot = invent_pilot(BIG, chance(2))
    quiet = np.where((pilot.month == 3) & pilot.no_show, OUTCOMES.index(Outcome.HELD), pilot.outcome)

    found = analyse(replace(pilot, outcome=quiet), QUICK)

    assert found.verdict.finding is Finding.FEWER
    assert all(cell.no_shows is None for cell in found.months if cell.label == "2028-01")


def test_a_stratum_of_one_caseworker_does_not_stop_the_analysis() -> None:
    assert of([*small(), sms(60, 5, stratum="alone")]).verdict.finding is Finding.FEWER


@pytest.mark.parametrize(
    ("staff", "sentence"),
    [
        ([sms(60, 5), sms(60, 6)], "the control arm has 0 units"),
        ([control(60, 5), control(60, 6)], "the treated arm has 0 units"),
        ([replace(one, baseline_rate=None) for one in small()], "no caseworker has a baseline rate"),
        ([sms(60, 5, stratum="a"), control(60, 6, stratum="b")] * 2, "no stratum has units of both arms"),
    ],
)
def test_what_cannot_be_analysed_is_refused_in_words(staff: list[Staff], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        of(staff)


def test_without_a_baseline_one_can_ask_for_an_analysis_that_needs_none() -> None:
    staff = [replace(one, baseline_rate=None) for one in small()]

    assert of(staff, replace(QUICK, adjusted=False)).verdict.finding is Finding.FEWER


def test_the_same_seed_gives_the_same_figures_and_another_seed_nearly_the_same() -> None:
    pilot = invent_pilot(BIG, chance(3))
    one, again, other = (analyse(pilot, replace(QUICK, seed=seed)).pooled for seed in (1, 1, 2))
    assert one is not None
    assert other is not None

    assert one == again
    assert one.reduction != other.reduction
    assert one.reduction.low == pytest.approx(other.reduction.low, abs=0.02)


def test_secondary_analysis_and_correlation_stand_beside_the_primary_one() -> None:
    pilot = invent_pilot(World(caseworkers=18, appointments=100, effect=0.4, correlation=0.01), chance(1))
    found = analyse(pilot, replace(QUICK, secondary=True))
    assert found.pooled is not None
    assert found.secondary is not None
    assert found.correlation is not None

    assert found.secondary.value == pytest.approx(found.pooled.reduction.value, abs=0.1)
    assert 0 <= found.correlation.low <= found.correlation.value < found.correlation.high


def test_citizens_within_their_caseworker_are_analysed_by_the_same_rules() -> None:
    pilot = invent_pilot(World(caseworkers=12, effect=0.5, correlation=0.05, design=Design.CITIZEN), chance(1))
    found = analyse(pilot, replace(QUICK, permutations=199))
    assert found.pooled is not None

    assert found.verdict.finding is Finding.FEWER
    assert found.pooled.reduction.low < 0.5 < found.pooled.reduction.high
    assert found.pooled.difference.high < 0


def test_progress_tells_every_comparison_and_ends() -> None:
    told: list[tuple[int, int]] = []

    analyse(extract(small(unknown=1)), QUICK, progress=lambda done, total: told.append((done, total)))

    assert [done for done, _total in told[:-1]] == list(range(1, len(told)))
    assert told[-1][0] == told[-1][1]
