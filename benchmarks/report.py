"""What a run found, for people and for machines, and the facts about the machine it ran on."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.goals import Outcome, Round
from benchmarks.rounds import Figures

GENERATOR_LEAST = 5000
"""Requests a second the generator must reach on a bare server; below that it would be measured instead."""
LIBRARIES = ("flask", "granian", "sqlalchemy", "psycopg", "cryptography", "orjson", "marshmallow")


@dataclass(frozen=True, kw_only=True)
class Result:
    """A whole run. A rate counts only if `failures` is empty."""

    machine: dict[str, object]
    citizens: int
    hello: Figures
    rounds: Sequence[Round]
    outcomes: list[Outcome]
    failures: Sequence[str]

    def as_json(self) -> dict[str, object]:
        """The run for a machine; memory is measured by the rehearsal, on the whole tree of processes."""
        return asdict(self)

    def as_text(self) -> str:
        """The run for people, as Markdown."""
        return "\n".join(
            [
                ", ".join(f"{name} {value}" for name, value in self.machine.items()),
                "",
                *_loads(self.hello, self.rounds),
                "",
                *_goals(self.outcomes),
                "",
                *self._remarks(),
            ]
        )

    def _remarks(self) -> Iterator[str]:
        yield f"{self.citizens:,} numbers; `keys` is how often a citizen's key was at hand."
        yield "Memory: the rehearsal measures the whole tree of processes (`memory_mb` of its ledger)."
        if self.hello.per_second < GENERATOR_LEAST:
            yield f"The generator reached only {self.hello.per_second:,.0f}/s: the machine is too busy to measure on."
        if self.failures:
            yield "**These gates failed; no rate of this run counts:**"
            yield from (f"- {failure}" for failure in self.failures)


def machine_facts(*, postgresql: str) -> dict[str, object]:
    """What a figure depends on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release().partition("-")[0],
        "python": platform.python_version(),
        "postgresql": postgresql,
        **{library: version(library) for library in LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def _loads(hello: Figures, rounds: Sequence[Round]) -> Iterator[str]:
    yield "| load | requests/s (min-max) | p50 / p99 ms | CPU ms a request | foreign CPU | keys |"
    yield "|---|---|---|---|---|---|"
    yield _load([hello])
    yield from (_load([one[leg] for one in rounds]) for leg in rounds[0])


def _load(turns: Sequence[Figures]) -> str:
    rates = [turn.per_second for turn in turns]
    cpu = ", ".join(f"{name} {median([turn.cpu_ms[name] for turn in turns]):.2f}" for name in turns[0].cpu_ms)
    hits = [turn.cache_hit_rate for turn in turns if turn.cache_hit_rate is not None]
    cells = (
        turns[0].leg,
        f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})",
        f"{median([turn.p50_ms for turn in turns]):.1f} / {median([turn.p99_ms for turn in turns]):.1f}",
        cpu,
        f"{median([turn.foreign_cpu for turn in turns]):.0%}",
        f"{median(hits):.1%}" if hits else "",
    )
    return f"| {' | '.join(cells)} |"


def _goals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| goal | share of the yardstick (rounds) | at least | p99 beside the yardstick's | |"
    yield "|---|---|---|---|---|"
    for one in outcomes:
        rounds = " ".join(f"{ratio:.2f}" for ratio in one.ratios)
        p99 = f"{one.p99_ratio:.2f}, at most {one.p99_threshold:.0f}" if one.p99_ratio is not None else ""
        met = "met" if one.met else "**missed**"
        yield f"| {one.goal} {one.what} | {one.ratio:.2f} ({rounds}) | {one.threshold:.2f} | {p99} | {met} |"
