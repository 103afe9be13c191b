"""Whether a trial that is about to be locked can ever be judged: what is missing then stays missing for good.

Needs none of the packages that figures are made with.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from math import comb, prod

from messaging.errors import InvalidInput
from messaging.evaluation.plan import Plan
from messaging.people.discretion import FEWEST_CASEWORKERS
from messaging.trial.models import Arm, Design
from messaging.trial.running import Drawn, Rates

FEWEST_WAYS = 20
"""A test at 5 % by drawing again can show something where the real draw is one of twenty at least."""


def without_baseline(drawn: Drawn, rates: Rates) -> int:
    """Return of how many caseworkers of a trial no no-show rate before it is known."""
    return len(drawn.strata.keys() - rates.keys())


def require_judgeable(drawn: Drawn, *, rates: Rates, plan: Plan) -> None:
    """Refuse an allocation that can never be judged by this plan. Raises InvalidInput, saying what to do about it."""
    few = {arm: len(behind) for arm, behind in _behind(drawn).items() if len(behind) < FEWEST_CASEWORKERS}
    if few:
        told = ", ".join(f"{arm} has {number}" for arm, number in few.items())
        raise InvalidInput(
            f"each arm needs {FEWEST_CASEWORKERS} caseworkers or nothing is told of it, and {told}: let more take part",
            field="units",
        )
    if drawn.design is Design.CASEWORKER and plan.adjusted and without_baseline(drawn, rates) == len(drawn.strata):
        raise InvalidInput(
            "the plan adjusts for no-shows before the trial, and of no caseworker they are known: take them in with "
            "import --baseline, or write a plan with evaluate plan --unadjusted",
            field="baseline",
        )
    if plan.permutations < FEWEST_WAYS:
        raise InvalidInput(
            f"the plan draws again {plan.permutations} times, and a test at 5 % needs {FEWEST_WAYS}: write another "
            "with evaluate plan",
            field="plan",
        )
    if (ways := _ways(drawn)) < FEWEST_WAYS:
        raise InvalidInput(
            f"these arms can be drawn in {ways} ways only, and a test at 5 % needs {FEWEST_WAYS}: let more take part, "
            "or allocate caseworkers (--by caseworker) if each has only a citizen or two",
            field="units",
        )


def _behind(drawn: Drawn) -> Mapping[Arm, Collection[uuid.UUID]]:
    """Return the caseworkers whose citizens are in each arm."""
    behind: dict[Arm, set[uuid.UUID]] = {arm: set() for arm in Arm}
    for citizen_id, arm in drawn.arms_of_citizens.items():
        behind[arm].add(drawn.caseworkers_of_citizens[citizen_id])
    return behind


def _ways(drawn: Drawn) -> int:
    """Return in how many ways sms and app together, and control, can be drawn again in the same strata and sizes."""
    by_caseworker = drawn.design is Design.CASEWORKER
    arms = drawn.arms_of_caseworkers if by_caseworker else drawn.arms_of_citizens
    strata: Mapping[uuid.UUID, object] = drawn.strata if by_caseworker else drawn.caseworkers_of_citizens
    sizes = Counter(strata[unit] for unit in arms)
    controls = Counter(strata[unit] for unit, arm in arms.items() if arm is Arm.CONTROL)
    return prod(comb(size, controls[stratum]) for stratum, size in sizes.items())
