"""The worker process: everything that runs in the background, put together and run until it is told to stop."""

import gc
import os
import signal
import threading
from collections.abc import Callable

import structlog

from adapters.errors import AdapterError
from messaging.appointments.work import AppointmentWork
from messaging.audit.chaining import Chainer
from messaging.audit.heads import HEADS_FILE, Heads
from messaging.citizen_app.subscriptions import means_with
from messaging.citizen_app.work import AppWork
from messaging.composing import compose
from messaging.config import Config
from messaging.conversations.work import ConversationWork
from messaging.documents.work import DocumentWork
from messaging.evaluation.work import EvaluationWork
from messaging.journal.delivering import JournalLane
from messaging.journal.models import JournalEvent
from messaging.journal.reconciling import reconcile
from messaging.journal.settling import PENDING
from messaging.runtime import Runtime
from messaging.trial.work import TrialWork
from messaging.work.breaker import Breaker, BreakerReport
from messaging.work.folder_lock import held
from messaging.work.lanes import Lane
from messaging.work.leasing import release_all
from messaging.work.runner import LaneWorker, Periodic, Runner
from messaging.work.vital_signs import record_breaker
from messaging.work.waking import WakeListener

log = structlog.get_logger()

LOCK_PATIENCE = 5
"""Seconds to wait for a worker that was killed just now to be gone."""
RECONCILE_SECONDS = 24 * 3600
STOPS = {signal.SIGTERM, signal.SIGINT}


def work(config: Config) -> int:
    """Run the worker until SIGTERM or SIGINT; return the exit code. A data folder has only one."""
    with held(config.data_folder / "worker.lock", what="worker", patience=LOCK_PATIENCE):
        return _work(config)


def _work(config: Config) -> int:
    # Blocked in all threads and waited for. A handler that set an event would be lost, or wait for itself, where the
    # signal comes just as this thread begins to wait for the event.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    runtime = compose(config)
    runner = build_runner(runtime, stopping=threading.Event())
    listener = WakeListener(config.data_folder, wake=runner.wake)
    gc.freeze()  # what is loaded now stays: the collector need not look at it again
    runner.start()
    log.info("worker.started", pid=os.getpid())
    signal.sigwait(STOPS)
    left = runner.stop()
    listener.close()
    log.info("worker.stopped", unfinished=left)
    return 1 if left else 0


def build_runner(runtime: Runtime, *, stopping: threading.Event) -> Runner:
    """Put all background work together; what the last worker held is freed first."""
    conversations = ConversationWork(runtime=runtime, stopping=stopping)
    appointments = AppointmentWork(
        runtime=runtime,
        means_of=means_with(push=runtime.push is not None),
        breaker_of=lambda name: _breaker(runtime, name),
        stopping=stopping,
    )
    documents = DocumentWork(runtime=runtime)
    app = AppWork(runtime=runtime)
    conversations.start()
    documents.start()
    app.start()
    with runtime.database.write() as session:
        release_all(session, JournalEvent, among=PENDING)
    journal = _journal(runtime, stopping)
    return Runner(
        runtime.database,
        waits=runtime.config.waits,
        workers=[
            *conversations.workers(_breaker(runtime, "sms")),
            *appointments.workers(),
            *documents.workers(),
            *app.workers(),
            LaneWorker(name="journal", lane=Lane.JOURNAL, drain=journal.drain),
        ],
        upkeep=[
            *conversations.periodics(),
            *appointments.periodics(),
            *documents.periodics(),
            *app.periodics(),
            *TrialWork(runtime=runtime).periodics(),
            *EvaluationWork(runtime=runtime).periodics(),
            Periodic(name="audit.chain", every=runtime.config.waits.chain, run=_chaining(runtime, stopping)),
            Periodic(name="journal.reconcile", every=RECONCILE_SECONDS, run=lambda: _reconcile(runtime)),
        ],
        stopping=stopping,
    )


def _journal(runtime: Runtime, stopping: threading.Event) -> JournalLane:
    return JournalLane(
        database=runtime.database,
        vault=runtime.vault,
        case_system=runtime.case_system,
        clock=runtime.clock,
        waits=runtime.config.waits,
        breaker=_breaker(runtime, "case_system"),
        couriers=runtime.config.journal_threads,
        random=runtime.chance,
        stopping=stopping,
    )


def _breaker(runtime: Runtime, name: str) -> Breaker:
    def tell(report: BreakerReport) -> None:
        with runtime.database.write() as session:
            record_breaker(session, report)

    return Breaker(name, waits=runtime.config.waits, tell=tell)


def _chaining(runtime: Runtime, stopping: threading.Event) -> Callable[[], None]:
    """Return what chains the audit trail until nothing is left or `stopping` is set; the case system gets each head."""
    chainer = Chainer(
        database=runtime.database,
        vault=runtime.vault,
        heads=Heads(runtime.config.data_folder / HEADS_FILE),
        holder=f"worker-{os.getpid()}",
        head_seconds=runtime.config.waits.checkpoint,
    )

    def chain() -> None:
        while not stopping.is_set():
            done = chainer.chain()
            if done.head is not None:
                _anchor(runtime, done.head)
            if not done.more:
                return

    return chain


def _anchor(runtime: Runtime, head: bytes) -> None:
    try:
        runtime.case_system.anchor(head)
    except AdapterError as error:
        log.warning("audit.anchor_failed", code=error.code)  # the file has it; the next head covers this one


def _reconcile(runtime: Runtime) -> None:
    try:
        reconcile(runtime.database, runtime.case_system, clock=runtime.clock)
    except AdapterError as error:
        log.warning("journal.reconcile_failed", code=error.code)
