"""Invented pilots with a known effect, to see what the analysis makes of them.

A caseworker's rate is drawn from a beta distribution, whose spread is the correlation between her appointments; her
rate before the trial is another draw that goes with it. Strata and arms come from the allocation that the real trial
uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from messaging.errors import InvalidInput
from messaging.evaluation.extract import (
    ARMS,
    HELD,
    NO_SHOW,
    OUTCOMES,
    UNKNOWN,
    Codes,
    Extract,
    Flags,
    Floats,
    Labels,
    Outcome,
)
from messaging.trial.allocating import Caseworker, allocate, strata_of_caseworkers
from messaging.trial.models import Arm, Design

MONTHS = ("2027-10", "2027-11", "2027-12", "2028-01", "2028-02", "2028-03")
MEETING_TYPES = ("første samtale", "jobsamtale", "opfølgning")
TARGET_GROUPS = ("aktivitetsparat", "jobparat", "uddannelsesparat")
CANCELLED = 0.10
"""Share of the other appointments that citizens cancel."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What a pilot is drawn from. Shares are between 0 and 1.

    `appointments`: of a caseworker on average, `spread`: their coefficient of variation. `effect`: relative reduction
    in SMS and app. `correlation`: between two appointments of one caseworker; `citizen_correlation`: of one citizen,
    None if no more than that. `persistence`: correlation of a caseworker's rate with hers before the trial.
    `contamination`: share of the control arm's appointments that got the treatment. `missing`: share of outcomes that
    nobody records, `missing_control`: in the control arm, None if the same; `missing_no_show`: how much likelier than
    others a no-show in SMS or app is to be one of them.
    """

    caseworkers: int = 45
    teams: int = 3
    appointments: float = 350
    spread: float = 0.3
    citizens: int = 50
    rate: float = 0.0866
    effect: float = 0.0
    correlation: float = 0.01
    citizen_correlation: float | None = None
    persistence: float = 0.8
    contamination: float = 0.0
    missing: float = 0.0
    missing_control: float | None = None
    missing_no_show: float = 1.0
    design: Design = Design.CASEWORKER

    def __post_init__(self) -> None:
        shares = {
            "correlation": self.correlation,
            "persistence": self.persistence,
            "contamination": self.contamination,
            "missing": self.missing,
            "missing_control": self.missing_control or 0.0,
        }
        for name, share in shares.items():
            if not 0 <= share < 1:
                raise InvalidInput(f"{name} is a share of at least 0 and below 1", field=name)
        if not 0 < self.rate < 1 or self.effect >= 1 or self.rate * (1 - self.effect) >= 1:
            raise InvalidInput("rate and effect leave no share of no-shows between 0 and 1", field="effect")
        if self.caseworkers < len(ARMS) or not 1 <= self.teams <= self.caseworkers:
            raise InvalidInput("a pilot needs a caseworker in every arm and every team", field="caseworkers")
        if self.appointments < 1 or self.citizens < 1 or self.spread < 0 or self.missing_no_show < 0:
            raise InvalidInput("a pilot needs appointments and citizens", field="appointments")
        if self.citizen_correlation is not None and not self.correlation <= self.citizen_correlation < 1:
            raise InvalidInput(
                "a citizen's appointments are at least as alike as her caseworker's", field="correlation"
            )

    @property
    def true_reduction(self) -> float:
        """The relative reduction that an analysis by allocated arm should find: contamination makes it smaller."""
        return 1 - (1 - self.effect) / (1 - self.contamination * self.effect)

    @property
    def true_difference(self) -> float:
        """The same as a difference of rates, treated less control."""
        return -self.rate * self.effect * (1 - self.contamination)


def invent_pilot(world: World, chance: np.random.Generator) -> Extract:
    """Return a pilot drawn from this world; the same state of `chance` gives the same pilot."""
    rate, before = _rates(world, chance)
    sizes = _sizes(world, chance)
    baseline = chance.binomial(sizes, before) / sizes
    teams = np.arange(world.caseworkers) % world.teams
    strata = strata_of_caseworkers(
        [
            Caseworker(id=f"{number:05d}", team=f"{teams[number]:03d}", baseline_rate=float(baseline[number]))
            for number in range(world.caseworkers)
        ]
    )
    cluster = np.repeat(np.arange(world.caseworkers), sizes)
    citizen = cluster * world.citizens + chance.integers(world.citizens, size=len(cluster))
    arm = _arms(world, strata, cluster, citizen, seed=int(chance.integers(2**62)))
    risk = _of_citizens(world, rate, chance)[citizen]
    helped = (arm != ARMS.index(Arm.CONTROL)) | (chance.random(len(cluster)) < world.contamination)
    no_show = chance.random(len(cluster)) < np.where(helped, risk * (1 - world.effect), risk)
    outcome = _outcomes(world, arm, no_show, chance)
    groups = chance.integers(len(TARGET_GROUPS), size=world.caseworkers * world.citizens)
    names = sorted(set(strata.values()))
    return Extract(
        design=world.design,
        arm=arm,
        cluster=cluster,
        citizen=citizen,
        month=chance.integers(len(MONTHS), size=len(cluster)),
        meeting_type=chance.integers(len(MEETING_TYPES), size=len(cluster)),
        target_group=groups[citizen],
        outcome=outcome,
        held_within=np.equal(outcome, HELD),
        stratum=np.array([names.index(strata[one]) for one in sorted(strata)], dtype=np.intp),
        baseline=baseline,
        labels=Labels(months=MONTHS, meeting_types=MEETING_TYPES, target_groups=TARGET_GROUPS, strata=tuple(names)),
    )


def _rates(world: World, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Return each caseworker's rate in the trial and before it."""
    now, other = chance.standard_normal((2, world.caseworkers))
    before = world.persistence * now + np.sqrt(1 - world.persistence**2) * other
    drawn = _beta(np.full((2, world.caseworkers), world.rate), world.correlation, special.ndtr(np.array([now, before])))
    return drawn[0], drawn[1]


def _of_citizens(world: World, rate: Floats, chance: np.random.Generator) -> Floats:
    """Return each citizen's risk: her caseworker's rate, spread as far as her own appointments are more alike."""
    of_caseworker = np.repeat(rate, world.citizens)
    if world.citizen_correlation is None:
        return of_caseworker
    beyond = (world.citizen_correlation - world.correlation) / (1 - world.correlation)
    return _beta(of_caseworker, beyond, chance.random(len(of_caseworker)))


def _beta(mean: Floats, correlation: float, at: Floats) -> Floats:
    """Return quantiles of beta distributions with this mean, whose variance is `correlation * mean * (1 - mean)`."""
    if correlation == 0:
        return mean
    inside = np.clip(mean, 1e-9, 1 - 1e-9)
    size = (1 - correlation) / correlation
    quantiles: Floats = special.betaincinv(inside * size, (1 - inside) * size, at)
    return quantiles


def _sizes(world: World, chance: np.random.Generator) -> Codes:
    if world.spread == 0:
        return np.full(world.caseworkers, round(world.appointments), dtype=np.intp)
    shape = 1 / world.spread**2
    drawn = chance.gamma(shape, world.appointments / shape, size=world.caseworkers)
    return np.maximum(1, np.rint(drawn)).astype(np.intp)


def _arms(world: World, strata: Mapping[str, str], cluster: Codes, citizen: Codes, *, seed: int) -> Codes:
    if world.design is Design.CASEWORKER:
        arms = allocate(strata, seed=seed)
        return np.array([ARMS.index(arms[one]) for one in sorted(arms)], dtype=np.intp)[cluster]
    there = np.unique(citizen)
    arms = allocate({f"{one:09d}": f"{one // world.citizens:05d}" for one in there}, seed=seed)
    codes = np.zeros(world.caseworkers * world.citizens, dtype=np.intp)
    codes[there] = [ARMS.index(arms[one]) for one in sorted(arms)]
    return codes[citizen]


def _outcomes(world: World, arm: Codes, no_show: Flags, chance: np.random.Generator) -> Codes:
    cancelled = chance.random(len(arm)) < CANCELLED
    outcome = np.where(cancelled, OUTCOMES.index(Outcome.CANCELLED_BY_CITIZEN), OUTCOMES.index(Outcome.HELD))
    outcome[no_show] = NO_SHOW
    control = arm == ARMS.index(Arm.CONTROL)
    in_control = world.missing if world.missing_control is None else world.missing_control
    missing = np.where(control, in_control, world.missing)
    treated_no_show = ~control & no_show
    missing[treated_no_show] = min(1.0, world.missing * world.missing_no_show)
    outcome[chance.random(len(arm)) < missing] = UNKNOWN
    return outcome.astype(np.intp)
