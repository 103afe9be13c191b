"""`python -m adapters.stubs DATA_FOLDER SERVICE_URL --port N`: the outside world as a process of its own."""

from pathlib import Path

import click

from adapters.stubs.settings import kept_settings
from adapters.stubs.world import serve_stub


@click.command()
@click.argument("data_folder", type=click.Path(path_type=Path, file_okay=False))
@click.argument("service_url")
@click.option("--port", default=8500, show_default=True)
@click.option("--pace", default=1.0, show_default=True, help="Multiplies the stub's waiting times.")
@click.option("--seed", default=0, show_default=True, help="For the dice of faults.")
def main(data_folder: Path, service_url: str, *, port: int, pace: float, seed: int) -> None:
    """Play provider, phones and case system for the service at SERVICE_URL; ledgers and secrets in DATA_FOLDER."""
    settings = kept_settings(data_folder, service_url=service_url, pace=pace, seed=seed)
    serve_stub(data_folder, settings=settings, port=port, started=click.echo)


main()
