"""The report as a document: sections of sentences, tables and plots, whatever it is written as. Danish throughout.

Needs none of the packages that figures are made with, so that what was computed can be shown where they are not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells as they are read. The first of a row says what the row is about."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A drawing with its title and description inside; `table` holds what is drawn."""

    svg: str
    table: Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report: what it says first, then the figures it says it by. `key` names it for machines."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it. `compares`: whether the arms are compared in it; until the trial is over they are not.

    `warnings` stand above everything else.
    """

    title: str
    about: tuple[str, ...]
    warnings: tuple[str, ...]
    made_at: datetime
    compares: bool
    sections: tuple[Section, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it in JSON's own types."""
        return {**asdict(self), "made_at": self.made_at.isoformat()}


def report_of(told: Mapping[str, Any]) -> Report:
    """Return the report that `as_json` told."""
    return Report(
        title=told["title"],
        about=tuple(told["about"]),
        warnings=tuple(told["warnings"]),
        made_at=datetime.fromisoformat(told["made_at"]),
        compares=told["compares"],
        sections=tuple(
            Section(
                key=one["key"],
                title=one["title"],
                sentences=tuple(one["sentences"]),
                tables=tuple(map(_table, one["tables"])),
                plots=tuple(Plot(svg=plot["svg"], table=_table(plot["table"])) for plot in one["plots"]),
            )
            for one in told["sections"]
        ),
    )


def _table(told: Mapping[str, Any]) -> Table:
    return Table(caption=told["caption"], head=tuple(told["head"]), rows=tuple(tuple(row) for row in told["rows"]))
