"""worker."""

import sys

import click

from messaging.config import Config
from messaging.worker import work


@click.command()
def worker() -> None:
    """Run the worker alone; `serve` starts it by itself."""
    sys.exit(work(Config.from_environment()))
