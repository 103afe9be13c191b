"""evaluate power."""

import csv
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
from scipy import stats

from messaging.commands.evaluation_options import Supposed, trial
from messaging.commands.surroundings import as_json, print_json, progress_bar
from messaging.errors import InvalidInput
from messaging.evaluation.correlation import correlation
from messaging.evaluation.intervals import Estimate
from messaging.evaluation.permutation import Progress
from messaging.evaluation.pilots import Figure, simulated_power, world_of
from messaging.evaluation.power import (
    PERSISTENCE,
    Size,
    appointments_needed,
    appointments_of_each,
    power_of,
    smallest_effect,
)
from messaging.trial.models import Design

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What one design can see. Effects are shares; None where even no no-shows at all would not be seen."""

    design: Design
    correlation: float
    design_effect: float
    power: float
    smallest_effect: float | None
    smallest_effect_of_one_arm: float | None
    appointments_needed: int | None
    simulated_power: Figure | None = None
    simulated_smallest_effect: float | None = None
    """None where the pilots do not tell it: all of them saw the supposed effect, or hardly any."""


@click.command()
@trial
@click.option("--no-baseline", is_flag=True, help="Nothing is known of the caseworkers' rates before the trial.")
@click.option("--counts", type=FILE, help="CSV of the baseline: appointments and no_shows, a line per caseworker.")
@click.option(
    "--pilots",
    type=click.IntRange(min=0),
    default=400,
    show_default=True,
    help="Invented to check the formula; 0: none.",
)
@as_json
def power(
    supposed: Supposed,
    counts: Path | None,
    pilots: int,
    *,
    no_baseline: bool,
    as_json: bool,
) -> None:
    """Say how small an effect the trial would see, by formula and on invented pilots.

    For both designs: caseworkers allocated to the arms, and citizens within their caseworker. With --counts the
    correlation is estimated, and both ends of its interval are looked at too. All caseworkers have the same number of
    appointments here; where they differ by a third, as in `evaluate simulate`, a few points of power are lost.
    """
    if supposed.caseworkers % 3:
        raise InvalidInput("the three arms have the same size: caseworkers must be divisible by 3", field="caseworkers")
    estimated = _estimated(counts) if counts else None
    size = Size(
        treated=supposed.caseworkers * 2 // 3,
        control=supposed.caseworkers // 3,
        appointments=supposed.appointments,
        citizens=supposed.citizens,
        rate=supposed.rate,
        correlation=supposed.icc,
        citizen_correlation=supposed.citizen_icc,
        persistence=0.0 if no_baseline else PERSISTENCE,
    )
    correlations = [estimated.value, estimated.low, estimated.high] if estimated else [supposed.icc]
    sizes = [
        replace(
            size,
            design=design,
            correlation=one,
            citizen_correlation=None if supposed.citizen_icc is None else max(one, supposed.citizen_icc),
        )
        for design in Design
        for one in correlations
    ]
    planned = [_planned(one, effect=supposed.effect) for one in sizes]
    if pilots:
        with progress_bar("pilots") as progress:
            planned = _checked(
                planned, sizes, effect=supposed.effect, pilots=pilots, seed=supposed.seed, progress=progress
            )
    independent = appointments_needed(rate=supposed.rate, effect=supposed.effect) if supposed.effect else None
    if as_json:
        print_json(
            {
                "appointments_per_arm_if_independent": independent,
                "correlation": estimated and asdict(estimated),
                "designs": [asdict(one) for one in planned],
            }
        )
    else:
        _print_power(planned, estimated=estimated, independent=independent, size=size, effect=supposed.effect)


def _estimated(counts: Path) -> Estimate:
    with counts.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    try:
        appointments, no_shows = (np.array([float(row[name]) for row in rows]) for name in ("appointments", "no_shows"))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            "the file needs the columns appointments and no_shows, with numbers", field="counts"
        ) from error
    return correlation(no_shows, appointments)


def _planned(size: Size, *, effect: float) -> Planned:
    return Planned(
        design=size.design,
        correlation=size.correlation,
        design_effect=size.design_effect,
        power=power_of(size, effect),
        smallest_effect=smallest_effect(size),
        smallest_effect_of_one_arm=smallest_effect(replace(size, treated=size.control)),
        appointments_needed=appointments_of_each(size, effect=effect),
    )


def _checked(
    planned: Iterable[Planned],
    sizes: list[Size],
    *,
    effect: float,
    pilots: int,
    seed: int,
    progress: Progress,
) -> list[Planned]:
    checked = []
    for place, (one, size) in enumerate(zip(planned, sizes, strict=True)):
        found = simulated_power(
            world_of(size, effect=effect),
            pilots=pilots,
            seed=seed,
            adjusted=size.persistence > 0,
            processes=len(os.sched_getaffinity(0)),
            progress=partial(_part, progress, place, len(sizes)),
        )
        checked.append(replace(one, simulated_power=found, simulated_smallest_effect=_smallest(found, size, effect)))
    return checked


def _part(progress: Progress, place: int, parts: int, done: int, total: int) -> None:
    progress(place * total + done, parts * total)


def _smallest(found: Figure, size: Size, effect: float) -> float | None:
    """Return the effect that would be seen with the power asked for, on the normal curve through what was found."""
    reach = stats.norm.ppf(1 - size.alpha / 2)
    if not 0 < found.value < 1 or effect == 0:
        return None
    seen = stats.norm.ppf(found.value) + reach
    return float(effect * (stats.norm.ppf(size.power) + reach) / seen) if seen > 0 else None


def _print_power(
    planned: list[Planned], *, estimated: Estimate | None, independent: int | None, size: Size, effect: float
) -> None:
    click.echo(f"{size.treated} caseworkers with SMS or app, {size.control} in the control arm")
    if independent:
        click.echo(f"to see {effect:.0%} fewer: {independent} appointments in each arm, if all were independent")
    if estimated:
        click.echo(f"estimated correlation {estimated.value:.4f} ({estimated.low:.4f} to {estimated.high:.4f})")
    for one in planned:
        smallest, one_arm = (_percent(each) for each in (one.smallest_effect, one.smallest_effect_of_one_arm))
        needed = f"{one.appointments_needed} of each caseworker" if one.appointments_needed else "no number is enough"
        click.echo(f"\nby {one.design}, correlation {one.correlation:.4f}, design effect {one.design_effect:.2f}")
        click.echo(f"    smallest reduction seen   {smallest} (one arm alone {one_arm})")
        click.echo(f"    power at {effect:.0%}              {one.power:.0%}")
        click.echo(f"    appointments for {effect:.0%}      {needed}")
        if one.simulated_power:
            click.echo(
                f"    on invented pilots        power {one.simulated_power.value:.0%} ± "
                f"{one.simulated_power.error:.0%}, {_smallest_in_words(one, one.simulated_power, effect=effect)}"
            )


def _smallest_in_words(one: Planned, found: Figure, *, effect: float) -> str:
    """Say what pilots tell of the smallest effect: a bound where all of them saw the supposed one or hardly any."""
    if one.simulated_smallest_effect is not None:
        return f"smallest {one.simulated_smallest_effect:.1%}"
    if effect == 0:
        return "smallest not told without an effect"
    if found.value == 1:
        return f"smallest below {effect:.0%}: all of them see that, a smaller --effect tells more"
    return f"smallest above {effect:.0%}: hardly any of them sees that, a larger --effect tells more"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"
