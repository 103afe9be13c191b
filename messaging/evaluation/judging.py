"""The judgement of the trial: the analysis by its plan, or a sentence that says why there is none."""

from dataclasses import dataclass, replace

from messaging.errors import InvalidInput
from messaging.evaluation.analysing import CONTROL, NEW, analyse
from messaging.evaluation.extract import Extract
from messaging.evaluation.permutation import Progress, untold
from messaging.evaluation.plan import Plan
from messaging.evaluation.results import Analysis
from messaging.evaluation.together import Together, caseworkers_in, together
from messaging.evaluation.verdict import Verdict, no_verdict
from messaging.people.discretion import FEWEST_CASEWORKERS

REASONS = {
    "appointments": "der endnu ikke er planlagte samtaler at tælle",
    "arm": "der ikke er mindst tre sagsbehandlere med samtaler både med og uden sms og app",
    "baseline": "ingen sagsbehandlers udeblivelse før forsøget er kendt",
    "stratum": "ingen del af lodtrækningen har samtaler både med og uden sms og app",
}
"""Why an analysis is refused, by the field of the refusal; a clause that follows "fordi"."""
NOTHING_TOLD = "udfaldet ikke er kendt for en eneste samtale"
ANY_REASON = "tallene ikke kan regnes igennem efter planen"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`analysis` is None, and `together` empty, where nothing can be compared; the verdict says why."""

    verdict: Verdict
    analysis: Analysis | None
    together: tuple[Together, ...] = ()


def judge(extract: Extract | None, plan: Plan, *, progress: Progress = untold) -> Judgement:
    """Return the judgement. It never fails for lack of appointments, arms or no-shows: that is what it then says."""
    if extract is None:
        return Judgement(verdict=no_verdict(REASONS["appointments"]), analysis=None)
    if min(caseworkers_in(extract, side) for side in (NEW, CONTROL)) < FEWEST_CASEWORKERS:
        reason = REASONS["arm"] if extract.known.any() else NOTHING_TOLD
        return Judgement(verdict=no_verdict(reason), analysis=None)
    try:
        analysis = analyse(extract, plan, progress=progress)
        shares = together(extract, plan, treated=NEW, control=CONTROL)
    except InvalidInput as refusal:
        return Judgement(verdict=no_verdict(REASONS.get(refusal.field or "", ANY_REASON)), analysis=None)
    # What is said of one arm beside the rate of the control group tells the rate of that arm.
    arms = tuple(arm for arm in analysis.arms if caseworkers_in(extract, arm.treated) >= FEWEST_CASEWORKERS)
    return Judgement(verdict=analysis.verdict, analysis=replace(analysis, arms=arms), together=shares)
