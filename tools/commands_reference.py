"""Writes docs/commands.md from what the commands say of themselves: `python -m tools.commands_reference`."""

from collections.abc import Iterator
from pathlib import Path

import click

from messaging.cli import cli

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
WIDTH = 100

HEAD = """# Commands

What `borgerdialog … --help` says, for reading in one place. Every command reads its settings from the environment (see
the tables in [README](../README.md)). Exit codes: 0 done, 1 something is wrong with what was examined, 2 settings or
input cannot be used; the reason is one sentence.
"""


def reference() -> str:
    """Return the file's text."""
    return HEAD + "".join(
        f"\n## {' '.join(words)}\n\n```text\n{_help(words, command)}\n```\n" for words, command in commands()
    )


def commands(
    group: click.Group = cli, words: tuple[str, ...] = ("borgerdialog",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it; a group comes before what is in it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


def main() -> None:
    """Write the file."""
    REFERENCE.write_text(reference(), encoding="utf-8")


def _help(words: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=" ".join(words), terminal_width=WIDTH, max_content_width=WIDTH)
    return command.get_help(context)


if __name__ == "__main__":
    main()
