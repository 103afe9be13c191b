"""journal status | reconcile | replay | park."""

import uuid
from dataclasses import asdict

import click

from adapters.errors import AdapterError
from messaging.commands.surroundings import as_json, open_runtime, print_json
from messaging.journal import overseeing
from messaging.journal.models import EventState
from messaging.journal.reconciling import reconcile as reconcile_streams


@click.group()
def journal() -> None:
    """What the case system has, and what it lacks."""


@journal.command()
@as_json
def status(*, as_json: bool) -> None:
    """Count the events by state and say how old the oldest one is that the case system has not taken."""
    runtime = open_runtime()
    with runtime.database.read() as session:
        found = overseeing.status(session)
    if as_json:
        print_json(asdict(found))
        return
    for state, count in found.counts.items():
        click.echo(f"{state:10} {count}")
    click.echo(f"oldest not yet taken: {found.oldest_open or 'none'}; gaps: {found.gaps}")


@journal.command()
@as_json
def reconcile(*, as_json: bool) -> None:
    """Compare every stream with the case system by count and sequence; repair what can be, name the rest."""
    runtime = open_runtime()
    try:
        found = reconcile_streams(runtime.database, runtime.case_system, clock=runtime.clock)
    except AdapterError as error:
        raise click.ClickException(f"the case system cannot say now ({error.code}); try again") from None
    if as_json:
        print_json(asdict(found))
    else:
        click.echo(str(found))


@journal.command()
@click.argument("event_ids", nargs=-1, type=uuid.UUID)
@click.option("--parked", is_flag=True, help="All parked events.")
@click.option("--rejected", is_flag=True, help="All rejected events.")
def replay(event_ids: tuple[uuid.UUID, ...], *, parked: bool, rejected: bool) -> None:
    """Deliver events again: those named, or all parked or rejected ones."""
    states = [state for state, chosen in ((EventState.PARKED, parked), (EventState.REJECTED, rejected)) if chosen]
    if not states and not event_ids:
        raise click.UsageError("name events, or give --parked or --rejected")
    with open_runtime().database.write() as session:
        count = overseeing.replay(session, states=states, event_ids=list(event_ids))
    click.echo(f"{count} events will be delivered again")


@journal.command()
@click.argument("event_id", type=uuid.UUID)
@click.option("--reason", required=True, help="Why it must not be delivered for now.")
def park(event_id: uuid.UUID, reason: str) -> None:
    """Keep one event back until it is replayed; it stays, and alarms."""
    with open_runtime().database.write() as session:
        overseeing.park(session, event_id=event_id, reason=reason)
    click.echo("parked")
