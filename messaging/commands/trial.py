"""trial draw | lock | show | succeed | end."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from messaging.attendance.across import meetings_across
from messaging.attendance.queries import baseline_rates
from messaging.clock import COPENHAGEN
from messaging.commands.surroundings import OPERATOR, as_json, open_runtime, print_json
from messaging.errors import NotFound
from messaging.evaluation.lockable import require_judgeable, without_baseline
from messaging.evaluation.plan_file import read_plan
from messaging.evaluation.waiting import may_compare, opens_at
from messaging.trial import figures, running
from messaging.trial.models import Arm, Design, Trial

DESIGN = click.option(
    "--by",
    "design",
    type=click.Choice([design.value for design in Design]),
    default=Design.CASEWORKER.value,
    show_default=True,
    help="Who is allocated: caseworkers with their citizens, or citizens within their caseworker.",
)
PLAN = click.Path(exists=True, dir_okay=False, path_type=Path)
SEED = click.option("--seed", type=int, required=True, help="The same seed gives the same arms.")


@click.group()
def trial() -> None:
    """The trial: who is allocated to which arm."""


@trial.command(name="draw")
@DESIGN
@SEED
@as_json
def draw_(design: str, seed: int, *, as_json: bool) -> None:
    """Say how large the arms would be now; nothing is written."""
    runtime = open_runtime()
    with runtime.database.read() as session:
        rates = baseline_rates(session)
        drawn = running.draw(
            session, runtime.vault, design=Design(design), seed=seed, rates=rates, at=runtime.clock.now()
        )
    _print_drawn(drawn, rates, as_json=as_json)


@trial.command()
@DESIGN
@SEED
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which the trial ends, six months off."
)
@click.option("--plan", type=PLAN, required=True, help="The plan of its analysis, as `evaluate plan` writes it.")
@as_json
def lock(design: str, seed: int, until: datetime, plan: Path, *, as_json: bool) -> None:
    """Begin the trial now. Nothing moves anybody to another arm from then on, and nothing changes its plan.

    Refused if the trial could never be judged: fewer than three caseworkers in an arm, nothing known of the time
    before it though the plan adjusts for that, or too few ways to draw the arms again for a test at 5 %.
    """
    text = plan.read_text(encoding="utf-8")
    fixed = read_plan(text)
    runtime = open_runtime()
    with runtime.act(OPERATOR) as act:
        rates = baseline_rates(act.session)
        drawn = running.lock(
            act,
            design=Design(design),
            seed=seed,
            ends_at=until.replace(tzinfo=COPENHAGEN),
            rates=rates,
            plan=text,
        )
        require_judgeable(drawn, rates=rates, plan=fixed)
    _print_drawn(drawn, rates, as_json=as_json)


@trial.command()
@as_json
def show(*, as_json: bool) -> None:
    """Show the arms' sizes, who joined since, and what blurs the difference between them.

    Whether newcomers fell unevenly is told when the arms may be compared, fourteen days after the trial's end.
    """
    runtime = open_runtime()
    with runtime.database.read() as session:
        found = _latest(session)
        judges = may_compare(found, at=runtime.clock.now())
        stands = figures.standing(session, found, judges=judges)
        meetings, opens = meetings_across(session, found), opens_at(found)
    if as_json:
        print_json({**asdict(stands), "meetings_across": asdict(meetings), "compared_from": opens})
        return
    locked, ends = (at.astimezone(COPENHAGEN) for at in (stands.locked_at, stands.ends_at))
    click.echo(f"by {stands.design}, locked {locked:%Y-%m-%d}, until {ends:%Y-%m-%d}")
    for arm in Arm:
        click.echo(f"{arm:8} {stands.caseworkers[arm]:4} caseworkers {stands.citizens[arm]:6} citizens")
    for month in stands.inflow:
        joined = ", ".join(f"{arm} {count}" for arm, count in month.sizes.items())
        click.echo(f"joined in {month.month}: {joined}" + (f" (p {month.p:.3f})" if month.p is not None else ""))
    if not judges:
        click.echo(f"the arms are compared from {opens.astimezone(COPENHAGEN):%Y-%m-%d}")
    across = stands.contamination
    click.echo(
        f"across arms: {across.transfers} transfers, {across.covers} openings by a stand-in, "
        f"{across.overrides} overrides; {across.withheld} withheld"
    )
    click.echo(f"meetings across arms: {meetings.planned} planned, {meetings.stood_in} held by a stand-in")


@trial.command()
@click.argument("leaving")
@click.argument("successor")
def succeed(leaving: str, successor: str) -> None:
    """Let SUCCESSOR have the arm of LEAVING, whose place she takes; both by initials."""
    with open_runtime().act(OPERATOR) as act:
        running.succeed(act, leaving=leaving, successor=successor)
    click.echo(f"{successor} has the arm of {leaving}")


@trial.command(name="end")
@click.confirmation_option(prompt="End the trial? From then on every citizen is written to as everybody")
def end_() -> None:
    """End the trial before its time."""
    with open_runtime().act(OPERATOR) as act:
        running.end(act)
    click.echo("the trial has ended")


def _latest(session: Session) -> Trial:
    found = running.latest(session)
    if found is None:
        raise NotFound("there has been no trial")
    return found


def _print_drawn(drawn: running.Drawn, rates: running.Rates, *, as_json: bool) -> None:
    sizes, unknown = drawn.sizes(), without_baseline(drawn, rates)
    if as_json:
        arms = {arm: {"caseworkers": of_arm[0], "citizens": of_arm[1]} for arm, of_arm in sizes.items()}
        told = {"design": drawn.design, "seed": drawn.seed, "strata": len(set(drawn.strata.values()))}
        print_json({**told, "without_baseline": unknown, "arms": arms})
        return
    for arm, (caseworkers, citizens) in sizes.items():
        click.echo(f"{arm:8} {caseworkers:4} caseworkers {citizens:6} citizens")
    click.echo(f"{unknown} of {len(drawn.strata)} caseworkers without a baseline")
