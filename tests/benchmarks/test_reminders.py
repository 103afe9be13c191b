"""The measurement of planning reminders runs, on a few appointments; its goals are judged by what it found."""

from pathlib import Path

import pytest

from benchmarks.reminders import Measured, measure


def test_every_reminder_is_planned_written_and_counted(tmp_path: Path) -> None:
    found = measure(f"sqlite:///{tmp_path / 'b.db'}", tmp_path, appointments=12)

    assert (found.database, found.appointments, found.written) == ("sqlite", 12, 12)
    legs = (found.bare_seconds, found.plan_seconds, found.write_seconds, found.again_seconds, found.vault_seconds)
    assert min(legs) > 0
    assert 1 < found.vault_ratio < found.found["ratio"]


@pytest.mark.parametrize(
    ("other", "missed"),
    [
        ({}, []),
        ({"write_seconds": 4.0}, ["ratio"]),
        ({"again_seconds": 2.0}, ["again"]),
        ({"megabytes": 101.0}, ["megabytes"]),
        ({"growth": 11.5}, ["growth"]),
    ],
)
def test_goals_are_judged_one_by_one(other: dict[str, float], missed: list[str]) -> None:
    usual = {
        "database": "sqlite",
        "appointments": 100_000,
        "bare_seconds": 1.0,
        "plan_seconds": 1.0,
        "write_seconds": 2.0,
        "again_seconds": 1.0,
        "vault_seconds": 0.5,
        "megabytes": 20.0,
        "written": 100_000,
        "growth": 10.0,
    }

    assert Measured(**usual | other).missed == missed  # type: ignore[arg-type]
