"""The measurement of planning reminders runs, on a few appointments; its goals are judged by what it found."""

from pathlib import Path

import pytest

from benchmarks.reminder_planning import ROUNDS, Measured, Round, measure


def test_every_reminder_is_planned_sealed_and_written(tmp_path: Path) -> None:
    found = measure(f"sqlite:///{tmp_path / 'b.db'}", tmp_path, appointments=12)

    assert (found.database, found.appointments, found.reminders) == ("sqlite", 12, 24)
    assert len(found.rounds) == ROUNDS
    assert min(seconds for one in found.rounds for seconds in vars(one).values()) > 0
    assert min(found.again_seconds, found.write_seconds) > 0


def test_ratio_is_the_median_of_the_rounds() -> None:
    assert measured().found["ratio"] == 3
    assert measured().narrow_ratio == 6


@pytest.mark.parametrize(
    ("other", "missed"),
    [
        ({}, []),
        ({"rounds": (Round(plan_seconds=9.0, rows_seconds=2.0, narrow_seconds=1.0),)}, ["ratio"]),
        ({"again_seconds": 2.0}, ["again"]),
        ({"megabytes": 101.0}, ["megabytes"]),
        ({"growth": 11.5}, ["growth"]),
    ],
)
def test_goals_are_judged_one_by_one(other: dict[str, object], missed: list[str]) -> None:
    assert measured(**other).missed == missed


def measured(**other: object) -> Measured:
    """A measurement that meets every goal, but for what is other."""
    rounds = tuple(Round(plan_seconds=seconds, rows_seconds=1.0, narrow_seconds=0.5) for seconds in (2.0, 3.0, 9.0))
    usual = {
        "database": "sqlite",
        "appointments": 100_000,
        "reminders": 200_000,
        "rounds": rounds,
        "again_seconds": 1.0,
        "megabytes": 20.0,
        "write_seconds": 2.0,
        "growth": 10.0,
    }
    return Measured(**usual | other)  # type: ignore[arg-type]
