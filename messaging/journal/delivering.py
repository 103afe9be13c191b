"""The journal lane: claims due events, delivers them with no transaction open, and writes what became of each.

A claim is only a lease. Whoever dies between delivery and writing leaves events that are delivered once more under
the same id, which the case system knows; nothing is lost and nothing stands there twice.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from random import Random
from typing import Any

import sqlalchemy as sa
import structlog

from adapters import contract
from adapters.errors import AdapterError, TryLater
from messaging.clock import Clock
from messaging.database.engine import Database
from messaging.database.look_ups import LookUp
from messaging.database.moments import database_now
from messaging.errors import DatabaseBusy
from messaging.journal.envelopes import Classification, envelope
from messaging.journal.models import EventState, JournalEvent
from messaging.journal.recording import payload_place
from messaging.journal.settling import PENDING, Postponed, Settled, park_poisoned, postpone, settle
from messaging.vault.errors import CannotOpen
from messaging.vault.vault import Vault
from messaging.waits import Waits
from messaging.work import leasing
from messaging.work.breaker import Breaker
from messaging.work.leasing import Claim
from messaging.work.retries import delay

log = structlog.get_logger()

BATCH = 100
COLUMNS = (
    JournalEvent.stream_id,
    JournalEvent.seq,
    JournalEvent.type,
    JournalEvent.subject_id,
    JournalEvent.occurred_at,
    JournalEvent.payload,
    JournalEvent.tries,
)

DUE = sa.and_(PENDING, JournalEvent.next_try_at <= database_now())
ANY_DUE = LookUp(sa.select(JournalEvent.id).where(DUE).order_by(JournalEvent.next_try_at).limit(1))
"""Asked in the order of the index: EXISTS may read the whole table, if statistics say that most of it is due."""

Result = Settled | Postponed


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """A claimed event, ready to travel."""

    row: sa.Row[Any]
    event: contract.JournalEvent


class Suspicion:
    """When to look again for events with which a process has died: there are none until another one dies."""

    def __init__(self) -> None:
        self._until = 0.0

    def is_due(self) -> bool:
        """Whether to look now."""
        return time.monotonic() >= self._until

    def rest(self, seconds: float) -> None:
        """Look no more for so long."""
        self._until = time.monotonic() + seconds


@dataclass(frozen=True, kw_only=True)
class JournalLane:
    """Delivers what is due; one per worker process. So many `couriers` carry events at the same time."""

    database: Database
    vault: Vault
    case_system: contract.CaseSystem
    clock: Clock
    waits: Waits
    breaker: Breaker
    couriers: int
    classification: Classification = field(default_factory=Classification)
    random: Random = field(default_factory=Random)
    suspicion: Suspicion = field(default_factory=Suspicion)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the process is to end: nothing more is begun, and what was not begun is given back."""

    def drain(self) -> int:
        """Deliver one batch; return how many events were claimed, 0 if none is due or the breaker is open."""
        if self.breaker.is_open() or not self._is_any_due():
            return 0
        claim = self._claim_suspect() or self._claim(leasing.Kind.CLEAN) or self._claim(leasing.Kind.SUSPECT)
        if not claim:
            with self.database.write() as session:
                park_poisoned(session)
            return 0
        try:
            opened, closed = self._open(claim)
        except DatabaseBusy:  # of the keystore
            self._write(claim, [])
            raise
        self._write(claim, [*closed, *self._deliver(opened)])
        return len(claim.rows)

    def _is_any_due(self) -> bool:
        return bool(ANY_DUE.rows(self.database))

    def _claim_suspect(self) -> Claim | None:
        """Claim an event alone with which a process has died. Looked for at first, and then once in each lease."""
        if not self.suspicion.is_due():
            return None
        claim = self._claim(leasing.Kind.SUSPECT)
        if not claim:
            self.suspicion.rest(self.waits.journal_lease)
        return claim

    def _claim(self, kind: leasing.Kind) -> Claim:
        with self.database.write() as session:
            return leasing.claim(
                session,
                JournalEvent,
                due=DUE,
                order_by=[JournalEvent.next_try_at],
                limit=BATCH,
                seconds=self.waits.journal_lease,
                columns=COLUMNS,
                kind=kind,
                deaths_allowed=leasing.DEATHS_IN_BATCHES,
            )

    def _open(self, claim: Claim) -> tuple[list[_Opened], list[Result]]:
        """Open the facts of all; what does not open is parked at once, for no later try will open it."""
        self.vault.warm(row.stream_id for row in claim.rows)
        opened: list[_Opened] = []
        closed: list[Result] = []
        for row in claim.rows:
            try:
                facts = self.vault.open_bytes(row.payload, owner=row.stream_id, place=payload_place(row.id))
            except CannotOpen as error:
                closed.append(Settled(event_id=row.id, state=EventState.PARKED, reason=error.code))
            else:
                opened.append(_Opened(row=row, event=self._envelope(row, facts)))
        return opened, closed

    def _envelope(self, row: sa.Row[Any], facts: bytes) -> contract.JournalEvent:
        return envelope(
            event_id=row.id,
            stream_id=row.stream_id,
            seq=row.seq,
            type_=row.type,
            subject_id=row.subject_id,
            occurred_at=row.occurred_at,
            facts=facts,
            classification=self.classification,
        )

    def _deliver(self, opened: Sequence[_Opened]) -> list[Result]:
        """Let the streams travel side by side, the events of each in their order."""
        in_order = sorted(opened, key=lambda one: (one.row.stream_id, one.row.seq))
        streams = iter([list(events) for _, events in groupby(in_order, key=lambda one: one.row.stream_id)])
        # An event begun in the second half of the lease might still travel when the lease runs out.
        until = time.monotonic() + self.waits.journal_lease / 2
        with ThreadPoolExecutor(self.couriers) as threads:
            carried = [threads.submit(self._carry, streams, until=until) for _ in range(self.couriers)]
        return [result for courier in carried for result in courier.result()]

    def _carry(self, streams: Iterator[list[_Opened]], *, until: float) -> list[Result]:
        """Deliver stream after stream; the couriers of a batch share the iterator, and each stream goes to one."""
        return [
            self._deliver_one(one)
            for events in streams
            for one in events
            if self._may_begin(until) and self.breaker.allows()
        ]

    def _may_begin(self, until: float) -> bool:
        return time.monotonic() < until and not self.stopping.is_set()

    def _deliver_one(self, one: _Opened) -> Result:
        try:
            receipt = self.case_system.deliver(one.event)
        except AdapterError as error:
            self.breaker.failed()
            return self._postponed(one.row, error)
        except Exception as error:  # noqa: BLE001  # one event that an adapter breaks on must not stop the others
            self.breaker.failed()
            # Not log.exception: what broke may quote the event.
            log.error("journal.adapter_broke", event_id=str(one.row.id), error=type(error).__name__)  # noqa: TRY400
            return self._postponed(one.row, TryLater("adapter_broke"))
        self.breaker.succeeded()
        return self._answered(one.row, receipt)

    def _answered(self, row: sa.Row[Any], receipt: contract.JournalReceipt) -> Result:
        """Read the answer strictly: friendly words without a receipt number are a failure."""
        match receipt.status, receipt.receipt_number:
            case contract.ReceiptStatus.ACCEPTED, str(number) if number.strip():
                return Settled(
                    event_id=row.id, state=EventState.RECEIPTED, receipt_number=number, receipted_at=self.clock.now()
                )
            case contract.ReceiptStatus.RECEIVED, _:
                return Settled(event_id=row.id, state=EventState.DELIVERED)
            case contract.ReceiptStatus.REJECTED, _:
                return Settled(event_id=row.id, state=EventState.REJECTED, reason=receipt.reason)
        return self._postponed(row, TryLater("no_receipt"))

    def _postponed(self, row: sa.Row[Any], error: AdapterError) -> Postponed:
        """Wait by the plan; where an operator must act, or we are only asked to wait, no try is counted."""
        if not isinstance(error, TryLater) or error.code == "gone":
            return Postponed(event_id=row.id, wait=self.waits.breaker_longest, reason=error.code, counts=False)
        plan = self.waits.journal_retries
        planned = delay(plan, row.tries + 1, random=self.random)
        wait = planned if error.retry_after is None else min(error.retry_after, plan[-1])
        return Postponed(event_id=row.id, wait=wait, reason=error.code, counts=error.counts)

    def _write(self, claim: Claim, results: Iterable[Result]) -> None:
        """Write all results in one transaction, and give back what was not begun."""
        done = list(results)
        begun = {result.event_id for result in done}
        with self.database.write() as session:
            settle(session, [result for result in done if isinstance(result, Settled)])
            postpone(
                session,
                [result for result in done if isinstance(result, Postponed)],
                token=claim.token,
                patience=self.waits.journal_patience,
            )
            if left := [event_id for event_id in claim.ids if event_id not in begun]:
                leasing.release(session, JournalEvent, claim=claim, ids=left)
