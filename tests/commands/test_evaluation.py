"""evaluate power, simulate, plan, extract, report: figures for people and for machines."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from messaging.cli import cli
from messaging.clock import FixedClock
from messaging.evaluation import asking
from messaging.people.actors import SYSTEM
from tests.commands.conftest import Deployment
from tests.conftest import ROOT
from tests.conversations.conftest import Town
from tests.evaluation.extracts import control, sms
from tests.evaluation.kept import keep
from tests.trial.conftest import Centre

WITHOUT_NUMPY = "import sys; sys.modules['numpy'] = None; sys.argv = ['borgerdialog', 'evaluate', 'power']"
SMALL = ("--caseworkers", "9", "--appointments", "60", "--rate", "0.3")


def run(*words: str, code: int = 0) -> str:
    """What `borgerdialog evaluate …` prints, or complains of."""
    result = CliRunner().invoke(cli, ["evaluate", *words])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def in_json(*words: str) -> Any:
    """The same as JSON."""
    return json.loads(run(*words, "--json"))


def test_power_answers_for_both_designs_by_formula() -> None:
    found = in_json("power", "--pilots", "0")

    assert found["appointments_per_arm_if_independent"] == 3757
    assert [one["design"] for one in found["designs"]] == ["caseworker", "citizen"]
    assert found["designs"][0]["smallest_effect"] == pytest.approx(0.24, abs=0.01)
    assert found["designs"][1]["smallest_effect"] == pytest.approx(0.15, abs=0.01)
    assert found["designs"][0]["simulated_power"] is None


def test_power_without_a_baseline_sees_less() -> None:
    found = in_json("power", "--pilots", "0", "--no-baseline")

    assert found["designs"][0]["smallest_effect"] == pytest.approx(0.31, abs=0.01)


def test_power_is_checked_on_invented_pilots() -> None:
    found = in_json("power", *SMALL, "--effect", "0.4", "--pilots", "10")

    for design in found["designs"]:
        assert 0 <= design["simulated_power"]["value"] <= 1
        assert design["simulated_power"]["error"] > 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--effect", "0.95", "--icc", "0.001"), "smallest below 95%: all of them see that"),
        (("--effect", "0.01", "--pilots", "4"), "smallest above 1%: hardly any of them sees that"),
        (("--effect", "0"), "smallest not told without an effect"),
    ],
)
def test_power_says_what_pilots_tell_where_all_or_none_of_them_see_the_effect(more: Sequence[str], told: str) -> None:
    text = run("power", "--caseworkers", "15", "--rate", "0.3", "--pilots", "10", *more)

    assert told in text
    assert "smallest none" not in text


def test_power_looks_at_the_estimated_correlation_and_both_ends_of_its_interval(tmp_path: Path) -> None:
    counts = tmp_path / "september.csv"
    counts.write_text("appointments,no_shows\n60,3\n55,9\n70,4\n65,10\n50,2\n62,8\n", encoding="utf-8")
    found = in_json("power", "--pilots", "0", "--counts", str(counts))
    by_caseworker = [one for one in found["designs"] if one["design"] == "caseworker"]

    estimated = found["correlation"]
    assert [one["correlation"] for one in by_caseworker] == [estimated["value"], estimated["low"], estimated["high"]]
    assert by_caseworker[1]["smallest_effect"] < by_caseworker[0]["smallest_effect"]
    assert "estimated correlation" in run("power", "--pilots", "0", "--counts", str(counts))


@pytest.mark.parametrize("text", ["appointments\n60\n", "appointments,no_shows\n60,three\n", "appointments,no_shows\n"])
def test_counts_that_cannot_be_read_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text(text, encoding="utf-8")

    assert run("power", "--pilots", "0", "--counts", str(counts), code=2).startswith("borgerdialog: ")


def test_power_for_people_names_every_figure() -> None:
    text = run("power", "--pilots", "0")

    assert "30 caseworkers with SMS or app, 15 in the control arm" in text
    assert "smallest reduction seen   24" in text
    assert "3757 appointments in each arm" in text


def test_simulate_prints_its_four_figures_each_with_its_error() -> None:
    found = in_json("simulate", *SMALL, "--pilots", "4", "--effect", "0.3", "--gee", "1", "--processes", "1")

    for name in ("false_positive_rate", "coverage", "power"):
        assert set(found[name]) == {"value", "error"}
    assert set(found["bias"]) == {"absolute", "relative"}
    assert found["secondary_pilots"] == 1


def test_simulate_repeats_itself_from_its_seed() -> None:
    words = ("simulate", *SMALL, "--pilots", "3", "--gee", "0", "--processes", "1")

    assert in_json(*words, "--seed", "5") == in_json(*words, "--seed", "5") != in_json(*words, "--seed", "6")


def test_simulate_shows_how_missing_outcomes_stop_the_verdict() -> None:
    words = ("simulate", *SMALL, "--pilots", "3", "--gee", "0", "--processes", "1")

    assert in_json(*words, "--missing", "0.2")["verdicts"] == {"no_verdict": 1.0}
    assert "verdict no_verdict" in run(*words, "--missing-control", "0.3")


@pytest.mark.parametrize(
    "words", [("power", "--caseworkers", "44"), ("simulate", "--pilots", "2", "--icc", "0.1", "--citizen-icc", "0.05")]
)
def test_numbers_that_do_not_fit_together_are_refused_in_a_sentence(words: tuple[str, ...]) -> None:
    assert run(*words, code=2).startswith("borgerdialog: ")


def test_without_its_packages_the_command_says_what_to_install() -> None:
    script = f"{WITHOUT_NUMPY}; from messaging.cli import main; main()"

    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr == "borgerdialog: evaluate needs packages that are not installed: borgerdialog[evaluation]\n"


def test_plan_is_written_once_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    said = run("plan", "--out", str(path), "--permutations", "4999")

    assert said == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n"
    assert json.loads(path.read_text(encoding="utf-8"))["indstillinger"]["permutations"] == 4999
    assert "is there already" in run("plan", "--out", str(path), code=2)


@pytest.mark.parametrize("words", [("--out", "pilot.docx"), (), ("--json", "--through", "januar")])
def test_a_report_in_no_form_it_has_is_refused_before_anything_is_looked_up(words: tuple[str, ...]) -> None:
    run("report", *words, code=2)


def test_a_report_is_written_by_its_ending_and_for_a_machine(
    deployment: Deployment, town: Town, tmp_path: Path
) -> None:
    keep(town.runtime, [sms(60, 6), sms(60, 8), control(60, 9), control(60, 12)])
    path = tmp_path / "pilot.csv"
    deployment.run("evaluate", "report", "--out", str(path), "--through", "2027-10")
    told = deployment.json("evaluate", "report")

    assert "oktober 2027" in path.read_text(encoding="utf-8-sig")
    assert not told["compares"]
    assert told["sections"][0]["key"] == "months"


def test_what_a_page_has_asked_for_is_made_and_kept(deployment: Deployment, town: Town) -> None:
    keep(town.runtime, [sms(60, 6), sms(60, 8), control(60, 9), control(60, 12)])
    with town.runtime.act(SYSTEM) as act:
        asking.ask(act)
    deployment.run("evaluate", "answer")
    deployment.run("evaluate", "answer")

    with town.runtime.database.read() as session:
        kept = asking.last_report(session)
    assert kept is not None
    assert kept[1].sections[0].key == "months"


def test_a_report_that_cannot_be_made_tells_the_page(deployment: Deployment, town: Town) -> None:
    with town.runtime.act(SYSTEM) as act:
        asking.ask(act)
    deployment.run("evaluate", "answer", code=2)

    with town.runtime.database.read() as session:
        failed = asking.last_run(session)
    assert failed is not None
    assert failed.error == "not_found"


def test_extract_says_what_it_did(deployment: Deployment, town: Town) -> None:
    centre = Centre(runtime=town.runtime, clock=FixedClock(moment=town.runtime.clock.now()))
    centre.peopled()
    centre.locks()

    assert deployment.run("evaluate", "extract").output.splitlines()[-1] == "0 new lines, 0 changed, 0 as before"
    assert deployment.json("evaluate", "extract") == {"new": 0, "changed": 0, "unchanged": 0}
