"""serve, worker, migrate, doctor."""

import sys

import click

from messaging.config import Config


@click.command()
def serve() -> None:
    """Run the service until SIGTERM: the web server and the worker, restarted when they die."""
    from messaging.supervisor import serve as supervise

    sys.exit(supervise(Config.from_environment()))


@click.command()
def worker() -> None:
    """Run the worker alone; `serve` starts it by itself."""
    from messaging.worker import work

    sys.exit(work(Config.from_environment()))


@click.command()
def migrate() -> None:
    """Bring both databases to the newest version of their tables and put the shipped texts into them."""
    from messaging.laying_out import lay_out

    lay_out(Config.from_environment())
    click.echo("The databases are at the newest version.")


@click.command()
def doctor() -> None:
    """Examine settings and the state of the work; exit code 1 if something blocks production."""
    from messaging.commands.examining import examine

    sys.exit(examine(Config.from_environment()))
