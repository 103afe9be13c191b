"""What the effect is worth in kroner, by the customer's own figures, with the interval carried all the way through.

The figures are dated data with their sources (`texts/money.toml`, or a file of the same form), never numbers of a page.
"""

import enum
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from math import isfinite

from messaging.errors import InvalidInput
from messaging.evaluation.intervals import Estimate

LABEL = "hvis samme virkning gælder hele Jobcenter København"
ROUNDED_TO = 10_000
"""Kroner: nothing here is known more finely."""


class Name(enum.StrEnum):
    """What a figure is of; all are kroner a year."""

    NO_SHOWS = "no_shows"
    LICENCE = "licence"
    ROLL_OUT_FIRST_YEARS = "roll_out_first_years"
    ROLL_OUT_LATER = "roll_out_later"


class Years(enum.StrEnum):
    """While everybody is being trained, and after it."""

    FIRST = "first"
    LATER = "later"


ROLL_OUT = {Years.FIRST: Name.ROLL_OUT_FIRST_YEARS, Years.LATER: Name.ROLL_OUT_LATER}
YEARS_WORDS = {Years.FIRST: "i de første år", Years.LATER: "i årene efter"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the customer's: kroner a year from `least` to `most`, valid in [valid_from, valid_to)."""

    name: Name
    least: int
    most: int
    valid_from: date
    source: str
    valid_to: date | None = None

    def is_valid(self, day: date) -> bool:
        """Whether it holds on this day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def middle(self) -> float:
        """Half-way between its ends."""
        return (self.least + self.most) / 2


@dataclass(frozen=True, kw_only=True)
class Kroner:
    """An amount a year. `value` is None where only the interval may be told; below 0 it is a loss."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class YearsMoney:
    """Of the first years or the later ones: what stays when licence and roll-out are paid, and the sentence on it."""

    years: Years
    net: Kroner
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Money:
    """The saving before any cost and what stays of it. `sources` are those of all figures used.

    Where the interval cannot be carried through, because an end of it is infinite, `saving` is None, `years` is empty
    and `sentence` says so.
    """

    label: str
    saving: Kroner | None
    sentence: str
    years: Sequence[YearsMoney]
    sources: Sequence[str]


def shipped_figures() -> Sequence[Figure]:
    """Return the figures that come with the service."""
    return read_figures(resources.files("messaging.evaluation").joinpath("texts", "money.toml").read_bytes())


def read_figures(data: bytes) -> Sequence[Figure]:
    """Read dated figures. Raises InvalidInput if the file is none such, or one lacks a source or is below 0."""
    try:
        entries = tomllib.loads(data.decode())["figure"]
        figures = tuple(Figure(**(entry | {"name": Name(entry["name"])})) for entry in entries)
    except (ValueError, KeyError, TypeError):
        raise InvalidInput("these are no figures of costs as money.toml has them", field="money") from None
    for one in figures:
        kroner = isinstance(one.least, int) and isinstance(one.most, int) and 0 <= one.least <= one.most
        if not (kroner and str(one.source).strip() and isinstance(one.valid_from, date)):
            raise InvalidInput(
                f"the figure {one.name} needs kroner from least to most, a day and a source", field="money"
            )
    return figures


def figures_on(day: date, figures: Sequence[Figure]) -> Mapping[Name, Figure]:
    """Return the figure of each name that holds on a day, the later of two. Raises InvalidInput if one has none."""
    valid = {one.name: one for one in sorted(figures, key=lambda one: one.valid_from) if one.is_valid(day)}
    if missing := sorted(set(Name) - set(valid)):
        raise InvalidInput(f"no figure of {', '.join(missing)} holds on {day}", field="money")
    return valid


def money(reduction: Estimate, figures: Mapping[Name, Figure]) -> Money:
    """Return what a relative reduction of no-shows saves in a year, and what stays of it.

    Where the interval holds 0 there is no value, only the interval. The ends take the least favourable and the most
    favourable of each figure.
    """
    sources = tuple(figures[name].source for name in Name)
    if not (isfinite(reduction.low) and isfinite(reduction.high)):
        told = "Virkningen er for usikker til at regne den om i kroner."
        return Money(label=LABEL, saving=None, sentence=told, years=(), sources=sources)
    cost = figures[Name.NO_SHOWS]
    is_shown = not reduction.low <= 0 <= reduction.high
    saving = Kroner(
        value=reduction.value * cost.middle if is_shown else None,
        low=min(reduction.low * cost.least, reduction.low * cost.most),
        high=max(reduction.high * cost.least, reduction.high * cost.most),
    )
    return Money(
        label=LABEL,
        saving=saving,
        sentence=f"{_said(saving, 'før udgifter')}, {LABEL}.",
        years=tuple(_after_costs(saving, figures, years) for years in Years),
        sources=sources,
    )


def in_kroner(amount: float) -> str:
    """Return an amount as Danish kroner, to the nearest ten thousand: `1.400.000 kr.`."""
    rounded = round(abs(amount) / ROUNDED_TO) * ROUNDED_TO
    sign = "−" if amount < 0 and rounded else ""
    return f"{sign}{rounded:,.0f} kr.".replace(",", ".")


def _after_costs(saving: Kroner, figures: Mapping[Name, Figure], years: Years) -> YearsMoney:
    licence, roll_out = figures[Name.LICENCE], figures[ROLL_OUT[years]]
    net = Kroner(
        value=None if saving.value is None else saving.value - licence.middle - roll_out.middle,
        low=saving.low - licence.most - roll_out.most,
        high=saving.high - licence.least - roll_out.least,
    )
    told = _said(net, f"{YEARS_WORDS[years]}, når licens og udrulning er betalt")
    return YearsMoney(years=years, net=net, sentence=f"{told}, {LABEL}.")


def _said(amount: Kroner, when: str) -> str:
    span = f"mellem {in_kroner(amount.low)} og {in_kroner(amount.high)}"
    if amount.value is None:
        return f"Gevinsten kan ligge {span} om året {when}"
    return f"Gevinsten er {in_kroner(amount.value)} om året {when} ({span})"
