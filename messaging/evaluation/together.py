"""Three shares that are always told together: no-shows, not held at the planned time, held within fourteen days.

Easier cancelling turns no-shows into cancellations, and a meeting that was put off is not lost. One share alone could
look better without one more person being met.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from messaging.evaluation.extract import ARMS, Codes, Extract, Flags
from messaging.evaluation.intervals import Estimate, absolute_effect
from messaging.evaluation.permutation import rearrange
from messaging.evaluation.plan import Plan
from messaging.evaluation.rates import shown
from messaging.evaluation.units import units_of
from messaging.people.discretion import FEWEST_CASEWORKERS
from messaging.trial.models import Arm


class Measure(enum.StrEnum):
    """What is counted among the meetings whose outcome is known."""

    NO_SHOW = "no_show"
    NOT_HELD = "not_held"
    HELD_WITHIN = "held_within"


@dataclass(frozen=True, kw_only=True)
class Together:
    """A measure: the unweighted mean of the caseworkers' shares on both sides, and the treated less the control."""

    measure: Measure
    treated: float
    control: float
    difference: Estimate


@dataclass(frozen=True, kw_only=True)
class Month:
    """Of an arm in a month: appointments whose outcome is known, and the share of each measure; None where hidden."""

    arm: Arm
    month: str
    appointments: int | None
    shares: Mapping[Measure, float | None]


def flags_of(extract: Extract, measure: Measure) -> Flags:
    """Return of which appointments the measure is true."""
    match measure:
        case Measure.NO_SHOW:
            return extract.no_show
        case Measure.NOT_HELD:
            return extract.not_held
        case Measure.HELD_WITHIN:
            return extract.held_within


def together(
    extract: Extract, plan: Plan, *, treated: tuple[Arm, ...], control: tuple[Arm, ...]
) -> tuple[Together, ...]:
    """Return all three. Raises InvalidInput where the sides cannot be compared."""
    chance = np.random.default_rng(plan.seed)
    told = []
    rearranged = None
    for measure in Measure:
        units = units_of(
            extract,
            extract.known,
            flags_of(extract, measure),
            treated=treated,
            control=control,
            adjusted=plan.adjusted,
        )
        rearranged = rearranged or rearrange(units.treated, units.stratum, at_most=plan.permutations, chance=chance)
        told.append(
            Together(
                measure=measure,
                treated=mean_share(extract, flags_of(extract, measure), treated),
                control=mean_share(extract, flags_of(extract, measure), control),
                difference=absolute_effect(units, rearranged),
            )
        )
    return tuple(told)


def mean_share(extract: Extract, flags: Flags, arms: tuple[Arm, ...]) -> float:
    """Return the unweighted mean of the caseworkers' shares among the appointments of these arms that are known."""
    counted = extract.known & extract.in_arms(arms)
    appointments = np.bincount(extract.cluster[counted])
    there = appointments > 0
    true = np.bincount(extract.cluster[counted], weights=flags[counted])
    return float((true[there] / appointments[there]).mean())


def caseworkers_in(extract: Extract, arms: tuple[Arm, ...]) -> int:
    """Return how many caseworkers have appointments with a known outcome in these arms."""
    return len(np.unique(extract.cluster[extract.known & extract.in_arms(arms)]))


def months_of_arms(extract: Extract) -> tuple[Month, ...]:
    """Return the shares of every arm and month.

    A month is hidden where fewer than three caseworkers stand behind it, and a share where it counts fewer than five,
    or all but fewer than five. If one month of an arm is hidden, so is the one with the fewest beside it: the arm's
    total would tell the first.
    """
    return tuple(one for code, arm in enumerate(ARMS) for one in _of_arm(extract, code=code, arm=arm))


def _of_arm(extract: Extract, *, code: int, arm: Arm) -> list[Month]:
    known = extract.known & np.equal(extract.arm, code)
    months = extract.labels.months
    appointments = _counts(extract, known)
    alone = {
        place
        for place in range(len(months))
        if len(np.unique(extract.cluster[known & np.equal(extract.month, place)])) < FEWEST_CASEWORKERS
    }
    told: dict[Measure, list[float | None]] = {}
    for measure in Measure:
        counts = _counts(extract, known & flags_of(extract, measure))
        few = {place for place, counted in enumerate(counts) if not shown(int(appointments[place]), int(counted))}
        hidden = alone | few
        if len(hidden) == 1 and len(months) > 1:
            hidden.add(min(set(range(len(months))) - hidden, key=lambda place: int(counts[place])))
        told[measure] = [
            None if place in hidden else float(counts[place] / appointments[place]) for place in range(len(months))
        ]
    return [
        Month(
            arm=arm,
            month=month,
            appointments=int(appointments[place]) if told[Measure.NO_SHOW][place] is not None else None,
            shares={measure: shares[place] for measure, shares in told.items()},
        )
        for place, month in enumerate(months)
    ]


def _counts(extract: Extract, counted: Flags) -> Codes:
    return np.bincount(extract.month[counted], minlength=len(extract.labels.months))
