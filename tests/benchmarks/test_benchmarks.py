"""The benchmarks run, and what they load stays correct; the figures of so short a run say nothing."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.load import is_whole
from tests.conftest import ROOT

GOALS = ["P1", "P3", "P8", "P5"]


@pytest.fixture(scope="module")
def quick_run() -> dict[str, Any]:
    """The shortest run there is, as a machine reads it."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_every_gate_holds_under_load(quick_run: dict[str, Any]) -> None:
    """Rows in are answers given, nothing is stored twice, nothing is refused that must not be."""
    assert quick_run["failures"] == []


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_every_goal_gets_a_ratio(quick_run: dict[str, Any]) -> None:
    outcomes = {outcome["goal"]: outcome for outcome in quick_run["outcomes"]}

    assert list(outcomes) == GOALS
    assert all(outcome["ratio"] > 0 for outcome in outcomes.values())


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", False),
        (b"HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n", True),
    ],
)
def test_answer_is_whole_when_its_length_has_come(answer: bytes, *, whole: bool) -> None:
    assert is_whole(answer) is whole
