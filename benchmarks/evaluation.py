"""Measures the analysis of a trial: 50,000 appointments, 10,000 rearrangements, in one process.

`python -m benchmarks.evaluation`.

Both designs, each with the secondary analysis and without. Seconds are of the whole process's processors and of the
wall clock; memory is the most that the process has held so far.
"""

import argparse
import json
import resource
import time
from dataclasses import asdict, dataclass

import numpy as np

from messaging.commands.surroundings import progress_bar
from messaging.evaluation.analysing import analyse
from messaging.evaluation.plan import Plan
from messaging.evaluation.simulating import World, invent_pilot
from messaging.trial.models import Design

APPOINTMENTS = 50_000
CASEWORKERS = 45


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One analysis."""

    design: Design
    secondary: bool
    appointments: int
    permutations: int
    seconds: float
    processor_seconds: float
    megabytes: float


def measure(design: Design, *, appointments: int, permutations: int, secondary: bool) -> Measured:
    """Invent a trial and analyse it once."""
    world = World(
        caseworkers=CASEWORKERS,
        appointments=appointments / CASEWORKERS,
        citizens=150,
        effect=0.2,
        missing=0.03,
        design=design,
    )
    pilot = invent_pilot(world, np.random.default_rng(1))
    started, worked = time.perf_counter(), time.process_time()
    with progress_bar(f"by {design}{', with estimating equations' if secondary else ''}") as progress:
        analyse(pilot, Plan(permutations=permutations, secondary=secondary), progress=progress)
    return Measured(
        design=design,
        secondary=secondary,
        appointments=len(pilot),
        permutations=permutations,
        seconds=round(time.perf_counter() - started, 2),
        processor_seconds=round(time.process_time() - worked, 2),
        megabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--appointments", type=int, default=APPOINTMENTS)
    parser.add_argument("--permutations", type=int, default=10_000)
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    asked = parser.parse_args()
    found = [
        measure(design, appointments=asked.appointments, permutations=asked.permutations, secondary=secondary)
        for design in Design
        for secondary in (False, True)
    ]
    if asked.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            print(*(f"{name}={value}" for name, value in asdict(one).items()), sep="  ")


if __name__ == "__main__":
    main()
