"""channels test."""

import click

from messaging.commands.surroundings import open_runtime


@click.group()
def channels() -> None:
    """The ways to reach citizens."""


@channels.command()
def test() -> None:
    """Examine the channel and the case system in use; sends nothing to anybody. Exit code 1 if something blocks."""
    runtime = open_runtime()
    findings = [
        *runtime.channel.examine(),
        *runtime.case_system.examine(),
        *(runtime.push.examine() if runtime.push else ()),
    ]
    for finding in findings:
        click.echo(f"{'BLOCKS' if finding.blocking else 'note'}  {finding.code}: {finding.sentence}")
    if any(finding.blocking for finding in findings):
        raise click.exceptions.Exit(1)
    click.echo(f"{runtime.channel.name} and {runtime.case_system.name} are in order")
