"""documents retry."""

import uuid

import click

from messaging.commands.surroundings import OPERATOR, open_runtime
from messaging.documents import keeping


@click.group()
def documents() -> None:
    """Papers of citizens that are stuck."""


@documents.command()
@click.argument("document_ids", nargs=-1, type=uuid.UUID)
@click.option("--stuck", is_flag=True, help="All that are parked or wait for the virus scanner.")
def retry(document_ids: tuple[uuid.UUID, ...], *, stuck: bool) -> None:
    """Have documents inspected again: those named, or all that a technical fault has kept from it.

    The worker takes them up with its next look. Doctor names those that are parked.
    """
    if stuck == bool(document_ids):
        raise click.UsageError("name documents, or give --stuck")
    runtime = open_runtime()
    with runtime.act(OPERATOR) as act:
        chosen = keeping.stuck_documents(act.session) if stuck else document_ids
        for document_id in chosen:
            keeping.try_again(act, document_id=document_id)
    click.echo(f"{len(chosen)} documents will be inspected again")
