"""When an endpoint is left alone, for how long, and who hears of it. R15."""

from dataclasses import dataclass, field

import pytest

from messaging.errors import DatabaseBusy
from messaging.waits import Waits
from messaging.work.breaker import Breaker, BreakerReport, BreakerState


@dataclass
class Endpoint:
    """A breaker, the time it sees, and what it told."""

    seconds: float = 1000.0
    busy: bool = False
    told: list[BreakerReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.breaker = Breaker("provider", waits=Waits(), monotonic=lambda: self.seconds, tell=self.hear)

    def hear(self, report: BreakerReport) -> None:
        if self.busy:
            raise DatabaseBusy("not now")
        self.told.append(report)

    def call(self, answers: str, *, apart: float = 0) -> None:
        """Make allowed calls that end well (`+`) or badly (`-`)."""
        for answer in answers:
            assert self.breaker.allows()
            (self.breaker.succeeded if answer == "+" else self.breaker.failed)()
            self.seconds += apart

    @property
    def states(self) -> list[BreakerState]:
        return [report.state for report in self.told]


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def opened(endpoint: Endpoint) -> Endpoint:
    endpoint.call("-----")
    return endpoint


@pytest.mark.parametrize(
    ("answers", "apart", "state"),
    [
        ("----", 0, BreakerState.CLOSED),
        ("-----", 0, BreakerState.OPEN),
        ("----+----", 0, BreakerState.CLOSED),
        ("-----", 100, BreakerState.OPEN),
        ("+-" * 9 + "-", 0, BreakerState.CLOSED),
        ("+-" * 10, 0, BreakerState.OPEN),
        ("++-" * 12, 0, BreakerState.CLOSED),
        ("+-" * 10, 5, BreakerState.CLOSED),
        ("+" * 12 + "----+" * 3 + "--", 0, BreakerState.CLOSED),
        ("+" * 12 + "----+" * 3 + "---", 0, BreakerState.OPEN),
    ],
)
def test_breaker_opens_at_five_straight_failures_or_half_of_twenty_calls_in_a_minute(
    endpoint: Endpoint, answers: str, apart: float, state: BreakerState
) -> None:
    """R15."""
    endpoint.call(answers, apart=apart)

    assert endpoint.breaker.state is state


def test_open_breaker_allows_nothing_for_half_a_minute(opened: Endpoint) -> None:
    """R15."""
    opened.seconds += 29.9

    assert opened.breaker.is_open()
    assert not opened.breaker.allows()


def test_open_breaker_lets_one_probe_through(opened: Endpoint) -> None:
    """R15."""
    opened.seconds += 30

    assert [opened.breaker.allows() for _ in range(3)] == [True, False, False]
    assert opened.breaker.state is BreakerState.PROBING


def test_asking_whether_it_is_open_uses_up_no_probe(opened: Endpoint) -> None:
    opened.seconds += 30

    assert not opened.breaker.is_open()
    assert opened.breaker.allows()


def test_good_probe_closes_and_forgets_the_failures(opened: Endpoint) -> None:
    """R15."""
    opened.seconds += 30
    opened.call("+----")

    assert opened.breaker.state is BreakerState.CLOSED


def test_failed_probes_double_the_pause_up_to_ten_minutes(opened: Endpoint) -> None:
    """R15."""
    pauses = []
    for _ in range(7):
        before = opened.seconds
        while not opened.breaker.allows():
            opened.seconds += 1
        opened.breaker.failed()
        pauses.append(opened.seconds - before)

    assert pauses == [30, 60, 120, 240, 480, 600, 600]


def test_pause_starts_small_again_after_recovery(opened: Endpoint) -> None:
    opened.seconds += 30
    opened.call("-")
    opened.seconds += 60
    opened.call("+-----")
    opened.seconds += 30

    assert opened.breaker.allows()


def test_probe_nobody_answers_for_is_followed_by_another(opened: Endpoint) -> None:
    opened.seconds += 30
    opened.breaker.allows()
    opened.seconds += 30

    assert opened.breaker.allows()


@pytest.mark.parametrize("late_answer", ["succeeded", "failed"])
def test_late_answers_to_calls_from_before_change_nothing(opened: Endpoint, late_answer: str) -> None:
    getattr(opened.breaker, late_answer)()
    opened.seconds += 29.9

    assert not opened.breaker.allows()
    assert opened.breaker.state is BreakerState.OPEN


def test_every_change_is_told_with_the_seconds_to_the_next_probe(opened: Endpoint) -> None:
    opened.seconds += 30
    opened.call("-")
    opened.seconds += 60
    opened.call("+")

    assert opened.states == ["open", "probing", "open", "probing", "closed"]
    assert [report.probe_in for report in opened.told] == [30, 30, 60, 60, None]


def test_change_that_could_not_be_told_is_told_at_the_next_call(endpoint: Endpoint) -> None:
    endpoint.busy = True
    endpoint.call("-----")
    endpoint.busy = False
    endpoint.seconds += 30
    endpoint.call("+")

    assert endpoint.states[-1] == "closed"
    assert endpoint.told[0].state == "probing"
