"""The waits between tries."""

from random import Random

import pytest

from messaging.waits import Waits
from messaging.work.retries import delay

PLAN = (5.0, 30.0, 120.0)


class Drawn(Random):
    """Draws the same share of every range."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def random(self) -> float:
        return self.share


@pytest.mark.parametrize(
    ("tries", "share", "seconds"),
    [
        (1, 0.0, 4.0),
        (1, 0.5, 5.0),
        (1, 1.0, 6.0),
        (2, 0.0, 24.0),
        (2, 1.0, 36.0),
        (3, 0.5, 120.0),
        (4, 0.5, 120.0),
        (100, 1.0, 144.0),
    ],
)
def test_delay_follows_the_plan_repeats_its_last_wait_and_varies_by_a_fifth(
    tries: int, share: float, seconds: float
) -> None:
    assert delay(PLAN, tries, random=Drawn(share)) == pytest.approx(seconds)


def test_delays_spread_over_the_whole_fifth() -> None:
    random = Random(7)
    drawn = [delay(PLAN, 1, random=random) for _ in range(1000)]

    assert 4.0 <= min(drawn) < 4.05
    assert 5.95 < max(drawn) <= 6.0


def test_journal_plan_waits_half_a_day_in_the_end() -> None:
    assert delay(Waits().journal_retries, 50, random=Drawn(0.5)) == 12 * 3600
