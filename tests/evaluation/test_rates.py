"""Rates as they were seen, and which counts are not shown."""

import pytest

from messaging.evaluation.rates import Cell, cells, rates_by_arm, shown, unknown_shares
from messaging.trial.models import Arm
from tests.evaluation.extracts import control, extract, sms


def months(*staff: object) -> list[tuple[str, int | None, int | None]]:
    """Label, appointments and no-shows of the cells by month, of the control arm."""
    made = extract(list(staff))  # type: ignore[arg-type]
    return [
        (cell.label, cell.appointments, cell.no_shows)
        for cell in cells(made, made.month, made.labels.months)
        if cell.arm is Arm.CONTROL
    ]


def test_caseworkers_count_the_same_and_appointments_count_the_same() -> None:
    made = extract([sms(10, 5), sms(90, 9, cancelled=18, unknown=10), control(20, 4), control(20, 2)])
    found = rates_by_arm(made)[0]

    assert (found.arm, found.caseworkers, found.appointments, found.no_shows) == (Arm.SMS, 2, 90, 14)
    assert found.mean_rate == pytest.approx((5 / 10 + 9 / 80) / 2)
    assert found.rate == pytest.approx(14 / 90)
    assert found.cancelled == pytest.approx(18 / 90)
    assert found.held == pytest.approx(58 / 90)
    assert found.unknown == pytest.approx(10 / 100)


def test_an_arm_without_appointments_has_no_rates() -> None:
    assert [found.arm for found in rates_by_arm(extract([sms(10, 1), control(10, 2)]))] == [Arm.SMS, Arm.CONTROL]


def test_share_of_unknown_outcomes_is_of_all_planned_appointments() -> None:
    made = extract([sms(10, 1, unknown=3), control(40, 2, unknown=1)])

    assert unknown_shares(made) == {Arm.SMS: pytest.approx(0.3), Arm.CONTROL: pytest.approx(0.025)}


@pytest.mark.parametrize(
    ("appointments", "no_shows", "visible"),
    [(20, 5, True), (20, 4, False), (20, 0, False), (20, 16, False), (20, 15, True)],
)
def test_counts_below_five_are_not_shown_whether_they_came_or_not(
    appointments: int, no_shows: int, *, visible: bool
) -> None:
    assert shown(appointments, no_shows) is visible


def test_months_with_enough_of_both_are_shown() -> None:
    assert months(sms(40, 20), control(40, 20)) == [("2027-10", 20, 10), ("2027-11", 20, 10)]


def test_a_hidden_month_takes_another_with_it_since_the_total_would_tell() -> None:
    staff = [control(40, 20), control(21, 0), control(1, 1)]

    assert months(*staff) == [("2027-10", 32, 11), ("2027-11", 30, 10)]
    assert months(control(40, 9)) == [("2027-10", None, None), ("2027-11", None, None)]


def test_a_month_in_which_everybody_came_is_hidden_and_divides_by_nothing() -> None:
    assert months(control(40, 0)) == [("2027-10", None, None), ("2027-11", None, None)]
    assert Cell(arm=Arm.SMS, label="2027-10", appointments=0, no_shows=0).rate is None


def test_a_shown_cell_has_its_rate() -> None:
    assert Cell(arm=Arm.SMS, label="2027-10", appointments=50, no_shows=5).rate == 0.1
