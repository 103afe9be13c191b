"""Kroner follow the interval: nothing but it where it holds 0, and every figure has a day and a source."""

from datetime import date
from math import inf

import pytest

from messaging.errors import InvalidInput
from messaging.evaluation.intervals import Estimate
from messaging.evaluation.money import LABEL, Name, Years, figures_on, in_kroner, money, read_figures, shipped_figures

DAY = date(2027, 10, 1)
FIGURES = figures_on(DAY, shipped_figures())


def test_a_fifth_fewer_is_what_the_customer_reckoned_with() -> None:
    told = money(Estimate(value=0.2, low=0.1, high=0.3), FIGURES)

    assert told.saving is not None
    assert (told.saving.value, told.saving.low, told.saving.high) == pytest.approx((1_400_000, 700_000, 2_100_000))
    assert told.sentence == (
        f"Gevinsten er 1.400.000 kr. om året før udgifter (mellem 700.000 kr. og 2.100.000 kr.), {LABEL}."
    )


def test_what_stays_takes_the_dearest_roll_out_at_the_low_end_and_the_cheapest_at_the_high_one() -> None:
    first, later = money(Estimate(value=0.2, low=0.1, high=0.3), FIGURES).years

    assert (first.years, first.net.value) == (Years.FIRST, pytest.approx(1_400_000 - 105_000 - 900_000))
    assert (first.net.low, first.net.high) == pytest.approx((700_000 - 1_105_000, 2_100_000 - 905_000))
    assert (later.net.low, later.net.high) == pytest.approx((700_000 - 305_000, 2_100_000 - 305_000))
    assert LABEL in first.sentence
    assert "mellem −400.000 kr. og 1.200.000 kr." in first.sentence


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.3), (0.0, 0.3), (-0.2, 0.0)])
def test_an_interval_that_holds_nought_gives_nothing_but_the_interval(low: float, high: float) -> None:
    told = money(Estimate(value=(low + high) / 2, low=low, high=high), FIGURES)

    assert told.saving is not None
    assert [told.saving.value, *(years.net.value for years in told.years)] == [None] * 3
    assert all("kan ligge mellem" in sentence for sentence in (told.sentence, *(one.sentence for one in told.years)))


def test_more_no_shows_are_a_loss() -> None:
    told = money(Estimate(value=-0.2, low=-0.3, high=-0.1), FIGURES)

    assert told.saving is not None
    assert (told.saving.low, told.saving.value, told.saving.high) == pytest.approx((-2_100_000, -1_400_000, -700_000))


def test_an_infinite_end_is_not_turned_into_kroner() -> None:
    told = money(Estimate(value=0.1, low=-inf, high=0.4), FIGURES)

    assert (told.saving, told.years) == (None, ())
    assert "for usikker" in told.sentence


def test_a_figure_that_changes_takes_over_on_its_day() -> None:
    later = b"""
    [[figure]]
    name = "no_shows"
    least = 8_000_000
    most = 9_000_000
    valid_from = 2028-01-01
    source = "budget 2028"
    """
    both = (*shipped_figures(), *read_figures(later))

    assert figures_on(DAY, both)[Name.NO_SHOWS].most == 7_000_000
    assert figures_on(date(2028, 1, 1), both)[Name.NO_SHOWS].source == "budget 2028"
    with pytest.raises(InvalidInput, match="licence"):
        figures_on(date(2028, 1, 1), read_figures(later))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b'[[figure]]\nname = "andet"\nleast = 1\nmost = 2\nvalid_from = 2027-01-01\nsource = "x"',
        b'[[figure]]\nname = "licence"\nleast = 3\nmost = 2\nvalid_from = 2027-01-01\nsource = "x"',
        b'[[figure]]\nname = "licence"\nleast = 1\nmost = 2\nvalid_from = 2027-01-01\nsource = " "',
        b'[[figure]]\nname = "licence"\nleast = "1"\nmost = 2\nvalid_from = 2027-01-01\nsource = "x"',
    ],
)
def test_figures_without_kroner_day_or_source_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_figures(data)


def test_kroner_are_rounded_to_what_is_known() -> None:
    assert (in_kroner(1_234_567), in_kroner(-4_999), in_kroner(-5_001)) == ("1.230.000 kr.", "0 kr.", "−10.000 kr.")
