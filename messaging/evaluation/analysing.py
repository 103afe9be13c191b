"""The analysis as it was fixed before the trial: what is tested, in which order, and when there is no verdict.

First SMS and app together against control, at 5 %. Only if that rejects, each of them against control by Holm.
Everything else is intervals without a verdict. Appointments count for the arm that was allocated; those whose outcome
nobody recorded are left out, and both extremes of what they may have been stand beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from messaging.errors import InvalidInput
from messaging.evaluation.correlation import correlation_of
from messaging.evaluation.extract import Extract, Flags
from messaging.evaluation.gee import reduction_by_gee
from messaging.evaluation.intervals import LEVEL, Effect, Estimate, absolute_effect, relative_effect
from messaging.evaluation.permutation import Progress, Rearranged, rearrange, untold
from messaging.evaluation.plan import Plan
from messaging.evaluation.rates import cells, rates_by_arm, shown, unknown_shares
from messaging.evaluation.results import Analysis, Comparison, Explored, Unknown
from messaging.evaluation.units import Units, units_of
from messaging.evaluation.verdict import Verdict, no_verdict, percent, verdict_on
from messaging.trial.models import Arm

NEW = (Arm.SMS, Arm.APP)
CONTROL = (Arm.CONTROL,)

ARM_WORDS = {Arm.SMS: "SMS", Arm.APP: "app", Arm.CONTROL: "kontrol"}


def analyse(extract: Extract, plan: Plan | None = None, *, progress: Progress = untold) -> Analysis:
    """Return the analysis. `progress` hears how many comparisons of how many are made.

    Raises InvalidInput if the extract cannot be analysed as planned: an empty arm, no baseline, nothing to compare.
    """
    work = _Work(extract, plan or Plan(), progress)
    verdict = work.missing_too_much()
    pooled: Comparison | None = None
    judged = False
    if work.everybody_came(CONTROL) or work.everybody_came(NEW):
        verdict = verdict or no_verdict("ingen udeblev i den ene af grupperne")
    else:
        pooled, effect = work.compare("SMS og app", NEW, CONTROL)
        verdict = verdict or work.too_few(effect)
        judged = verdict is None and effect.rejected
        verdict = verdict or verdict_on(effect, target=work.plan.target)
        pooled = replace(pooled, verdict=verdict)
    # Comparisons of the same units stand together: they share their rearrangements.
    unknown = work.unknown()
    explored = tuple(work.explore()) if work.plan.exploring else ()
    arms = work.each_arm(judged=judged) if pooled else ()
    secondary = work.secondary()
    progress(work.comparisons, work.comparisons)
    return Analysis(
        verdict=verdict,
        pooled=pooled,
        arms=arms,
        explored=explored,
        unknown=unknown,
        secondary=secondary,
        correlation=work.correlation(),
        rates=rates_by_arm(extract),
        months=cells(extract, extract.month, extract.labels.months),
    )


def primary_effect(extract: Extract, plan: Plan) -> Effect:
    """Return the pooled comparison alone: what power is about. Raises InvalidInput if it cannot be made."""
    return _Work(extract, plan, untold).effect(NEW, CONTROL)


def holm(p_values: Sequence[float], *, alpha: float) -> tuple[tuple[bool, float], ...]:
    """Return of each hypothesis whether Holm rejects it, and the level alpha it was held to.

    An interval of that level leaves out zero exactly where Holm rejects, so that a sentence cannot contradict its
    numbers.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    told: dict[int, tuple[bool, float]] = {}
    held_to, rejecting = alpha / len(p_values), True
    for rank, place in enumerate(order):
        if rejecting:
            held_to = alpha / (len(p_values) - rank)
            rejecting = p_values[place] <= held_to
        told[place] = (rejecting, held_to)
    return tuple(told[place] for place in range(len(p_values)))


class _Work:
    """An analysis being made: the extract, the plan, and how far it has come."""

    def __init__(self, extract: Extract, plan: Plan, progress: Progress) -> None:
        self.extract = extract
        self.plan = plan
        self._progress = progress
        self._chance = np.random.default_rng(plan.seed)
        self._last: Rearranged | None = None
        self._made = 0
        subgroups = len(extract.labels.meeting_types) + len(extract.labels.target_groups)
        extremes = 0 if extract.known.all() else 6
        self.comparisons = 3 + extremes + (1 + subgroups if plan.exploring else 0) + int(plan.secondary)

    def effect(
        self,
        treated: tuple[Arm, ...],
        control: tuple[Arm, ...],
        *,
        counted: Flags | None = None,
        no_show: Flags | None = None,
    ) -> Effect:
        units = self._units(treated, control, counted=counted, no_show=no_show)
        effect = relative_effect(units, self._rearranged(units))
        self._tell()
        return effect

    def _units(
        self,
        treated: tuple[Arm, ...],
        control: tuple[Arm, ...],
        *,
        counted: Flags | None = None,
        no_show: Flags | None = None,
        by_appointment: bool = False,
    ) -> Units:
        return units_of(
            self.extract,
            self.extract.known if counted is None else counted,
            self.extract.no_show if no_show is None else no_show,
            treated=treated,
            control=control,
            adjusted=self.plan.adjusted,
            by_appointment=by_appointment,
        )

    def compare(self, name: str, treated: tuple[Arm, ...], control: tuple[Arm, ...]) -> tuple[Comparison, Effect]:
        units = self._units(treated, control)
        effect = relative_effect(units, self._rearranged(units))
        comparison = Comparison(
            name=name,
            treated=treated,
            control=control,
            reduction=effect.reduction,
            by_appointment=relative_effect(
                self._units(treated, control, by_appointment=True), self._rearranged(units)
            ).reduction,
            difference=absolute_effect(units, self._rearranged(units)),
            p_value=effect.p_value,
            rejected=effect.rejected,
            verdict=None,
        )
        self._tell()
        return comparison, effect

    def each_arm(self, *, judged: bool) -> tuple[Comparison, ...]:
        compared = [found for arm in NEW if (found := self._arm_alone(arm))]
        if not judged:
            return tuple(comparison for comparison, _effect in compared)
        p_values = [effect.p_value for _comparison, effect in compared]
        # The plan names two hypotheses: one that cannot be tested makes the other's level no easier.
        p_values += [1.0] * (len(NEW) - len(compared))
        decisions = holm(p_values, alpha=1 - LEVEL)[: len(compared)]
        held = [
            effect.at_level(1 - alpha)
            for (_comparison, effect), (_rejected, alpha) in zip(compared, decisions, strict=True)
        ]
        return tuple(
            replace(
                comparison,
                reduction=effect.reduction,
                rejected=effect.rejected,
                verdict=verdict_on(effect, target=self.plan.target),
                best=self._extreme(comparison.treated, no_shows_in=CONTROL),
                worst=self._extreme(comparison.treated, no_shows_in=comparison.treated),
            )
            for (comparison, _effect), effect in zip(compared, held, strict=True)
        )

    def _arm_alone(self, arm: Arm) -> tuple[Comparison, Effect] | None:
        """Compare one arm with control; None if it has too few units, or nobody stayed away: that stops no other."""
        if not self._in((arm,)).any() or self.everybody_came((arm,)):
            return None
        try:
            return self.compare(ARM_WORDS[arm], (arm,), CONTROL)
        except InvalidInput:
            return None

    def explore(self) -> Iterator[Explored]:
        labels = self.extract.labels
        for codes, names in (
            (self.extract.meeting_type, labels.meeting_types),
            (self.extract.target_group, labels.target_groups),
        ):
            for code, name in enumerate(names):
                yield self._explored(name, codes == code, NEW, CONTROL)
        yield self._explored("SMS mod app", np.ones(len(self.extract), dtype=bool), (Arm.SMS,), (Arm.APP,))

    def missing_too_much(self) -> Verdict | None:
        share = float((~self.extract.known).mean())
        if share > self.plan.most_unknown:
            most = percent(self.plan.most_unknown)
            return no_verdict(f"udfaldet mangler for {percent(share)} af samtalerne, og grænsen er {most}")
        by_arm = unknown_shares(self.extract)
        most, least = max(by_arm, key=by_arm.__getitem__), min(by_arm, key=by_arm.__getitem__)
        if by_arm[most] - by_arm[least] > self.plan.most_apart:
            return no_verdict(
                "der mangler langt flere udfald i den ene gruppe end i den anden "
                f"({ARM_WORDS[most]} {percent(by_arm[most])}, {ARM_WORDS[least]} {percent(by_arm[least])})"
            )
        return None

    def too_few(self, effect: Effect) -> Verdict | None:
        if effect.permutations.count * (1 - LEVEL) >= 1:
            return None
        return no_verdict("der er for få enheder i lodtrækningen til at skelne en forskel fra et tilfælde")

    def everybody_came(self, arms: tuple[Arm, ...]) -> bool:
        theirs = self.extract.known & self._in(arms)
        return bool(theirs.any()) and not bool((theirs & self.extract.no_show).any())

    def unknown(self) -> Unknown:
        return Unknown(
            share=float((~self.extract.known).mean()),
            by_arm=unknown_shares(self.extract),
            best=self._extreme(NEW, no_shows_in=CONTROL),
            worst=self._extreme(NEW, no_shows_in=NEW),
        )

    def secondary(self) -> Estimate | None:
        if not self.plan.secondary:
            return None
        try:
            return reduction_by_gee(self.extract, treated=NEW, control=CONTROL, adjusted=self.plan.adjusted)
        except InvalidInput:
            return None

    def correlation(self) -> Estimate | None:
        try:
            return correlation_of(self.extract)
        except InvalidInput:
            return None

    def _extreme(self, treated: tuple[Arm, ...], *, no_shows_in: tuple[Arm, ...]) -> Estimate | None:
        """Return the reduction if everything unknown was a no-show in these arms, and none in the others."""
        if self.extract.known[self._in((*treated, *CONTROL))].all():
            return None
        suspected = self._in(no_shows_in) & ~self.extract.known
        everything = np.ones(len(self.extract), dtype=bool)
        no_show = self.extract.no_show | suspected
        try:
            return self.effect(treated, CONTROL, counted=everything, no_show=no_show).reduction
        except InvalidInput:
            return None

    def _explored(self, name: str, counted: Flags, treated: tuple[Arm, ...], control: tuple[Arm, ...]) -> Explored:
        counted = counted & self.extract.known
        sides = (counted & self._in(treated), counted & self._in(control))
        if not all(shown(int(side.sum()), int((side & self.extract.no_show).sum())) for side in sides):
            return Explored(name=name, reduction=None)
        try:
            return Explored(name=name, reduction=self.effect(treated, control, counted=counted).reduction)
        except InvalidInput:
            return Explored(name=name, reduction=None)

    def _in(self, arms: tuple[Arm, ...]) -> Flags:
        return self.extract.in_arms(arms)

    def _rearranged(self, units: Units) -> Rearranged:
        """Return the rearrangements of these units: the last ones, if they are of the same allocation."""
        last = self._last
        if (
            last is None
            or not np.array_equal(last.treated, units.treated)
            or not np.array_equal(last.stratum, units.stratum)
        ):
            last = rearrange(units.treated, units.stratum, at_most=self.plan.permutations, chance=self._chance)
            self._last = last
        return last

    def _tell(self) -> None:
        self._made += 1
        self._progress(min(self._made, self.comparisons), self.comparisons)
