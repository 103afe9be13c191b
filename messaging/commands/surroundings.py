"""What the commands share: the runtime of this process, acts of whoever sits at the machine, and progress bars."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from messaging.composing import compose
from messaging.config import Config
from messaging.people.actors import SYSTEM, Actor
from messaging.runtime import Runtime
from messaging.work.lanes import Waker

OPERATOR: Actor = SYSTEM
"""Who acts by a command: somebody with a shell on the machine, whom the system itself vouches for."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")


def open_runtime(*, waker: Waker | None = None) -> Runtime:
    """Compose the runtime from the environment; it is closed when the command ends."""
    runtime = compose(Config.from_environment(), waker=waker)
    click.get_current_context().call_on_close(runtime.close)
    return runtime


def reopen() -> Runtime:
    """Compose the runtime of a process that a command has started; who started it closes it."""
    return compose(Config.from_environment())


def print_json(value: Any) -> None:
    """Print a value as JSON; what JSON does not know is written as text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the error stream while the block runs; it hears how many of how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
