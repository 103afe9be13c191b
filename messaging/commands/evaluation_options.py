"""What `evaluate power` and `evaluate simulate` both ask of a trial."""

from collections.abc import Callable
from typing import Any

import click

SHARE = click.FloatRange(0, 1, max_open=True)

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _options(*options: Option) -> Option:
    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


trial = _options(
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
