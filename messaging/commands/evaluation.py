"""evaluate extract | plan | report | simulate; evaluate power has a module of its own."""

import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from messaging.commands.evaluation_options import SHARE, Supposed, trial
from messaging.commands.evaluation_power import power
from messaging.commands.surroundings import OPERATOR, as_json, open_runtime, print_json, progress_bar
from messaging.errors import BorgerdialogError, InvalidInput
from messaging.evaluation.asking import begin, fail, finish, tell
from messaging.evaluation.forms import known, write
from messaging.evaluation.pilots import Summary, simulate
from messaging.evaluation.plan import Plan
from messaging.evaluation.plan_file import write_plan
from messaging.evaluation.reporting import make_report
from messaging.evaluation.simulating import World
from messaging.evaluation.work import fill_extract
from messaging.trial.models import Design
from messaging.trial.running import plan_facts

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Month(click.ParamType[str]):
    """A month as `2028-01`."""

    name = "month"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the month as it was written."""
        try:
            return f"{datetime.strptime(value, '%Y-%m'):%Y-%m}"  # noqa: DTZ007  a month has no zone
        except ValueError:
            self.fail("a month is written as 2028-01", param, ctx)


MONTH = Month()


@click.group()
def evaluate() -> None:
    """What the trial shows, and what it can show."""


evaluate.add_command(power)


@evaluate.command()
@as_json
def extract(*, as_json: bool) -> None:
    """Bring the evaluation's extract of the trial up to date now; the worker does so every day.

    The extract counts planned meetings by random ids. Done again, it changes only what has become known since.
    """
    runtime = open_runtime()
    with progress_bar("months") as progress:
        filled = fill_extract(runtime, progress=progress)
    if as_json:
        print_json(asdict(filled))
    else:
        click.echo(f"{filled.new} new lines, {filled.changed} changed, {filled.unchanged} as before")


@evaluate.command()
@click.option("--out", type=NEW_FILE, required=True, help="Where to; an existing file is left as it is.")
@click.option("--permutations", type=click.IntRange(min=99), default=Plan.permutations, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=Plan.seed, show_default=True, help="Of the rearrangements.")
@click.option("--target", type=SHARE, default=Plan.target, show_default=True, help="Reduction that is to be reached.")
@click.option("--unadjusted", is_flag=True, help="Nothing is known of the time before the trial.")
def plan(out: Path, permutations: int, seed: int, target: float, *, unadjusted: bool) -> None:
    """Write the plan of the analysis as a file, to be fixed with `trial lock --plan`.

    It says in words what is measured and tested in which order; only the settings given here can be chosen.
    """
    text = write_plan(Plan(permutations=permutations, seed=seed, target=target, adjusted=not unadjusted))
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise InvalidInput(f"{out} is there already: a plan is not written over", field="out") from None
    click.echo(f"{plan_facts(text)['sha256']}  {out}")


@evaluate.command()
@click.option("--out", type=NEW_FILE, help="As .pdf, .html or .csv: its ending decides.")
@click.option("--through", type=MONTH, help="Report a milestone: the meetings up to and with this month, 2028-01.")
@click.option("--plan", "plan_path", type=FILE, help="Refuse unless this is the plan that was locked with the trial.")
@as_json
def report(out: Path | None, through: str | None, plan_path: Path | None, *, as_json: bool) -> None:
    """Report on the trial from its extract: the verdict, and what stands beside it.

    Until fourteen days after the trial's end it has monthly rates and the quality of the data only.
    """
    if out is None and not as_json:
        raise InvalidInput("a report needs --out FILE, or --json", field="out")
    ending = known(out.suffix) if out else None
    given = plan_path.read_text(encoding="utf-8") if plan_path else None
    runtime = open_runtime()
    with progress_bar("comparisons") as progress:
        made = make_report(runtime, through=through, plan=given, progress=progress)
    if out and ending:
        out.write_bytes(write(made, ending))
    if as_json:
        print_json(made.as_json())
    else:
        click.echo(str(out))


@evaluate.command(hidden=True)
def answer() -> None:
    """Make the report that the page has asked for; the worker starts this."""
    runtime = open_runtime()
    with runtime.act(OPERATOR) as act:
        run_id = begin(act)
    if run_id is None:
        return

    def progress(done: int, total: int) -> None:
        with runtime.act(OPERATOR) as act:
            tell(act, run_id, done=done, total=total)

    try:
        made = make_report(runtime, progress=progress)
    except BorgerdialogError as error:
        with runtime.act(OPERATOR) as act:
            fail(act, run_id, error=error.code)
        raise
    with runtime.act(OPERATOR) as act:
        finish(act, run_id, made)


@evaluate.command(name="simulate")
@click.option(
    "--pilots", type=click.IntRange(min=2), default=200, show_default=True, help="With the effect, and without."
)
@trial
@click.option("--missing", type=SHARE, default=0.0, show_default=True, help="Share of outcomes that nobody records.")
@click.option("--missing-control", type=SHARE, help="The same in the control arm, if it is another.")
@click.option(
    "--missing-no-show",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="How much likelier than others no-shows in SMS and app are to be among them.",
)
@click.option(
    "--contamination", type=SHARE, default=0.0, show_default=True, help="Share of control appointments treated anyway."
)
@click.option(
    "--design",
    type=click.Choice([one.value for one in Design]),
    default="caseworker",
    show_default=True,
    help="Allocated.",
)
@click.option(
    "--gee",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Pilots that get the secondary analysis too.",
)
@click.option(
    "--processes", type=click.IntRange(min=1), help="Share the work; as many as there are processors, if not given."
)
@as_json
def simulate_pilots(
    pilots: int,
    supposed: Supposed,
    missing: float,
    missing_control: float | None,
    missing_no_show: float,
    contamination: float,
    design: str,
    gee: int,
    processes: int | None,
    *,
    as_json: bool,
) -> None:
    """Invent pilots with a known effect, run the whole analysis on each, and say how often it is right."""
    world = World(
        caseworkers=supposed.caseworkers,
        appointments=supposed.appointments,
        citizens=supposed.citizens,
        rate=supposed.rate,
        effect=supposed.effect,
        correlation=supposed.icc,
        citizen_correlation=supposed.citizen_icc,
        contamination=contamination,
        missing=missing,
        missing_control=missing_control,
        missing_no_show=missing_no_show,
        design=Design(design),
    )
    with progress_bar("pilots") as progress:
        summary = simulate(
            world,
            pilots=pilots,
            seed=supposed.seed,
            with_secondary=min(gee, pilots),
            processes=processes or len(os.sched_getaffinity(0)),
            progress=progress,
        )
    if as_json:
        print_json(asdict(summary))
    else:
        _print_summary(summary)


def _print_summary(summary: Summary) -> None:
    for name, value in asdict(summary).items():
        if isinstance(value, dict) and set(value) == {"value", "error"}:
            click.echo(f"{name:32} {value['value']:.4f} ± {value['error']:.4f}")
    for name, figure in (("absolute", summary.bias.absolute), ("relative", summary.bias.relative)):
        click.echo(f"bias, {name:26} {figure.value:+.5f} ± {figure.error:.5f}")
    for finding, share in summary.verdicts.items():
        click.echo(f"verdict {finding:24} {share:.4f}")
