"""The units of a comparison and their scores."""

import numpy as np
import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.extract import Before, Line, Outcome, extract_of
from messaging.evaluation.units import units_of
from messaging.trial.models import Arm, Design
from tests.evaluation.extracts import control, extract, lines_of, sms, units

STAFF = [
    sms(100, 6, stratum="a", baseline_rate=0.08),
    sms(50, 5, stratum="a", baseline_rate=0.12),
    control(80, 8, stratum="a", baseline_rate=0.10),
    sms(60, 3, stratum="b", baseline_rate=0.05),
    control(40, 6, stratum="b", baseline_rate=0.11),
    control(120, 9, stratum="b", baseline_rate=0.07),
]


def test_a_unit_has_the_rate_of_its_known_appointments() -> None:
    made = units([sms(10, 2, unknown=2), sms(10, 1), control(10, 3), control(10, 0)])

    assert made.rate.tolist() == [2 / 8, 0.1, 0.3, 0.0]
    assert made.treated.tolist() == [True, True, False, False]


def test_caseworkers_count_the_same_or_by_their_appointments() -> None:
    assert units(STAFF).weight.tolist() == [1.0] * 6
    assert units(STAFF, by_appointment=True).weight.tolist() == [100, 50, 80, 60, 40, 120]


@pytest.mark.parametrize("by_appointment", [False, True])
def test_scores_are_the_residuals_of_a_weighted_regression_on_strata_and_baseline(*, by_appointment: bool) -> None:
    made = units(STAFF, adjusted=True, by_appointment=by_appointment)
    assert made.baseline is not None
    columns = np.column_stack([made.stratum == 0, made.stratum == 1, made.baseline]).astype(float)
    root = np.sqrt(made.weight)
    fitted, *_ = np.linalg.lstsq(columns * root[:, None], made.rate * root, rcond=None)

    assert np.allclose(made.scores(made.rate), made.weight * (made.rate - columns @ fitted))


def test_scores_add_up_to_nothing_in_every_stratum() -> None:
    scores = units(STAFF, adjusted=True).scores(units(STAFF).rate)

    assert np.allclose(np.bincount([0, 0, 0, 1, 1, 1], weights=scores), 0)


def test_a_baseline_that_is_missing_is_the_mean_of_the_stratum() -> None:
    staff = [*STAFF, sms(10, 1, stratum="b", baseline_rate=None)]

    made = units(staff, adjusted=True)

    assert made.baseline is not None
    assert made.baseline[-1] == pytest.approx((0.05 + 0.11 + 0.07) / 3)


def test_a_stratum_without_any_baseline_gets_the_mean_of_all() -> None:
    staff = [*STAFF, sms(10, 1, stratum="c", baseline_rate=None)]

    made = units(staff, adjusted=True)

    assert made.baseline is not None
    assert made.baseline[-1] == pytest.approx(np.mean([0.08, 0.12, 0.10, 0.05, 0.11, 0.07]))


def test_no_baseline_at_all_is_refused_unless_one_does_without() -> None:
    staff = [sms(10, 1, baseline_rate=None), sms(10, 2, baseline_rate=None), control(10, 3, baseline_rate=None)] * 2

    with pytest.raises(InvalidInput, match="no caseworker has a baseline rate"):
        units(staff, adjusted=True)
    assert units(staff, adjusted=False).baseline is None


def test_a_baseline_that_is_the_same_for_all_changes_nothing() -> None:
    staff = [sms(10, 1), sms(10, 2), control(10, 3), control(10, 1)]
    rates = units(staff).rate

    assert np.array_equal(units(staff, adjusted=True).scores(rates), units(staff).scores(rates))


@pytest.mark.parametrize(
    ("staff", "arm"),
    [([sms(10, 1), sms(10, 2)], "control"), ([control(10, 1), control(10, 2)], "treated"),
     ([sms(10, 1), sms(10, 1), control(10, 1)], "control"),
     ([sms(10, 1), sms(5, 0, unknown=5), control(10, 1), control(10, 1)], "treated")],
)  # fmt: skip
def test_an_empty_arm_is_refused_by_its_name(staff: list, arm: str) -> None:
    with pytest.raises(InvalidInput, match=f"the {arm} arm has [01] units"):
        units(staff)


def test_strata_that_each_have_one_arm_only_cannot_be_compared() -> None:
    staff = [sms(10, 1, stratum="a"), sms(10, 2, stratum="a"), control(10, 1, stratum="b"), control(10, 3, stratum="b")]

    with pytest.raises(InvalidInput, match="no stratum has units of both arms"):
        units(staff)


def test_a_stratum_of_one_caseworker_says_nothing_and_breaks_nothing() -> None:
    made = units([*STAFF, sms(10, 9, stratum="alone")], adjusted=True)

    assert made.scores(made.rate)[-1] == 0
    assert made.strata_that_compare == 2


def test_citizens_weigh_so_that_their_caseworkers_count_the_same() -> None:
    lines = [
        Line(arm=arm, caseworker=caseworker, citizen=citizen, month="2027-10", meeting_type="a", target_group="b",
             outcome=Outcome.NO_SHOW if missed else Outcome.HELD)
        for caseworker, citizen, arm, missed in [
            ("x", "x1", Arm.SMS, True), ("x", "x1", Arm.SMS, False), ("x", "x2", Arm.CONTROL, True),
            ("y", "y1", Arm.SMS, False), ("y", "y2", Arm.CONTROL, True), ("y", "y2", Arm.CONTROL, False),
            ("y", "y2", Arm.CONTROL, False), ("y", "y2", Arm.CONTROL, False),
        ]
    ]  # fmt: skip
    before = {one: Before(stratum="s", baseline_rate=0.1) for one in "xy"}
    made = extract_of(lines, before=before, design=Design.CITIZEN)

    found = units_of(made, made.known, made.no_show, treated=(Arm.SMS,), control=(Arm.CONTROL,))

    assert found.weight.tolist() == [2 / 3, 1 / 3, 1 / 5, 4 / 5]
    assert found.stratum.tolist() == [0, 0, 1, 1]
    assert found.baseline is None
    # Caseworker x: 2 of 3 no-shows, so x1 with 1 of 2 lies a sixth below; y: 1 of 5, y1 with none a fifth below.
    assert found.scores(found.rate) == pytest.approx([-1 / 9, 1 / 9, -1 / 25, 1 / 25])


def test_a_caseworker_in_two_arms_is_refused_where_caseworkers_were_allocated() -> None:
    lines = lines_of([sms(2, 1), control(2, 1)])
    other = [Line(**{**vars(line), "caseworker": "c000"}) for line in lines]

    with pytest.raises(InvalidInput, match="a caseworker is in two arms"):
        extract_of(other, before={"c000": Before(stratum="s", baseline_rate=0.1)})


def test_an_extract_without_appointments_or_strata_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no appointment"):
        extract_of([], before={})
    with pytest.raises(InvalidInput, match="1 caseworkers have no stratum"):
        extract_of(lines_of([sms(2, 1)]), before={})


def test_an_extract_keeps_every_label_with_its_code() -> None:
    made = extract(STAFF)

    assert len(made) == 450
    assert made.no_show.sum() == 37
    assert made.labels.strata == ("a", "b")
    assert made.labels.months == ("2027-10", "2027-11")
