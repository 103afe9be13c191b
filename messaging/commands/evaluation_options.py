"""What `evaluate power` and `evaluate simulate` both ask of a trial."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import click

SHARE = click.FloatRange(0, 1, max_open=True)

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """A trial as somebody supposes it to be; shares as parts of 1. `citizen_icc` is None if it is `icc`."""

    caseworkers: int
    appointments: float
    citizens: int
    rate: float
    effect: float
    icc: float
    citizen_icc: float | None
    seed: int


_OPTIONS = (
    click.option("--caseworkers", type=click.IntRange(min=3), default=45, show_default=True, help="In all three arms."),
    click.option(
        "--appointments", type=click.FloatRange(min=1), default=350, show_default=True, help="Of each caseworker."
    ),
    click.option("--citizens", type=click.IntRange(min=1), default=50, show_default=True, help="Of each caseworker."),
    click.option("--rate", type=SHARE, default=0.0866, show_default=True, help="Share of no-shows in the control arm."),
    click.option("--effect", type=SHARE, default=0.2, show_default=True, help="By how much SMS and app lower it."),
    click.option(
        "--icc",
        type=SHARE,
        default=0.01,
        show_default=True,
        help="Correlation between two appointments of one caseworker.",
    ),
    click.option("--citizen-icc", type=SHARE, help="Correlation between two of one citizen, if it is more than that."),
    click.option(
        "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed gives the same figures."
    ),
)


def trial(command: Callable[..., Any]) -> Callable[..., Any]:
    """Ask for a supposed trial, and hand it to the command as `supposed`."""

    @wraps(command)
    def with_trial(**given: Any) -> Any:
        supposed = Supposed(**{field.name: given.pop(field.name) for field in fields(Supposed)})
        return command(supposed=supposed, **given)

    for option in reversed(_OPTIONS):
        with_trial = option(with_trial)
    return with_trial
