"""audit verify."""

from dataclasses import asdict
from pathlib import Path

import click

from messaging.audit.heads import HEADS_FILE, Heads
from messaging.audit.verifying import verify as verify_trail
from messaging.commands.surroundings import as_json, open_runtime, print_json, progress_bar

HEADS_KEPT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--heads", type=HEADS_KEPT, help="Signed heads kept elsewhere, one a line.")
@as_json
def verify(heads: Path | None, *, as_json: bool) -> None:
    """Check the whole chain; exit code 1 if anything was changed, deleted, inserted, reordered or cut off."""
    runtime = open_runtime()
    kept = Heads(heads or runtime.config.data_folder / HEADS_FILE)
    with progress_bar("verifying") as progress:
        report = verify_trail(
            runtime.database,
            runtime.vault,
            heads=kept.lines(),
            overdue_seconds=runtime.config.waits.audit_overdue,
            progress=progress,
        )
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(f"{report.chained} entries chained, {report.waiting} waiting, {report.heads} signed heads")
        for finding in report.findings:
            click.echo(f"{finding.kind}: {finding}")
    if report.findings:
        raise click.exceptions.Exit(1)
