"""What runs in the background for conversations: the senders of each lane, and the upkeep of what was missed."""

import threading
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from adapters.contract import InboundMessage
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, TryLater
from messaging.conversations import answers, batches, polling, resolving, sweeping
from messaging.conversations.file_fetching import WAITING as FILES_WAITING
from messaging.conversations.file_fetching import FileLane
from messaging.conversations.file_models import ProviderFile
from messaging.conversations.hooks import take_message
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.intending import Intent, intend
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.conversations.queue import claim_messages, is_any_due
from messaging.conversations.stopping import standing_stop
from messaging.conversations.welcoming import AHEAD
from messaging.database.moments import database_now
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.work.breaker import Breaker
from messaging.work.lanes import MESSAGE_LANES, Lane
from messaging.work.leasing import Claim, release, release_all
from messaging.work.runner import LaneWorker, Periodic

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class MessageLane:
    """Sends the messages of one lane, each thread one at a time: a claim never holds more than is being sent."""

    runtime: Runtime
    breaker: Breaker
    lane: Lane

    def drain(self) -> int:
        """Send one message if one is due; return how many were looked at."""
        if self.breaker.is_open() or not self._is_any_due():
            return 0
        claimed = self._claim()
        if not claimed:
            return 0
        if not self.breaker.allows():
            with self.runtime.database.write() as session:
                release(session, Message, claim=claimed)
            return 0
        intent = self._intend(claimed)
        if intent is not None:
            self._send(intent)
            self.runtime.waker.wake(Lane.JOURNAL)
        elif self.lane in AHEAD:
            self.runtime.waker.wake(AHEAD[self.lane])  # a welcome may go first
        return 1

    def _is_any_due(self) -> bool:
        with self.runtime.database.read() as session:
            return is_any_due(session, self.lane, at=self.runtime.clock.now()) and not self._is_stopped(session)

    def _is_stopped(self, session: Session) -> bool:
        """Whether somebody has said that nothing may leave; asked before each message, so that it holds at once."""
        return standing_stop(session, channel=self.runtime.channel.name) is not None

    def _claim(self) -> Claim:
        runtime = self.runtime
        with runtime.database.write() as session:
            return claim_messages(session, self.lane, at=runtime.clock.now(), limit=1, waits=runtime.config.waits)

    def _intend(self, claimed: Claim) -> Intent | None:
        config = self.runtime.config
        welcome = Office.from_config(settings_now(self.runtime)) if config.welcome else None
        with self.runtime.act(SYSTEM) as act:
            return intend(
                act,
                message_id=claimed.ids[0],
                lease=claimed.token,
                channel=self.runtime.channel.name,
                waits=config.waits,
                welcome=welcome,
            )

    def _send(self, intent: Intent) -> None:
        """Call the provider with no transaction open, then write down what it said."""
        runtime, waits = self.runtime, self.runtime.config.waits
        try:
            answer = runtime.channel.send(intent.message)
        except AdapterError as error:
            self._judge(error)
            with runtime.act(SYSTEM) as act:
                answers.record_failure(
                    act, attempt_id=intent.attempt_id, error=error, waits=waits, chance=runtime.chance
                )
        else:
            self.breaker.succeeded()
            with runtime.act(SYSTEM) as act:
                answers.record_accepted(act, attempt_id=intent.attempt_id, answer=answer, waits=waits)

    def _judge(self, error: AdapterError) -> None:
        """Tell the breaker about failures of the provider; a refused recipient is no failure of the provider."""
        if isinstance(error, TryLater | OutcomeUnknown | Misconfigured):
            self.breaker.failed()
            log.warning("message.send_failed", code=error.code, lane=self.lane)
        else:
            self.breaker.succeeded()


@dataclass(frozen=True, kw_only=True)
class ConversationWork:
    """What the worker process does for conversations. What is written to several is left off once `stopping` is set."""

    runtime: Runtime
    stopping: threading.Event = field(default_factory=threading.Event)

    def workers(self, breaker: Breaker) -> list[LaneWorker]:
        """Return the senders of every lane, which share the breaker of the provider, and the indexer."""
        threads = {Lane.URGENT: 1, Lane.INTERACTIVE: self.runtime.config.sender_threads, Lane.BULK: 2}
        senders = [
            LaneWorker(
                name=f"send.{lane}",
                lane=lane,
                threads=count,
                drain=MessageLane(runtime=self.runtime, breaker=breaker, lane=lane).drain,
            )
            for lane, count in threads.items()
        ]
        files = LaneWorker(name="files", lane=Lane.UPKEEP, drain=FileLane(self.runtime).drain)
        return [*senders, files, LaneWorker(name="search", lane=Lane.UPKEEP, drain=SearchIndexer(self.runtime).drain)]

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        waits = self.runtime.config.waits
        return [
            Periodic(name="messages.sweep", every=waits.sweep, run=self.sweep),
            Periodic(name="messages.schedule", every=waits.look, run=self.release_scheduled),
            Periodic(name="messages.batches", every=waits.look, run=self.write_all_batches),
            Periodic(name="messages.search", every=waits.look, run=self.search),
            Periodic(name="messages.files", every=waits.sweep, run=FileLane(self.runtime).sweep),
            Periodic(name="messages.poll", every=waits.poll, run=self.poll),
        ]

    def start(self) -> None:
        """Bury the dead: at the start of the only worker every lease is free and every open attempt unclear."""
        with self.runtime.act(SYSTEM) as act:
            release_all(act.session, Message, among=sweeping.IN_QUEUE)
            release_all(act.session, ProviderFile, among=FILES_WAITING)
            resolving.give_up_leases(act, waits=self.runtime.config.waits, all_of_them=True)

    def sweep(self) -> None:
        """Find what nobody announced: dead leases, poison, what has expired, what stayed unclear too long."""
        runtime, waits = self.runtime, self.runtime.config.waits
        with runtime.database.read() as session:
            if not sweeping.is_sweep_due(session, at=runtime.clock.now(), waits=waits):
                return
        with runtime.act(SYSTEM) as act:
            sweeping.sweep(act, waits=waits)
        for lane in MESSAGE_LANES:
            runtime.waker.wake(lane)

    def release_scheduled(self) -> None:
        """Queue what was scheduled and is due now."""
        runtime = self.runtime
        with runtime.database.read() as session:
            if not sweeping.is_any_scheduled_due(session, at=runtime.clock.now()):
                return
        with runtime.act(SYSTEM) as act:
            sweeping.release_due(act)
        runtime.waker.wake(Lane.INTERACTIVE)

    def write_batches(self) -> int:
        """Write the next few messages of what was written to several; return how many were seen to."""
        runtime = self.runtime
        with runtime.database.read() as session:
            if not batches.is_any_writing(session):
                return 0
        with runtime.act(SYSTEM) as act:
            seen_to = batches.write_chunk(act)
        runtime.waker.wake(Lane.BULK, Lane.JOURNAL)
        return seen_to

    def write_all_batches(self) -> None:
        """Write all that was written to several, a few at a time."""
        while not self.stopping.is_set() and self.write_batches():
            pass

    def search(self) -> None:
        """Look for unclear messages in the provider's list."""
        runtime, waits = self.runtime, self.runtime.config.waits
        with runtime.database.read() as session:
            due = resolving.due_searches(session)
        for attempt_id in due:
            with runtime.act(SYSTEM) as act:
                search = resolving.begin_search(act, attempt_id, waits=waits)
            if search is None:
                continue
            try:
                records = runtime.channel.find_sent(recipient=search.recipient, since=search.since, until=search.until)
            except AdapterError as error:
                log.warning("message.search_failed", code=error.code)
                continue
            with runtime.act(SYSTEM) as act:
                resolving.conclude(act, search, records, waits=waits, chance=runtime.chance)

    def poll(self) -> None:
        """Take in what no webhook told us of."""
        runtime = self.runtime
        with runtime.database.read() as session:
            since = session.execute(sa.select(database_now(-polling.WINDOW_SECONDS))).scalar_one()
        try:
            found = runtime.channel.list_received(since=since)
        except AdapterError as error:
            log.warning("message.poll_failed", code=error.code)
            return
        with runtime.database.read() as session:
            missed = polling.unknown(session, found, channel=runtime.channel.name)
        for source in missed:
            self._take_missed(source)

    def _take_missed(self, source: InboundMessage) -> None:
        """Take in one message; one that cannot be stored must not keep the others out, and is tried again next time."""
        try:
            take_message(self.runtime, source, late=True)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with this one, the next may be in order
            log.error("message.not_taken", error=type(error).__name__)  # noqa: TRY400  # its words may hold content
