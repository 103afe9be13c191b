"""replies precision | corrections: how well answers are understood, in figures and without a word of any text."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from messaging.appointments.reply_rules import Label
from messaging.cli import cli
from tests.appointments.test_understanding import UNSEEN_FILE


def run(*words: str, code: int = 0) -> str:
    """What `borgerdialog replies precision …` prints, or complains of."""
    result = CliRunner().invoke(cli, ["replies", "precision", *words])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


@pytest.fixture
def figures(shared: Path) -> dict[str, Any]:
    """The figures of the shared texts and of those nobody tuned the rules to, by where they stand."""
    files = {"shared": shared / "data" / "replies.tsv", "unseen": UNSEEN_FILE}
    return {name: json.loads(run(str(file), "--json")) for name, file in files.items()}


def test_most_of_the_shared_texts_are_read_right_and_no_stop_is_found_where_none_is(figures: dict[str, Any]) -> None:
    assert figures["shared"]["right"] >= 0.95
    for told in figures.values():
        (stop,) = [one for one in told["labels"] if one["label"] == Label.STOP]
        assert stop["precision"] == 1


def test_what_is_not_read_right_goes_to_a_human(figures: dict[str, Any]) -> None:
    for told in figures.values():
        assert {one["wrong"] for one in told["labels"] if one["label"] != Label.OTHER} == {0}
        assert all(one["share_to_human"] <= 0.1 for one in told["labels"])


def test_figures_tell_right_from_human_from_wrong(tmp_path: Path) -> None:
    (tmp_path / "texts.tsv").write_text(
        "sick\tjeg er syg\nsick\tøhm\nsick\t1\nconfirm\t1\nother\tja\n", encoding="utf-8"
    )
    told = json.loads(run(str(tmp_path / "texts.tsv"), "--json"))
    found = {one["label"]: one for one in told["labels"]}

    assert (told["texts"], told["right"]) == (5, 0.4)
    assert {name: found["sick"][name] for name in ("texts", "right", "to_human", "wrong", "precision")} == {
        "texts": 3,
        "right": 1,
        "to_human": 1,
        "wrong": 1,
        "precision": 1,
    }
    assert found["confirm"]["precision"] == pytest.approx(1 / 3)
    assert (found["other"]["to_human"], found["other"]["wrong"]) == (0, 1)
    assert found["late"]["precision"] is None


def test_figures_for_people_hold_no_text(tmp_path: Path) -> None:
    (tmp_path / "texts.tsv").write_text("sick\tjeg er syg\n", encoding="utf-8")
    said = run(str(tmp_path / "texts.tsv"))

    assert "1 of 1 right (100.0%)" in said
    assert "jeg er syg" not in said


@pytest.mark.parametrize("line", ["syg\tjeg er syg", "jeg er syg", "sick\tjeg\ter syg", "\xff"])
def test_file_that_is_no_such_list_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "texts.tsv").write_bytes(f"sick\tjeg er syg\n{line}\n".encode("latin-1"))

    assert ("line 2" if line != "\xff" else "UTF-8") in run(str(tmp_path / "texts.tsv"), code=2)
