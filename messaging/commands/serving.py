"""serve. Imports little: the supervisor is to stay small."""

import sys

import click

from messaging import supervisor
from messaging.config import Config


@click.command()
def serve() -> None:
    """Run the service until SIGTERM: the web server and the worker, restarted when they die."""
    sys.exit(supervisor.serve(Config.from_environment()))
