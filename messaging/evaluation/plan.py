"""The plan of the analysis: what is fixed before the trial. Needs none of the packages that figures are made with."""

from dataclasses import dataclass

TARGET = 0.20
"""What was to be reached: a fifth fewer no-shows than in the control arm."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the trial is analysed. `permutations`: rearrangements drawn at most; `seed`: of their drawing.

    `adjusted`: for the baseline rates. `most_unknown`: beyond this share of outcomes that nobody recorded, or beyond
    `most_apart` between two arms, there is no verdict. `secondary`: with estimating equations; `exploring`: with the
    comparisons that get no verdict.
    """

    permutations: int = 10_000
    seed: int = 1
    target: float = TARGET
    adjusted: bool = True
    most_unknown: float = 0.10
    most_apart: float = 0.05
    secondary: bool = True
    exploring: bool = True
