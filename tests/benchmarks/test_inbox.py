"""The benchmark of the inbox runs on small stores; the figures of so short a run say nothing."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.inbox import GOALS
from tests.conftest import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def quick_run() -> dict[str, Any]:
    """The shortest run there is, as a machine reads it."""
    command = [sys.executable, "-m", "benchmarks.inbox", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_every_page_is_asked_of_both_stores(quick_run: dict[str, Any]) -> None:
    assert [one["goal"]["what"] for one in quick_run["pages"]["outcomes"]] == [goal.what for goal in GOALS]
    assert all(taken > 0 for taken in quick_run["pages"]["milliseconds"].values())


def test_every_message_is_seen_in_its_own_tab_and_in_no_other(quick_run: dict[str, Any]) -> None:
    live = quick_run["live"]

    assert live["messages"] > 0
    assert (live["missing"], live["strays"]) == (0, 0)
