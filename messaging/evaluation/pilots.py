"""Many invented pilots, each analysed as the real one will be: how often the analysis is right, and how far it is off.

Every pilot has a seed of its own, so that the figures do not depend on how many processes share the work.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from math import sqrt
from typing import TypeVar

import numpy as np

from messaging.errors import InvalidInput
from messaging.evaluation.analysing import analyse, primary_effect
from messaging.evaluation.intervals import Estimate
from messaging.evaluation.permutation import Progress, untold
from messaging.evaluation.plan import Plan
from messaging.evaluation.power import Size
from messaging.evaluation.simulating import World, invent_pilot

QUICK_PERMUTATIONS = 999
"""Rearrangements for each pilot: enough for a level of 5 %, and the error of one pilot does not add up over thousands.
"""

Result = TypeVar("Result")

BATCH = 20
"""Pilots that a process takes at a time."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure over the pilots and its Monte Carlo standard error."""

    value: float
    error: float


@dataclass(frozen=True, kw_only=True)
class Bias:
    """How far estimates lie from the truth on average: the difference in rates, and the relative reduction, both in
    shares.
    """

    absolute: Figure
    relative: Figure


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the analysis made of the pilots.

    `false_positive_rate`: of pilots without an effect, how many it sees one in. `coverage`: how many intervals hold the
    truth, with the effect and, in `coverage_without_effect`, without. `power`: how many see the effect, None where
    there is none. `verdicts`: shares of each finding. The secondary figures are by estimating equations, over the first
    pilots.
    """

    pilots: int
    false_positive_rate: Figure
    coverage: Figure
    coverage_without_effect: Figure
    coverage_of_difference: Figure
    power: Figure | None
    bias: Bias
    verdicts: dict[str, float]
    secondary_pilots: int
    secondary_coverage: Figure | None


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is kept of a pilot's analysis."""

    finding: str
    rejected: bool
    reduction: Estimate
    difference: Estimate
    secondary: Estimate | None


@dataclass(frozen=True, kw_only=True)
class _Batch:
    world: World
    plan: Plan
    seeds: tuple[np.random.SeedSequence, ...]
    with_secondary: int


def simulate(
    world: World,
    *,
    pilots: int,
    seed: int,
    permutations: int = QUICK_PERMUTATIONS,
    with_secondary: int = 0,
    processes: int = 1,
    progress: Progress = untold,
) -> Summary:
    """Invent pilots with the world's effect and as many without, analyse all, and return what came of them.

    `with_secondary`: how many of those with the effect get the secondary analysis too. Raises InvalidInput for
    fewer than 2 pilots.
    """
    if pilots < 2:
        raise InvalidInput("2 pilots are the least that figures can be made of", field="pilots")
    plan = Plan(permutations=permutations)
    worlds = [replace(world, effect=0.0)] if world.effect == 0 else [replace(world, effect=0.0), world]
    batches = [
        batch
        for number, one in enumerate(worlds)
        for batch in _batches(
            one, plan, pilots=pilots, seed=(seed, number), with_secondary=with_secondary if one is worlds[-1] else 0
        )
    ]
    told = _spread(_analysed, batches, processes=processes, progress=progress, total=pilots * len(worlds))
    without, with_effect = told[:pilots], told[-pilots:]
    first = [one.secondary for one in with_effect[:with_secondary] if one.secondary]
    return Summary(
        pilots=pilots,
        false_positive_rate=_share(one.rejected for one in without),
        coverage=_share(_holds(one.reduction, world.true_reduction) for one in with_effect),
        coverage_without_effect=_share(_holds(one.reduction, 0.0) for one in without),
        coverage_of_difference=_share(_holds(one.difference, world.true_difference) for one in with_effect),
        power=None if world.effect == 0 else _share(one.rejected for one in with_effect),
        bias=Bias(
            absolute=_mean([one.difference.value - world.true_difference for one in with_effect]),
            relative=_mean([one.reduction.value - world.true_reduction for one in with_effect]),
        ),
        verdicts={
            finding: count / pilots for finding, count in sorted(Counter(one.finding for one in with_effect).items())
        },
        secondary_pilots=len(first),
        secondary_coverage=_share(_holds(one, world.true_reduction) for one in first) if first else None,
    )


def simulated_power(
    world: World,
    *,
    pilots: int,
    seed: int,
    adjusted: bool = True,
    permutations: int = QUICK_PERMUTATIONS,
    processes: int = 1,
    progress: Progress = untold,
) -> Figure:
    """Return how many of so many invented pilots reject no effect by the primary test."""
    plan = Plan(permutations=permutations, adjusted=adjusted)
    batches = list(_batches(world, plan, pilots=pilots, seed=(seed,), with_secondary=0))
    return _share(_spread(_rejected, batches, processes=processes, progress=progress, total=pilots))


def world_of(size: Size, *, effect: float) -> World:
    """Return the world in which this trial would take place, with equal numbers of appointments as the formula has it.

    Raises InvalidInput unless it has two treated to one control.
    """
    if size.treated != 2 * size.control:
        raise InvalidInput(
            "the allocation makes three arms of one size: twice as many treated as control", field="treated"
        )
    return World(
        caseworkers=size.treated + size.control,
        appointments=size.appointments,
        spread=0.0,
        citizens=size.citizens,
        rate=size.rate,
        effect=effect,
        correlation=size.correlation,
        citizen_correlation=size.citizen_correlation,
        persistence=size.persistence,
        design=size.design,
    )


def _batches(world: World, plan: Plan, *, pilots: int, seed: Sequence[int], with_secondary: int) -> Iterator[_Batch]:
    seeds = np.random.SeedSequence(seed).spawn(pilots)
    for start in range(0, pilots, BATCH):
        yield _Batch(
            world=world,
            plan=plan,
            seeds=tuple(seeds[start : start + BATCH]),
            with_secondary=max(0, min(BATCH, with_secondary - start)),
        )


def _spread(
    work: Callable[[_Batch], list[Result]],
    batches: Sequence[_Batch],
    *,
    processes: int,
    progress: Progress,
    total: int,
) -> list[Result]:
    """Return the results of all batches, in order."""
    if processes == 1:
        return _gathered(map(work, batches), progress, total)
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        return _gathered(pool.map(work, batches), progress, total)


def _gathered(parts: Iterator[list[Result]], progress: Progress, total: int) -> list[Result]:
    results: list[Result] = []
    for part in parts:
        results += part
        progress(len(results), total)
    return results


def _analysed(batch: _Batch) -> list[_Told]:
    return [_told(batch, seed, secondary=place < batch.with_secondary) for place, seed in enumerate(batch.seeds)]


def _told(batch: _Batch, seed: np.random.SeedSequence, *, secondary: bool) -> _Told:
    chance = np.random.default_rng(seed)
    pilot = invent_pilot(batch.world, chance)
    analysis = analyse(pilot, replace(batch.plan, seed=int(chance.integers(2**62)), secondary=secondary))
    if analysis.pooled is None:
        raise InvalidInput("a pilot had no no-show in its control arm: invent larger ones", field="appointments")
    return _Told(
        finding=analysis.verdict.finding.value,
        rejected=analysis.pooled.rejected,
        reduction=analysis.pooled.reduction,
        difference=analysis.pooled.difference,
        secondary=analysis.secondary,
    )


def _rejected(batch: _Batch) -> list[bool]:
    return [_rejects(batch, seed) for seed in batch.seeds]


def _rejects(batch: _Batch, seed: np.random.SeedSequence) -> bool:
    chance = np.random.default_rng(seed)
    pilot = invent_pilot(batch.world, chance)
    return primary_effect(pilot, replace(batch.plan, seed=int(chance.integers(2**62)))).rejected


def _holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def _share(happened: Iterable[bool]) -> Figure:
    values = list(happened)
    share = sum(values) / len(values)
    # Two pilots that agree are no proof of certainty: the error is that of a share with one more of each kind.
    smoothed = (sum(values) + 1) / (len(values) + 2)
    return Figure(value=share, error=sqrt(smoothed * (1 - smoothed) / len(values)))


def _mean(values: Sequence[float]) -> Figure:
    array = np.array(values)
    return Figure(value=float(array.mean()), error=float(array.std(ddof=1) / sqrt(len(array))))
