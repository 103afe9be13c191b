"""How the outside world misbehaves, on demand: `POST /faults`, `GET /faults`, `DELETE /faults`.

A fault is JSON: `place` and `kind`, and as they need it `ending`, `status`, `code`, `seconds`, `retry_after`, `times`;
`probability` (1) of striking each time it could, `count` (without limit) of how often it may, and `to`, the one
recipient or stream it strikes.

provider     delay {seconds} · refuse {code, status=400} · throttle {status=429 or 503, retry_after}
             before_accept {ending} · after_accept {ending} · silence (accepted, but no receipts ever)
             list_error {status=500} (of its list of messages)
receipts     lost · repeated {times} · reordered · delayed {seconds} · failed {code}
case_system  error {status=500} · slow {seconds} · wrong_receipt · blank_receipt · received · rejected {code} · gone
             duplicate (journaled, but answered with an error, so that it is delivered again)
push         delay {seconds} · gone {status=410} · bad_token (Apple's 403 about our signature)
             another_key (Google's 403) · refuse {status=403} · redirect {status=307}
             throttle {status=429, retry_after} · before_accept {ending} · after_accept {ending}

An ending is how an answer fails to come: rst, fin, hang {seconds=60}, half, 500 or garbage.
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Ending(StrEnum):
    """What happens to the connection instead of an answer."""

    RST = "rst"
    FIN = "fin"
    HANG = "hang"
    HALF = "half"
    ERROR = "500"
    GARBAGE = "garbage"


KINDS: Mapping[str, frozenset[str]] = {
    "provider": frozenset({"delay", "refuse", "throttle", "before_accept", "after_accept", "silence", "list_error"}),
    "receipts": frozenset({"lost", "repeated", "reordered", "delayed", "failed"}),
    "case_system": frozenset(
        {"error", "slow", "wrong_receipt", "blank_receipt", "received", "rejected", "gone", "duplicate"}
    ),
    "push": frozenset(
        {
            "delay",
            "gone",
            "bad_token",
            "another_key",
            "refuse",
            "redirect",
            "throttle",
            "before_accept",
            "after_accept",
        }
    ),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to fail. Times are in seconds."""

    place: str
    kind: str
    ending: Ending | None = None
    status: int = 0
    code: int = 0
    seconds: float = 0
    retry_after: int | None = None
    times: int = 2
    probability: float = 1
    count: int | None = None
    to: str | None = None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Fault":
        """The fault somebody asks for; ValueError or TypeError if there is no such fault."""
        fault = cls(**{**told, "ending": Ending(told["ending"]) if "ending" in told else None})
        if fault.kind not in KINDS.get(fault.place, ()):
            raise ValueError(f"no fault {fault.kind} at {fault.place}")
        if fault.kind.endswith("_accept") and fault.ending is None:
            raise ValueError(f"{fault.kind} needs an ending")
        return fault


@dataclass
class Faults:
    """The faults that are on, with a seeded die. Thread-safe."""

    seed: int
    _on: dict[Fault, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def add(self, fault: Fault) -> None:
        """Switch a fault on, or start its count again."""
        with self._lock:
            self._on[fault] = 0

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._on.clear()

    def strikes(self) -> list[tuple[Fault, int]]:
        """The faults that are on, and how often each has struck."""
        with self._lock:
            return list(self._on.items())

    def draw(self, place: str, *kinds: str, to: str) -> Fault | None:
        """The first fault of these kinds that strikes now, if any does."""
        with self._lock:
            for fault, struck in self._on.items():
                if fault.place != place or fault.kind not in kinds or fault.to not in {None, to}:
                    continue
                if (fault.count is None or struck < fault.count) and self._random.random() < fault.probability:
                    self._on[fault] = struck + 1
                    return fault
        return None

    def shuffled(self, items: list[Any]) -> list[Any]:
        """The items in another order, by the same seed."""
        with self._lock:
            return self._random.sample(items, len(items))
