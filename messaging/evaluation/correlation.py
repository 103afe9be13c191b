"""How alike the appointments of one caseworker are: the intraclass correlation that decides how much a trial can see.

Analysis of variance of yes and no by caseworker, with Searle's interval by the F distribution; for caseworkers with
unequal numbers of appointments it uses the usual mean size and is approximate.
"""

import numpy as np
from scipy import stats

from messaging.errors import InvalidInput
from messaging.evaluation.extract import ARMS, Codes, Extract, Floats
from messaging.evaluation.intervals import LEVEL, Estimate
from messaging.trial.models import Arm, Design


def correlation(
    no_shows: Floats, appointments: Floats, *, group: Codes | None = None, level: float = LEVEL
) -> Estimate:
    """Return the correlation from counts per caseworker, at least 0 in value and interval.

    `group`: arm of each caseworker, whose differences are not counted as likeness. Raises InvalidInput for fewer than
    two caseworkers a group, for caseworkers without or with only one appointment each, and where nothing or everything
    was a no-show.
    """
    groups = np.zeros(len(no_shows), dtype=np.intp) if group is None else np.unique(group, return_inverse=True)[1]
    between_df = len(no_shows) - (int(groups.max()) + 1 if len(groups) else 0)
    within_df = float(appointments.sum()) - len(no_shows)
    if len(no_shows) == 0 or (np.bincount(groups) < 2).any() or (appointments < 1).any() or within_df < 1:
        raise InvalidInput("a correlation needs two caseworkers with appointments in every arm", field="caseworkers")
    if (no_shows < 0).any() or (no_shows > appointments).any():
        raise InvalidInput("no-shows are between 0 and the number of appointments", field="no_shows")
    rate = no_shows / appointments
    of_group = np.bincount(groups, weights=no_shows) / np.bincount(groups, weights=appointments)
    between = float(appointments @ (rate - of_group[groups]) ** 2) / between_df
    within = float(appointments @ (rate * (1 - rate))) / within_df
    if within == 0:
        raise InvalidInput(
            "every caseworker has only no-shows or none: there is no correlation to see", field="no_shows"
        )
    sizes = np.bincount(groups, weights=appointments)
    squares = np.bincount(groups, weights=appointments**2)
    size = float((sizes - squares / sizes).sum()) / between_df
    ratio = between / within
    tail = (1 - level) / 2
    lowest = ratio / stats.f.ppf(1 - tail, between_df, within_df)
    highest = ratio / stats.f.ppf(tail, between_df, within_df)
    value, low, high = (max(0.0, float((one - 1) / (one + size - 1))) for one in (ratio, lowest, highest))
    return Estimate(value=value, low=low, high=high, level=level)


def correlation_of(extract: Extract) -> Estimate:
    """Return the correlation in an extract, by its known outcomes; where citizens were allocated, by those in the
    control arm.
    """
    counted = extract.known
    if extract.design is Design.CITIZEN:
        counted = counted & (extract.arm == ARMS.index(Arm.CONTROL))
    cluster = extract.cluster[counted]
    appointments = np.bincount(cluster)
    there = appointments > 0
    arm = np.zeros(len(appointments), dtype=np.intp)
    arm[cluster] = extract.arm[counted]
    no_shows = np.bincount(cluster, weights=extract.no_show[counted])
    return correlation(no_shows[there].astype(float), appointments[there].astype(float), group=arm[there])
