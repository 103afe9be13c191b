"""run, rehearse, stub."""

import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from adapters.stubs.settings import kept_settings
from adapters.stubs.world import serve_stub
from messaging.commands.surroundings import as_json, print_json, progress_bar
from messaging.rehearsal.city import run_city
from messaging.rehearsal.play import Script
from messaging.rehearsal.play import rehearse as play

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("data_folder", type=click.Path(path_type=Path, file_okay=False))
@click.argument("service_url")
@click.option("--port", default=8500, show_default=True)
@click.option("--pace", default=1.0, show_default=True, help="Multiplies the stub's waiting times.")
@click.option("--seed", default=0, show_default=True, help="For the dice of faults.")
@click.option("--channel", default="simulator", show_default=True, help="What a phone writes to by itself.")
def stub(data_folder: Path, service_url: str, *, port: int, pace: float, seed: int, channel: str) -> None:
    """Play provider, phones and case system for the service at SERVICE_URL; ledgers and secrets in DATA_FOLDER."""
    settings = kept_settings(data_folder, service_url=service_url, pace=pace, seed=seed, default_channel=channel)
    serve_stub(data_folder, settings=settings, port=port, started=click.echo)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default="rehearsal", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--stub-port", default=8500, show_default=True)
def run(folder: Path, *, port: int, stub_port: int) -> None:
    """Start the whole service with a rehearsal city, and say where to look and how to sign in."""
    sys.exit(run_city(folder.resolve(), port=port, stub_port=stub_port, say=click.echo))


@click.command()
@click.option("--appointments", type=FILE, help="The booking system's export; a small city of its own without it.")
@click.option("--caseworkers", type=FILE, help="The staff list.")
@click.option("--sms", type=FILE, help="One text a line; each is posted in three copies, two of them at once.")
@click.option("--replies", type=FILE, help="Label, tab, text: answers to reminders.")
@click.option("--kill", "kills", default=0, help="How often web, worker or supervisor is killed.")
@click.option("--seed", default=1, show_default=True)
@click.option("--database", help="postgresql://…, a server on which two databases may be made; else SQLite.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep everything here.")
@as_json
def rehearse(
    appointments: Path | None,
    caseworkers: Path | None,
    sms: Path | None,
    replies: Path | None,
    *,
    kills: int,
    seed: int,
    database: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Play the main job against real processes and print the ledger; exit code 1 if anything was lost or doubled."""
    if (appointments is None) != (caseworkers is None):
        raise click.UsageError("--appointments and --caseworkers go together: the meetings name the staff")
    with _place(folder) as place:
        script = Script(
            appointments=appointments,
            caseworkers=caseworkers,
            texts=sms,
            replies=replies,
            kills=kills,
            seed=seed,
            database=database,
            folder=Path(place).resolve(),
        )
        ledger = play(script, bar=progress_bar, say=lambda line: click.echo(line, err=True))
    if as_json:
        print_json(ledger)
    else:
        _print(ledger)
    if failed := _failures(ledger):
        click.echo(f"The rehearsal failed: {', '.join(failed)}", err=True)
        raise click.exceptions.Exit(1)


def _failures(ledger: dict[str, Any]) -> list[str]:
    """Name what is not as it must be."""
    inbound, replies = ledger["inbound"], ledger["replies"]
    wrong = {
        "lost": ledger["lost"],
        "duplicated": ledger["duplicated"],
        "plaintext_hits": ledger["plaintext_hits"],
        "journal.gaps": ledger["journal"]["gaps"],
        "journal.receipted": ledger["journal"]["expected"] != ledger["journal"]["receipted"],
        "inbound.opened_equal": inbound["opened_equal"] != inbound["posted"],
        "replies.unread": replies["unread"],
        "replies.false_stop": replies["false_stop"],
        "kills.survivors": ledger["kills"]["survivors"],
        "audit.intact": not ledger["audit"]["intact"],
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _place(folder: Path | None) -> AbstractContextManager[str]:
    if folder is None:
        return tempfile.TemporaryDirectory(prefix="borgerdialog-")
    folder.mkdir(parents=True, exist_ok=True)
    return nullcontext(str(folder))


def _print(ledger: dict[str, Any], indent: str = "") -> None:
    for name, value in ledger.items():
        if isinstance(value, dict):
            click.echo(f"{indent}{name}:")
            _print(value, indent + "  ")
        elif not isinstance(value, list):
            click.echo(f"{indent}{name:24} {value}")
