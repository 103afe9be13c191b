"""Rates as they were seen, by arm and by month. Counts that could point to somebody are hidden.

No-shows, cancellations and held meetings stand together: easier cancelling turns no-shows into cancellations.
"""

from dataclasses import dataclass

import numpy as np

from messaging.evaluation.extract import ARMS, OUTCOMES, Codes, Extract, Flags, Outcome
from messaging.trial.models import Arm

FEWEST_SHOWN = 5
"""A count below this is not shown."""


@dataclass(frozen=True, kw_only=True)
class ArmRates:
    """Of one arm. Shares are of the appointments whose outcome is known, `unknown` of all that were planned.

    `mean_rate`: unweighted mean of the caseworkers' no-show rates; `rate`: all appointments alike.
    """

    arm: Arm
    caseworkers: int
    appointments: int
    no_shows: int
    mean_rate: float
    rate: float
    cancelled: float
    held: float
    unknown: float


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An arm in a month, meeting type or target group. All counts are None where one of them must not be shown."""

    arm: Arm
    label: str
    appointments: int | None
    no_shows: int | None

    @property
    def rate(self) -> float | None:
        """The share of no-shows."""
        return None if self.no_shows is None or not self.appointments else self.no_shows / self.appointments


def rates_by_arm(extract: Extract) -> tuple[ArmRates, ...]:
    """Return the rates of the arms that have an appointment with a known outcome."""
    return tuple(_rates(extract, arm) for code, arm in enumerate(ARMS) if (extract.known & (extract.arm == code)).any())


def cells(extract: Extract, codes: Codes, labels: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return appointments and no-shows by arm and label. A cell is hidden if fewer than five came or fewer than five
    did not.

    If one cell of an arm is hidden, the smallest other one is too: the arm's total would tell the first.
    """
    return tuple(cell for code, arm in enumerate(ARMS) for cell in _of_arm(extract, codes, labels, code=code, arm=arm))


def shown(appointments: int, no_shows: int) -> bool:
    """Whether these counts may be shown together."""
    return min(no_shows, appointments - no_shows) >= FEWEST_SHOWN


def unknown_shares(extract: Extract) -> dict[Arm, float]:
    """Return for every arm with appointments the share of them whose outcome nobody recorded."""
    return {
        arm: float((~extract.known[there]).mean())
        for code, arm in enumerate(ARMS)
        if (there := extract.arm == code).any()
    }


def _rates(extract: Extract, arm: Arm) -> ArmRates:
    planned = extract.arm == ARMS.index(arm)
    known = planned & extract.known
    cluster = extract.cluster[known]
    sizes = np.bincount(cluster)
    no_shows = np.bincount(cluster, weights=extract.no_show[known])
    return ArmRates(
        arm=arm,
        caseworkers=int((sizes > 0).sum()),
        appointments=int(known.sum()),
        no_shows=int(no_shows.sum()),
        mean_rate=float((no_shows[sizes > 0] / sizes[sizes > 0]).mean()),
        rate=float(no_shows.sum() / known.sum()),
        cancelled=_share(extract, known, Outcome.CANCELLED_BY_CITIZEN),
        held=_share(extract, known, Outcome.HELD),
        unknown=float(1 - known.sum() / planned.sum()),
    )


def _share(extract: Extract, known: Flags, outcome: Outcome) -> float:
    return float((extract.outcome[known] == OUTCOMES.index(outcome)).mean())


def _of_arm(extract: Extract, codes: Codes, labels: tuple[str, ...], *, code: int, arm: Arm) -> list[Cell]:
    known = extract.known & (extract.arm == code)
    appointments = np.bincount(codes[known], minlength=len(labels))
    no_shows = np.bincount(codes[known & extract.no_show], minlength=len(labels))
    hidden = {place for place in range(len(labels)) if not shown(int(appointments[place]), int(no_shows[place]))}
    if len(hidden) == 1 and len(labels) > 1:
        hidden.add(min(set(range(len(labels))) - hidden, key=lambda place: int(no_shows[place])))
    return [
        Cell(arm=arm, label=label, appointments=None, no_shows=None)
        if place in hidden
        else Cell(arm=arm, label=label, appointments=int(appointments[place]), no_shows=int(no_shows[place]))
        for place, label in enumerate(labels)
    ]
