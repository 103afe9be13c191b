"""The correctness gates: a rate counts only if everything that was answered is stored, once, with all its effects."""

from collections import Counter
from dataclasses import dataclass

import requests
import sqlalchemy as sa

from benchmarks.load import Answers
from benchmarks.service import Service
from benchmarks.traffic import HOOK
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation, Direction, InboundEvent, Message
from messaging.database.changes import Change
from messaging.journal.models import JournalEvent, JournalStream
from messaging.web.models import IdempotencyKey

ONE_EACH = (AuditEntry, Change, JournalEvent, Message)
"""Tables that get one row for each message, whichever way it goes."""
GATE_OF = {Direction.IN: InboundEvent, Direction.OUT: IdempotencyKey}
"""The table whose unique key knows what came before."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the service holds at a moment, by the name of what was counted."""

    counts: Counter[str]

    @classmethod
    def of(cls, service: Service, *, direction: Direction) -> "Stored":
        """Count."""
        with service.runtime.database.read() as session:
            counts = {
                table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in (*ONE_EACH, GATE_OF[direction])
            }
            for name, counter in (("seq", Conversation.last_seq), ("journal seq", JournalStream.last_seq)):
                counts[name] = int(session.scalar(sa.select(sa.func.sum(counter))) or 0)
        return cls(counts=Counter(counts))

    def failures(self, before: "Stored", *, expected: int) -> list[str]:
        """Say in what the growth since `before` is not what was expected."""
        grown = {name: count - before.counts[name] for name, count in self.counts.items()}
        return [f"{name}: {count} more, not {expected}" for name, count in grown.items() if count != expected]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the service told of its requests: lines of its log, and its own counters."""

    lines: int
    counted: int
    cache_hits: float
    cache_misses: float

    @classmethod
    def of(cls, service: Service, *, route: str) -> "Told":
        """Read the log and the metrics."""
        metrics = requests.get(f"http://127.0.0.1:{service.port}/metrics", timeout=10).text
        counted = [line for line in metrics.splitlines() if line.startswith("borgerdialog_requests_total")]
        return cls(
            lines=service.log.read_text().count(f'"route":"{route}"'),
            counted=int(sum(float(line.split()[-1]) for line in counted if f'route="{route}"' in line)),
            cache_hits=_figure(metrics, "borgerdialog_key_cache_hits_total"),
            cache_misses=_figure(metrics, "borgerdialog_key_cache_misses_total"),
        )

    def failures(self, before: "Told", *, sent: int) -> list[str]:
        """Say what was not logged or counted."""
        grown = {"log lines": self.lines - before.lines, "metrics": self.counted - before.counted}
        return [f"{name}: {count} more, not {sent}" for name, count in grown.items() if count != sent]

    def hit_rate(self, before: "Told") -> float:
        """The share of look-ups of citizens' keys that were answered from memory."""
        hits, misses = self.cache_hits - before.cache_hits, self.cache_misses - before.cache_misses
        return hits / (hits + misses) if hits + misses else 0.0


def answered_failures(answers: Answers, *, status: int) -> list[str]:
    """Say what was not answered, or otherwise than it must be."""
    others = {other: count for other, count in answers.statuses.items() if other != status}
    failures = [f"{count} answers {other}" for other, count in sorted(others.items())]
    if answers.broken:
        failures.append(f"{answers.broken} requests without an answer")
    return failures


def refusals(service: Service) -> list[str]:
    """Say which request without a right to be there was let in."""
    unsigned = requests.post(f"http://127.0.0.1:{service.port}{HOOK}", data={"Body": "x"}, timeout=10)
    path = f"/api/v1/conversations/{service.citizens[0]}/messages"
    keyless = requests.post(f"http://127.0.0.1:{service.port}{path}", json={"text": "x"}, timeout=10)
    answers = {"an unsigned webhook": (unsigned.status_code, 403), "a caller without key": (keyless.status_code, 401)}
    return [f"{who} got {got}, not {due}" for who, (got, due) in answers.items() if got != due]


def _figure(metrics: str, name: str) -> float:
    return sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith(name))
