"""replies precision | corrections."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from messaging.appointments.correcting import Measured, measure
from messaging.appointments.precision import LabelFigures, figures, labelled_texts
from messaging.clock import COPENHAGEN
from messaging.commands.surroundings import as_json, open_runtime, print_json

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def replies() -> None:
    """How answers to reminders are understood."""


@replies.command()
@click.argument("files", type=FILES, nargs=-1, required=True)
@as_json
def precision(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Put the rules to texts whose meaning is known, lines of a label, a tab and a text; needs no deployment.

    For each label: how many were read right, left to a human and read as something else; and the precision, which is
    the share of all texts read as this label that are.
    """
    texts = [line for file in files for line in labelled_texts(file.read_bytes())]
    found = figures(texts, on=datetime.now(COPENHAGEN).date())
    right, of = sum(one.right for one in found), max(len(texts), 1)
    if as_json:
        print_json({"texts": len(texts), "right": right / of, "labels": [_as_row(one) for one in found]})
        return
    click.echo(f"{'label':14}{'texts':>6}{'right':>7}{'to a human':>12}{'wrong':>7}{'precision':>11}")
    for one in found:
        human = "-" if one.share_to_human is None else f"{one.share_to_human:.1%}"
        sure = "-" if one.precision is None else f"{one.precision:.1%}"
        click.echo(f"{one.label:14}{one.texts:6}{one.right:7}{human:>12}{one.wrong:7}{sure:>11}")
    click.echo(f"{right} of {len(texts)} right ({right / of:.1%})")


@replies.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day; all that was ever read, without it.")
@as_json
def corrections(since: datetime | None, *, as_json: bool) -> None:
    """Say per rule how many answers it read and how many of these caseworkers corrected. Nothing that was written."""
    runtime = open_runtime()
    with runtime.database.read() as session:
        measured = measure(session, since=since.replace(tzinfo=COPENHAGEN) if since else None)
    if as_json:
        print_json([asdict(one) | {"corrections": one.corrections, "precision": one.precision} for one in measured])
        return
    for one in measured:
        click.echo(_in_words(one))


def _as_row(one: LabelFigures) -> dict[str, object]:
    return asdict(one) | {"wrong": one.wrong, "recall": one.recall, "share_to_human": one.share_to_human}


def _in_words(one: Measured) -> str:
    to = ", ".join(f"{label} {count}" for label, count in sorted(one.corrected_to.items()))
    told = f"  ({to})" if to else ""
    return (
        f"{one.rule or '-'} -> {one.label}: {one.readings} readings, {one.corrections} corrected, "
        f"precision {one.precision:.1%}{told}"
    )
