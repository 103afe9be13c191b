"""The units of a comparison: what was allocated, with its no-show rate, and how far each lies from what is expected.

The scores of the units carry every test and interval here. A unit's score is its rate less what its stratum and its
baseline rate let expect, fitted without looking at the arms, times its weight. If the treatment does nothing, the arms
are exchangeable in them.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from messaging.errors import InvalidInput
from messaging.evaluation.extract import Codes, Extract, Flags, Floats
from messaging.trial.models import Arm, Design


@dataclass(frozen=True, kw_only=True)
class Units:
    """Arrays of one length, an element for each unit that has appointments.

    `rate`: share of its appointments that were no-shows. `weight`: how much it counts in its stratum; 1 for
    caseworkers, so that each counts the same, and a citizen's share of her caseworker's appointments. `baseline`: rate
    before the trial, or None where nothing is adjusted for.
    """

    treated: Flags
    rate: Floats
    weight: Floats
    stratum: Codes
    baseline: Floats | None

    def __post_init__(self) -> None:
        for name, count in (("treated", self.treated.sum()), ("control", (~self.treated).sum())):
            if count < 2:
                raise InvalidInput(f"the {name} arm has {count} units with appointments, 2 are the least", field="arm")

    def scores(self, values: Floats) -> Floats:
        """Return the scores of these values, one for each unit: linear in them, and 0 in sum over every stratum."""
        left = self._within_strata(values)
        if self.baseline is not None:
            before = self._within_strata(self.baseline)
            spread = self.weight @ before**2
            if spread > 0:
                left = left - before * ((self.weight * before) @ left / spread)
        return self.weight * left

    def _within_strata(self, values: Floats) -> Floats:
        sums = np.bincount(self.stratum, weights=self.weight * values)
        weights = np.bincount(self.stratum, weights=self.weight)
        means = np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)
        centred: Floats = values - means[self.stratum]
        return centred

    @property
    def strata_that_compare(self) -> int:
        """In how many strata there are both arms; the others say nothing."""
        treated = np.bincount(self.stratum, weights=self.treated)
        return int(((treated > 0) & (treated < np.bincount(self.stratum))).sum())


def units_of(
    extract: Extract,
    counted: Flags,
    no_show: Flags,
    *,
    treated: Collection[Arm],
    control: Collection[Arm],
    adjusted: bool = True,
    by_appointment: bool = False,
) -> Units:
    """Return the units of the comparison `treated` against `control`, over the `counted` appointments.

    `no_show` says of every appointment whether it was one. `by_appointment`: weigh by appointments instead of giving
    every caseworker the same weight. Raises InvalidInput if an arm is (almost) empty, if no stratum has both arms, or
    if `adjusted` and nobody has a baseline rate; some who have none get their stratum's mean, which favours no arm.
    """
    allocated = extract.allocated
    appointments = np.bincount(allocated.ids[counted], minlength=len(allocated.arm))
    no_shows = np.bincount(allocated.ids[counted & no_show], minlength=len(allocated.arm))
    there = (appointments > 0) & allocated.in_arms((*treated, *control))
    of_unit, ours = appointments[there], allocated.cluster[there]
    if extract.design is Design.CASEWORKER:
        stratum = extract.stratum[ours]
        weight = of_unit.astype(float) if by_appointment else np.ones(len(of_unit))
    else:
        stratum = ours
        weight = of_unit.astype(float) if by_appointment else of_unit / np.bincount(ours, weights=of_unit)[ours]
    units = Units(
        treated=allocated.in_arms(treated)[there],
        rate=no_shows[there] / of_unit,
        weight=weight,
        stratum=stratum,
        # Within a caseworker all citizens have the same baseline: her own.
        baseline=_baseline(extract)[ours] if adjusted and extract.design is Design.CASEWORKER else None,
    )
    if not units.strata_that_compare:
        raise InvalidInput("no stratum has units of both arms: there is nothing to compare", field="stratum")
    return units


def _baseline(extract: Extract) -> Floats:
    known = ~np.isnan(extract.baseline)
    if not known.any():
        raise InvalidInput(
            "no caseworker has a baseline rate: measure it, or ask for an analysis without it", field="baseline"
        )
    if known.all():
        return extract.baseline
    there = np.where(known, extract.baseline, 0.0)
    sums = np.bincount(extract.stratum, weights=there)
    counts = np.bincount(extract.stratum, weights=known)
    means = np.divide(sums, counts, out=np.full_like(sums, there.sum() / known.sum()), where=counts > 0)
    return np.where(known, extract.baseline, means[extract.stratum])
