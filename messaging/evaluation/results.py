"""What an analysis gives."""

from dataclasses import dataclass

from messaging.evaluation.intervals import Estimate
from messaging.evaluation.rates import ArmRates, Cell
from messaging.evaluation.verdict import Verdict
from messaging.trial.models import Arm


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`treated` against `control`. `by_appointment` weighs all appointments alike, `difference` is in shares (treated
    less control).

    `rejected`: whether the test rejects that there is no difference, at the level of `reduction`. `verdict` is None
    where none is given; beside one, `best` and `worst` are the reduction if all unknown outcomes favour the treated, or
    all go against them, None where nothing is unknown.
    """

    name: str
    treated: tuple[Arm, ...]
    control: tuple[Arm, ...]
    reduction: Estimate
    by_appointment: Estimate
    difference: Estimate
    p_value: float
    rejected: bool
    verdict: Verdict | None
    best: Estimate | None = None
    worst: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class Explored:
    """An interval without a verdict ("udforskende"); None where it would show a count below five or cannot be made."""

    name: str
    reduction: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Outcomes that nobody recorded: their share, by arm, and the reduction if they all favour the treatment, or all go
    against it.

    The extremes are None where they cannot be made.
    """

    share: float
    by_arm: dict[Arm, float]
    best: Estimate | None
    worst: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """All of it. `pooled` is the primary comparison, None where it cannot be made; `verdict` is the trial's."""

    verdict: Verdict
    pooled: Comparison | None
    arms: tuple[Comparison, ...]
    explored: tuple[Explored, ...]
    unknown: Unknown
    secondary: Estimate | None
    correlation: Estimate | None
    rates: tuple[ArmRates, ...]
    months: tuple[Cell, ...]
