"""A case system in memory that knows repeats, gives receipts, and fails in the way a test has put down."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.contract import Finding, JournalEvent, JournalReceipt, ReceiptStatus, StreamStanding


@dataclass(kw_only=True)
class KeepingCaseSystem:
    """`answers` come first, one a delivery: a receipt is given, an error raised, None is the ordinary answer.

    An event is kept when its answer is a receipt with a number; `on_delivery` runs before anything else.
    """

    name: str = "webhook"
    answers: list[JournalReceipt | Exception | None] = field(default_factory=list)
    kept: dict[str, JournalEvent] = field(default_factory=dict)
    delivered: list[JournalEvent] = field(default_factory=list)
    on_delivery: Callable[[JournalEvent], object] = lambda _event: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, event: JournalEvent) -> JournalReceipt:
        self.on_delivery(event)
        with self._lock:
            self.delivered.append(event)
            answer = self.answers.pop(0) if self.answers else None
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
            self.kept.setdefault(event.event_id, event)
            return JournalReceipt(status=ReceiptStatus.ACCEPTED, receipt_number=f"J-{event.event_id}")

    def standing(self, stream_ids: Sequence[str]) -> Sequence[StreamStanding]:
        return [self._standing(stream_id) for stream_id in stream_ids]

    def anchor(self, head: bytes) -> None:
        raise NotImplementedError

    def examine(self) -> Sequence[Finding]:
        return []

    def _standing(self, stream_id: str) -> StreamStanding:
        held = {event.seq: f"J-{event.event_id}" for event in self.kept.values() if event.stream_id == stream_id}
        highest = max(held, default=0)
        missing = tuple(seq for seq in range(1, highest) if seq not in held)
        return StreamStanding(stream_id=stream_id, count=len(held), highest=highest, missing=missing, receipts=held)
