"""Measures everything in one run, and prints a table for people or JSON for a machine.

Ends with exit code 1 if a correctness gate failed. A missed goal is told, with its number.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass

from benchmarks import gates, goals, journal_claim
from benchmarks.report import Result, machine_facts
from benchmarks.rounds import Figures, Leg, run
from benchmarks.stage import running_stage


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How often and how long. Texts come from and go to one number for each of the `citizens`."""

    rounds: int
    seconds: float
    citizens: int
    journal_rounds: int
    journal_rows: int


WHOLE = Plan(rounds=5, seconds=3.0, citizens=1000, journal_rounds=5, journal_rows=20_000)
QUICK = Plan(rounds=2, seconds=0.7, citizens=100, journal_rounds=2, journal_rows=1000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds: do the gates hold?")
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    parser.add_argument("--no-journal", action="store_true", help="leave out P5, which can also run by itself")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else WHOLE
    result = measure_web(plan)
    if not asked.no_journal:
        measured = journal_claim.measure(plan.journal_rounds, plan.journal_rows, tell=_tell)
        result.outcomes.append(goals.of_journal(measured))
    print(json.dumps(result.as_json(), indent=2) if asked.json else result.as_text())
    return 1 if result.failures else 0


def measure_web(plan: Plan) -> Result:
    """Load the servers in turns; the first round only warms up, but its gates count."""
    cores = len(os.sched_getaffinity(0))

    def load(leg: Leg, *, round_: int) -> Figures:
        figures = run(leg, seconds=plan.seconds, cores=cores)
        _tell(f"round {round_}, {leg.name}: {figures.per_second:,.0f}/s, p99 {figures.p99_ms:.0f} ms")
        return figures

    with running_stage(citizens=plan.citizens) as stage:
        failures = [failure for service in stage.services for failure in gates.refusals(service)]
        hello = load(stage.hello, round_=0)
        rounds = [{leg.name: load(leg, round_=number) for leg in stage.legs} for number in range(plan.rounds + 1)]
        machine = machine_facts(postgresql=stage.postgresql)
    failures += [failure for one in rounds for figures in one.values() for failure in figures.failures]
    counted = rounds[1:]
    return Result(
        machine=machine,
        citizens=plan.citizens,
        hello=hello,
        rounds=counted,
        outcomes=[goals.judge(goal, counted) for goal in goals.GOALS],
        failures=[*failures, *hello.failures],
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
