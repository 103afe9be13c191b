"""migrate, doctor."""

import sys

import click

from messaging.commands.examining import examine
from messaging.commands.surroundings import open_runtime
from messaging.config import Config
from messaging.laying_out import lay_out
from messaging.work.waking import NoWaker


@click.command()
def migrate() -> None:
    """Bring both databases to the newest version of their tables and put the shipped texts into them."""
    lay_out(Config.from_environment())
    click.echo("The databases are at the newest version.")


@click.command()
def doctor() -> None:
    """Examine settings and the state of the work; exit code 1 if something blocks production."""
    sys.exit(examine(open_runtime(waker=NoWaker())))
