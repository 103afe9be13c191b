"""Who comes into which arm: at random within strata, from a seed, so that anybody can repeat it and nobody can choose
it.

A unit is whoever is allocated: a caseworker with all her citizens, or a citizen among those of her caseworker. What is
allocated here is permuted in the same strata when the trial is evaluated.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from messaging.errors import InvalidInput
from messaging.trial.models import Arm

EVERY_ARM_ALIKE: Mapping[Arm, int] = {Arm.SMS: 1, Arm.APP: 1, Arm.CONTROL: 1}
"""How many of every so many units come into each arm."""

REST = "rest"
"""The stratum of the teams that are too small for one of their own."""


@dataclass(frozen=True, kw_only=True)
class Caseworker:
    """A caseworker before the trial. `baseline_rate`: share of no-shows among her appointments, None if not known."""

    id: str
    team: str
    baseline_rate: float | None


def strata_of_caseworkers(
    caseworkers: Sequence[Caseworker], *, bands: int = 2, smallest: int = len(Arm)
) -> Mapping[str, str]:
    """Return caseworker id → stratum: her team, and in which of `bands` parts of it her baseline rate lies.

    No stratum has fewer than `smallest` units, if there are so many: a team is cut into fewer bands, and teams that are
    too small are put together. A rate that is not known counts as the team's median.
    """
    teams = defaultdict(list)
    for caseworker in caseworkers:
        teams[caseworker.team].append(caseworker)
    small = [team for team, members in teams.items() if len(members) < smallest]
    if small:
        together = [caseworker for team in small for caseworker in teams.pop(team)]
        if len(together) < smallest and teams:
            teams[min(teams, key=lambda team: (len(teams[team]), team))] += together
        else:
            teams[REST] = together
    return {
        caseworker.id: f"{team}/{band}"
        for team, members in teams.items()
        for band, part in enumerate(_bands(members, count=max(1, min(bands, len(members) // smallest))))
        for caseworker in part
    }


def allocate(strata: Mapping[str, str], *, seed: int, shares: Mapping[Arm, int] = EVERY_ARM_ALIKE) -> Mapping[str, Arm]:
    """Return unit id → arm for unit id → stratum. For citizens within caseworkers the stratum is the caseworker.

    Every stratum is shared out as evenly as whole units can be; what is left over goes to the arms that are furthest
    behind over all. The same units, strata, seed and shares give the same arms, whatever the order they come in.
    Raises InvalidInput if an arm would be empty.
    """
    if not shares or any(share < 1 for share in shares.values()):
        raise InvalidInput("every arm of the trial needs a share of at least 1", field="shares")
    chance = random.Random(seed)
    members = defaultdict(list)
    for unit, stratum in sorted(strata.items()):
        members[stratum].append(unit)
    arms: dict[str, Arm] = {}
    filled = dict.fromkeys(shares, 0)
    for _stratum, units in sorted(members.items()):
        for unit, arm in zip(_shuffled(units, chance), _places(len(units), shares, filled, chance), strict=True):
            arms[unit] = arm
            filled[arm] += 1
    empty = [arm.value for arm, count in filled.items() if count == 0]
    if empty:
        raise InvalidInput(f"{len(strata)} units are too few: nobody would be in {' and '.join(empty)}", field="units")
    return arms


def _bands(members: Sequence[Caseworker], *, count: int) -> list[list[Caseworker]]:
    known = [one.baseline_rate for one in members if one.baseline_rate is not None]
    middle = median(known) if known else 0.0
    ranked = sorted(members, key=lambda one: (middle if one.baseline_rate is None else one.baseline_rate, one.id))
    edges = [len(ranked) * band // count for band in range(count + 1)]
    return [ranked[low:high] for low, high in pairwise(edges)]


def _shuffled(units: Sequence[str], chance: random.Random) -> list[str]:
    # random() gives the same numbers in every version of Python; shuffle() does not promise to.
    keys = {unit: chance.random() for unit in units}
    return sorted(units, key=keys.__getitem__)


def _places(count: int, shares: Mapping[Arm, int], filled: Mapping[Arm, int], chance: random.Random) -> Sequence[Arm]:
    rounds, left_over = divmod(count, sum(shares.values()))
    places = [arm for arm, share in shares.items() for _ in range(rounds * share)]
    after = {arm: filled[arm] + rounds * share for arm, share in shares.items()}
    # A round that is not whole takes no arm more often than a whole one would.
    free = [arm for arm, share in shares.items() for _ in range(share)]
    for _ in range(left_over):
        arm = min(free, key=lambda one: (after[one] / shares[one], chance.random()))
        free.remove(arm)
        after[arm] += 1
        places.append(arm)
    return places
