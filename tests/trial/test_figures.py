"""The test of balance against values from the tables of chi-square."""

import pytest

from messaging.trial.figures import chance_of


@pytest.mark.parametrize(
    ("counts", "weights", "p"),
    [
        ((10, 10, 10), (1, 1, 1), 1.0),
        ((20, 10, 0), (1, 1, 1), 4.54e-5),
        ((0, 3841, 0), (1, 0.0001, 1), 0.0),
        ((60, 40), (1, 1), 0.0455),
        ((2, 1, 1), (2, 1, 1), 1.0),
    ],
)
def test_chance_is_that_of_the_chi_square_distribution(
    counts: tuple[int, ...], weights: tuple[float, ...], p: float
) -> None:
    assert chance_of(counts, weights) == pytest.approx(p, rel=1e-2, abs=1e-9)


def test_nobody_is_no_chance() -> None:
    assert chance_of((0, 0, 0), (1, 1, 1)) is None
