"""Every constant of waiting in one value, in seconds, so that a rehearsal can shorten them all by one factor."""

from dataclasses import dataclass, fields, replace
from typing import Any

FIXED = frozenset({"heartbeat", "look", "chain", "list_window_before", "list_window_after", "shutdown"})
"""How often to look, and how wide: a busy loop or a blind search would be the only gain of scaling them."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long we wait, in seconds. The defaults are the house's; a rehearsal scales them and says so."""

    send_lease: float = 90
    """A claim on a message: more than twice the slowest send."""
    journal_lease: float = 60
    sweep: float = 15
    """How often the sweep looks for what was never announced or whose lease ran out."""
    heartbeat: float = 15
    """How often the worker says that it lives."""
    look: float = 1
    """How often a lane looks by itself when nobody wakes it."""
    outbound_retries: tuple[float, ...] = (5, 30, 120, 600, 1800, 3600)
    """After a send that certainly did not happen; the last one repeats until the message expires."""
    journal_retries: tuple[float, ...] = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
    journal_patience: float = 14 * 86400
    """An event that is not taken for this long is parked (and alarms); it is never dropped."""
    lookups: tuple[float, ...] = (30, 120, 600)
    """When an unclear send is looked for in the provider's list."""
    unclear_blocks: float = 900
    """How long an unclear message holds back the next ones of its conversation."""
    unclear_to_human: float = 3600
    absence_proof: float = 600
    """Two empty look-ups at least this far apart prove that nothing was sent."""
    list_window_before: float = 60
    list_window_after: float = 300
    part_pause: float = 5
    """After a long SMS the next one waits for its `sent`, or this long."""
    inspection_lease: float = 120
    """A claim on a document: scanned and looked into well within this."""
    scan_retries: tuple[float, ...] = (5, 30, 120, 600)
    """After the virus scanner could not be asked; the last one repeats."""
    feed_retries: tuple[float, ...] = (60, 300, 900, 3600)
    """After a feed that could not be fetched or read; the last one repeats."""
    undo: float = 10
    """How long a caseworker can undo the outcome of a meeting before it is recorded and journaled."""
    poll: float = 300
    breaker_window: float = 60
    breaker_first: float = 30
    breaker_longest: float = 600
    chain: float = 0.5
    audit_overdue: float = 30
    checkpoint: float = 300
    shutdown: float = 35
    restart_longest: float = 20
    """The longest pause before a process that keeps dying is started again."""
    restart_calm: float = 60
    """A process that lived this long is started again without a longer pause."""

    def scaled(self, factor: float) -> "Waits":
        """Return the same waits, each `factor` times as long; looks and windows stay, for they are no waits."""
        scaled = (field.name for field in fields(self) if field.name not in FIXED)
        return replace(self, **{name: _scale(getattr(self, name), factor) for name in scaled})


def _scale(value: Any, factor: float) -> Any:
    return tuple(part * factor for part in value) if isinstance(value, tuple) else value * factor
