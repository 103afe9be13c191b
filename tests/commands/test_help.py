"""Every command says what it does, and the ones that must stay small load little."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from messaging.cli import COMMANDS, cli
from tests.conftest import ROOT

HEAVY = ("sqlalchemy", "flask", "cryptography", "requests")
LOADED = "import sys; import messaging.{module}; print(*(name for name in {heavy!r} if name in sys.modules))"


def every_command(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command and group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(cli, [*words, "--help"])

    assert said.exit_code == 0
    assert said.output.startswith("Usage: ")
    assert len(said.output.splitlines()) > 4, "a command without a sentence of help"


def test_list_of_commands_names_each_with_its_purpose() -> None:
    said = CliRunner().invoke(cli, ["--help"]).output

    for name, (_, purpose) in COMMANDS.items():
        assert f"  {name} " in said
        assert purpose.split(",")[0].split(":")[0] in " ".join(said.split())


@pytest.mark.parametrize("module", ["cli", "commands.serving"])
def test_list_of_commands_and_supervisor_load_neither_database_nor_web(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module=module, heavy=HEAVY)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.split() == []


def test_unknown_command_is_refused() -> None:
    said = CliRunner().invoke(cli, ["fly"])

    assert said.exit_code == 2
    assert "No such command 'fly'" in said.output


@pytest.mark.processes
def test_installed_command_answers_with_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "messaging.cli", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "borgerdialog" in done.stdout or "version" in done.stdout
