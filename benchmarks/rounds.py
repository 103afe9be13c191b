"""Interleaved rounds: all servers are up, and the load goes from one to the next and round again.

A machine that others share drifts by tens of per cent within minutes; ratios inside one round hardly do.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import psycopg

from benchmarks import gates, traffic
from benchmarks.cost import CpuMeter
from benchmarks.load import Answers, drive
from benchmarks.service import Service
from messaging.conversations.models import Direction

MOST_PER_SECOND = 4000
"""Requests made beforehand for each second of load; a faster server ends its turn sooner."""
PAUSE = 0.3

Verdict = Callable[[Sequence[bytes], Answers], tuple[list[str], float | None]]
"""Says what is wrong with what these requests left behind, and the key cache's hit rate where there is one."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One turn of each round: who is asked for what over how many connections, and how the outcome is judged.

    `watch` is called before the load and returns the verdict to be asked after it.
    """

    name: str
    port: int
    connections: int
    requests: Callable[[int], list[bytes]]
    trees: dict[str, int]
    watch: Callable[[], Verdict]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one turn gave; `cpu_ms` is processor time per request by component, `foreign_cpu` a share of the machine."""

    leg: str
    sent: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: dict[str, float]
    foreign_cpu: float
    cache_hit_rate: float | None
    failures: tuple[str, ...]


def run(leg: Leg, *, seconds: float, cores: int) -> Figures:
    """Load one server for so long and judge what came of it."""
    prepared = leg.requests(int(MOST_PER_SECOND * seconds))
    verdict, meter = leg.watch(), CpuMeter(leg.trees)
    answers = drive(leg.port, prepared, connections=leg.connections, seconds=seconds)
    cpu, busy = {"client": answers.cpu_seconds, **meter.seconds()}, meter.busy_seconds()
    failures, hit_rate = verdict(prepared[: answers.sent], answers)
    time.sleep(PAUSE)
    return Figures(
        leg=leg.name,
        sent=answers.sent,
        per_second=answers.rate,
        p50_ms=answers.percentile(0.50),
        p99_ms=answers.percentile(0.99),
        cpu_ms={name: 1000 * spent / answers.sent for name, spent in cpu.items()},
        foreign_cpu=max(0.0, (busy - sum(cpu.values())) / (answers.seconds * cores)),
        cache_hit_rate=hit_rate,
        failures=tuple(f"{leg.name}: {failure}" for failure in failures),
    )


def hello_leg(*, port: int, pid: int) -> Leg:
    """The bare server: what generator and server do together when there is nothing to do."""

    def watch() -> Verdict:
        return lambda _sent, answers: (gates.answered_failures(answers, status=200), None)

    return Leg(
        name="hello",
        port=port,
        connections=32,
        requests=lambda count: traffic.hello(5 * count),
        trees={"server": pid},
        watch=watch,
    )


def floor_leg(name: str, *, port: int, trees: dict[str, int], database: str, connections: int, chance: Random) -> Leg:
    """The yardstick F at so many connections."""

    def watch() -> Verdict:
        before = _floor_rows(database)

        def verdict(sent: Sequence[bytes], answers: Answers) -> tuple[list[str], None]:
            failures = gates.answered_failures(answers, status=200)
            if (stored := _floor_rows(database) - before) != len(sent):
                failures.append(f"{stored} rows for {len(sent)} requests")
            return failures, None

        return verdict

    return Leg(
        name=name,
        port=port,
        connections=connections,
        requests=lambda count: traffic.rows(count=count, chance=chance),
        trees=trees,
        watch=watch,
    )


def inbound_leg(name: str, *, service: Service, trees: dict[str, int], connections: int, chance: Random) -> Leg:
    """Citizens' texts by the webhook."""
    return Leg(
        name=name,
        port=service.port,
        connections=connections,
        requests=lambda count: traffic.inbound(service.numbers, count=count, chance=chance),
        trees=trees,
        watch=lambda: _watch(service, direction=Direction.IN, route="/hooks/<channel>", status=200),
    )


def outbound_leg(name: str, *, service: Service, trees: dict[str, int], connections: int, chance: Random) -> Leg:
    """Another system's messages by the API."""
    return Leg(
        name=name,
        port=service.port,
        connections=connections,
        requests=lambda count: traffic.outbound(service.citizens, key=service.api_key, count=count, chance=chance),
        trees=trees,
        watch=lambda: _watch(
            service,
            direction=Direction.OUT,
            route="/api/v1/conversations/<uuid:citizen_id>/messages",
            status=201,
        ),
    )


def _watch(service: Service, *, direction: Direction, route: str, status: int) -> Verdict:
    stored, told = gates.Stored.of(service, direction=direction), gates.Told.of(service, route=route)

    def verdict(sent: Sequence[bytes], answers: Answers) -> tuple[list[str], float]:
        stored_after = gates.Stored.of(service, direction=direction)
        told_after = gates.Told.of(service, route=route)
        failures = [
            *gates.answered_failures(answers, status=status),
            *stored_after.failures(stored, expected=len(set(sent))),
            *told_after.failures(told, sent=len(sent)),
        ]
        return failures, told_after.hit_rate(told)

    return verdict


def _floor_rows(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM floor").fetchone()
    assert row is not None
    return int(row[0])
