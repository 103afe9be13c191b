"""How small an effect a trial would see: by formula, before any appointment of it has been held.

Two-sided normal test of two rates with unpooled variances. Appointments of one caseworker are alike and so tell less:
where caseworkers are allocated the variance grows by 1 + (m - 1)ρ, and a baseline as long as the trial takes back what
it explains. Where citizens are allocated within their caseworker, what she does is the same for both arms and drops
out.
"""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from scipy import optimize, stats

from messaging.errors import InvalidInput
from messaging.trial.models import Design

PERSISTENCE = 0.8
"""Correlation of a caseworker's rate with hers before the trial, if nothing else is known."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """A trial that is planned. `treated`, `control`: caseworkers in the arms, or where citizens are allocated the
    shares of a caseworker's citizens, in the same units. `appointments`: of a caseworker, m. `rate`: share of no-shows
    in the control arm.

    `correlation`: ρ between two appointments of a caseworker; `citizen_correlation`: of a citizen, None if no more than
    that; `citizens`: of a caseworker. `persistence`: of caseworkers' rates since the baseline, 0 if there is none.
    """

    treated: int = 30
    control: int = 15
    appointments: float = 350
    rate: float = 0.0866
    correlation: float = 0.01
    citizen_correlation: float | None = None
    citizens: int = 50
    persistence: float = PERSISTENCE
    design: Design = Design.CASEWORKER
    alpha: float = 0.05
    power: float = 0.80

    def __post_init__(self) -> None:
        if self.treated < 1 or self.control < 1 or self.appointments < 1 or self.citizens < 1:
            raise InvalidInput("both arms need caseworkers, citizens and appointments", field="caseworkers")
        for name, share in {"rate": self.rate, "alpha": self.alpha, "power": self.power}.items():
            if not 0 < share < 1:
                raise InvalidInput(f"{name} is a share between 0 and 1", field=name)
        if not 0 <= self.correlation < 1 or not 0 <= self.persistence < 1:
            raise InvalidInput("a correlation is at least 0 and below 1", field="correlation")
        if not self.correlation <= self._of_citizen < 1:
            raise InvalidInput(
                "a citizen's appointments are at least as alike as her caseworker's", field="correlation"
            )

    @property
    def design_effect(self) -> float:
        """By how much the variance is larger than if all appointments were independent of each other."""
        per_citizen = max(1.0, self.appointments / self.citizens)
        of_citizens = (per_citizen - 1) * (self._of_citizen - self.correlation)
        if self.design is Design.CITIZEN:
            return 1 - self.correlation + of_citizens
        alike = 1 + (self.appointments - 1) * self.correlation + of_citizens
        explained = self.persistence * self.appointments * self.correlation / alike
        return alike * (1 - explained**2)

    @property
    def _of_citizen(self) -> float:
        return self.correlation if self.citizen_correlation is None else self.citizen_correlation

    def appointments_in(self, arm: int) -> float:
        """Return how many appointments an arm of so many caseworkers has."""
        return arm * self.appointments


def power_of(size: Size, effect: float) -> float:
    """Return the chance to reject no effect if the treatment lowers the rate by the share `effect`."""
    difference = abs(size.rate * effect)
    reach = float(stats.norm.ppf(1 - size.alpha / 2))
    shift = difference / _error(size, effect)
    return float(stats.norm.cdf(shift - reach) + stats.norm.cdf(-shift - reach))


def smallest_effect(size: Size) -> float | None:
    """Return the smallest reduction, as a share, that is seen with the power asked for; None if none is."""
    both = float(stats.norm.ppf(1 - size.alpha / 2) + stats.norm.ppf(size.power))

    def short(effect: float) -> float:
        return both * _error(size, effect) - size.rate * effect

    return None if short(1.0) > 0 else float(optimize.brentq(short, 0.0, 1.0))


def appointments_needed(*, rate: float, effect: float, alpha: float = 0.05, power: float = 0.80) -> int:
    """Return how many appointments each of two equal arms needs if all were independent."""
    if not 0 < rate < 1 or not 0 < effect < 1:
        raise InvalidInput("rate and effect are shares between 0 and 1", field="effect")
    lower = rate * (1 - effect)
    both = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return ceil(both**2 * (rate * (1 - rate) + lower * (1 - lower)) / (rate - lower) ** 2)


def appointments_of_each(size: Size, *, effect: float, most: float = 1e6) -> int | None:
    """Return how many appointments each caseworker must have for `effect` to be seen; None if no number up to `most`
    does.
    """

    def short(appointments: float) -> float:
        return size.power - power_of(replace(size, appointments=appointments), effect)

    if short(most) > 0:
        return None
    return 1 if short(1.0) <= 0 else ceil(optimize.brentq(short, 1.0, most))


def _error(size: Size, effect: float) -> float:
    lower = size.rate * (1 - effect)
    return sqrt(
        size.design_effect
        * (
            lower * (1 - lower) / size.appointments_in(size.treated)
            + size.rate * (1 - size.rate) / size.appointments_in(size.control)
        )
    )
