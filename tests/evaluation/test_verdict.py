"""The four sentences."""

import numpy as np
import pytest

from messaging.evaluation.intervals import Effect, Estimate
from messaging.evaluation.permutation import Permutations
from messaging.evaluation.verdict import Finding, Goal, no_verdict, percent, verdict_on

NO_PERMUTATIONS = Permutations(observed=np.zeros(6), drawn=np.zeros((6, 1)), estimate=0.0, exact=True)


def effect(value: float, low: float, high: float, *, p_value: float, level: float = 0.95) -> Effect:
    """An effect as the test might give it."""
    return Effect(
        reduction=Estimate(value=value, low=low, high=high, level=level), p_value=p_value, permutations=NO_PERMUTATIONS
    )


@pytest.mark.parametrize(
    ("found", "goal", "sentence"),
    [
        (effect(0.31, 0.22, 0.40, p_value=0.001), Goal.REACHED,
         "Færre udeblev: 31 % færre (95 %-interval 22–40). Målet på 20 % er nået."),
        (effect(0.31, 0.20, 0.40, p_value=0.001), Goal.REACHED,
         "Færre udeblev: 31 % færre (95 %-interval 20–40). Målet på 20 % er nået."),
        (effect(0.25, 0.05, 0.40, p_value=0.01), Goal.OPEN,
         "Færre udeblev: 25 % færre (95 %-interval 5–40). Målet på 20 % kan ikke afgøres."),
        (effect(0.25, 0.1996, 0.40, p_value=0.01), Goal.OPEN,
         "Færre udeblev: 25 % færre (95 %-interval 19,96–40). Målet på 20 % kan ikke afgøres."),
        (effect(0.10, 0.004, 0.199, p_value=0.04), Goal.NOT_REACHED,
         "Færre udeblev: 10 % færre (95 %-interval 0,4–19,9). Målet på 20 % er ikke nået."),
        (effect(0.12, 0.02, 0.20, p_value=0.04), Goal.OPEN,
         "Færre udeblev: 12 % færre (95 %-interval 2–20). Målet på 20 % kan ikke afgøres."),
        (effect(0.25, 0.02, 0.41, p_value=0.01, level=0.975), Goal.OPEN,
         "Færre udeblev: 25 % færre (97,5 %-interval 2–41). Målet på 20 % kan ikke afgøres."),
    ],
)  # fmt: skip
def test_fewer_says_how_the_target_stands(found: Effect, goal: Goal, sentence: str) -> None:
    verdict = verdict_on(found)

    assert (verdict.finding, verdict.goal, verdict.sentence) == (Finding.FEWER, goal, sentence)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (-0.12, 0.34, "Forsøget kan ikke vise en forskel. Den kan ligge mellem 12 % flere og 34 % færre."),
        (-0.30, 0.02, "Forsøget kan ikke vise en forskel. Den kan ligge mellem 30 % flere og 2 % færre."),
        (float("-inf"), 1.0, "Forsøget kan ikke vise en forskel. Den kan ligge mellem langt flere og 100 % færre."),
    ],
)
def test_no_difference_shown_says_how_large_it_may_be(low: float, high: float, sentence: str) -> None:
    verdict = verdict_on(effect(0.1, low, high, p_value=0.2))

    assert (verdict.finding, verdict.goal, verdict.sentence) == (Finding.NOT_SHOWN, None, sentence)


def test_more_no_shows_are_said_plainly() -> None:
    verdict = verdict_on(effect(-0.25, -0.6, -0.03, p_value=0.02))

    assert verdict.finding is Finding.MORE
    assert verdict.sentence == "Flere udeblev: 25 % flere (95 %-interval 3–60)."


def test_no_verdict_gives_its_reason() -> None:
    verdict = no_verdict("udfaldet mangler for 12 % af samtalerne")

    assert verdict.finding is Finding.NO_VERDICT
    assert verdict.sentence == "Kan ikke bedømmes, fordi udfaldet mangler for 12 % af samtalerne."


def test_no_sentence_speaks_of_no_effect() -> None:
    sentences = [
        verdict_on(effect(value, value - 0.3, value + 0.3, p_value=p_value)).sentence
        for value in (-0.5, -0.1, 0.0, 0.1, 0.5)
        for p_value in (0.001, 0.5)
    ]

    assert not any("ingen effekt" in sentence or "virker ikke" in sentence for sentence in sentences)


def test_shares_are_written_as_danes_write_them() -> None:
    assert (percent(0.0866), percent(0.125), percent(0.0)) == ("8,7 %", "12 %", "0,0 %")
