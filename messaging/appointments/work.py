"""What runs in the background for appointments: the reminders that come due, and the reading of what citizens write."""

import threading
import uuid
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from messaging.appointments.answering import UNREADABLE, Reading, note, read_message
from messaging.appointments.due import is_any_due
from messaging.appointments.ending_held import end_held
from messaging.appointments.exposing import is_any_to_record, record_begun
from messaging.appointments.feed_fetching import FeedLane
from messaging.appointments.following_hours import outside_hours, plan_anew
from messaging.appointments.following_plans import follow_plans, standing_plans, under_other_plans
from messaging.appointments.freezing import freeze_due, is_any_to_freeze
from messaging.appointments.keeping_back import are_any_waiting, keep_back
from messaging.appointments.models import ReplyReading
from messaging.appointments.planning import ReminderRules, reminder_rules
from messaging.appointments.planning_missing import plan_missing
from messaging.appointments.reminding import BATCH, send_due_reminders
from messaging.appointments.tapping import due_taps, put_off_tap, record_tap, who_tapped
from messaging.clock import COPENHAGEN
from messaging.conversations.channel_choice import MeansOf, means_unknown
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.database.changes import SeenChange, Tail
from messaging.errors import DatabaseBusy
from messaging.people.actors import SYSTEM, Actor
from messaging.runtime import Runtime
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from messaging.work.runner import LaneWorker, Periodic

log = structlog.get_logger()

READER = "appointments.answers"
"""The name under which the reader of answers keeps its place in the changes."""
KINDS = frozenset({"message.received"})


class AppointmentWork:
    """The background work of appointments in one process. Upkeep begins no further batch once `stopping` is set."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        means_of: MeansOf = means_unknown,
        breaker_of: Callable[[str], Breaker] | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        self._stopping = stopping or threading.Event()
        self._reminders = ReminderLane(runtime, means_of=means_of, stopping=self._stopping)
        self._answers = AnswerReader(runtime)
        self._taps = TapLane(runtime)
        self._feeds = feed_lane(runtime, breaker_of=breaker_of)
        self._runtime = runtime
        self._means_of = means_of
        self._waits = runtime.config.waits

    def workers(self) -> list[LaneWorker]:
        """Return who drains what."""
        return [
            LaneWorker(name="reminders", lane=Lane.BULK, drain=self._reminders.drain),
            LaneWorker(name="answers", lane=Lane.UPKEEP, drain=self._answers.drain),
            LaneWorker(name="outcomes", lane=Lane.UPKEEP, drain=self._taps.drain),
        ]

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        every = self._waits.sweep
        return [
            Periodic(name="reminders.keep_back", every=every, run=self._reminders.keep_back),
            Periodic(name="reminders.follow_hours", every=every, run=self._reminders.follow_hours),
            *([Periodic(name="appointments.feeds", every=every, run=self._feeds.poll)] if self._feeds else []),
            Periodic(name="reminders.follow_plans", every=every, run=self._reminders.follow_plans),
            Periodic(name="attendance.freeze", every=every, run=self._freeze),
            Periodic(name="trial.exposure", every=every, run=self._expose),
        ]

    def _freeze(self) -> None:
        """Decide, a batch a transaction, which meetings count among those that were planned."""
        runtime = self._runtime
        while not self._stopping.is_set():
            with runtime.database.read() as session:
                if not is_any_to_freeze(session, at=runtime.clock.now()):
                    return
            with runtime.act(SYSTEM) as act:
                freeze_due(act)

    def _expose(self) -> None:
        """Write down, a batch a transaction, what citizens of the trial got before meetings that have begun."""
        runtime = self._runtime
        while not self._stopping.is_set():
            with runtime.database.read() as session:
                if not is_any_to_record(session, at=runtime.clock.now()):
                    return
            with runtime.act(SYSTEM) as act:
                record_begun(act, means_of=self._means_of)


def feed_lane(runtime: Runtime, *, breaker_of: Callable[[str], Breaker] | None = None) -> FeedLane | None:
    """Return what fetches the feeds, if any are to be fetched."""
    if runtime.feeds is None:
        return None
    return FeedLane(
        acts=partial(runtime.act, SYSTEM),
        fetcher=runtime.feeds,
        config=runtime.config,
        settings=partial(settings_now, runtime),
        waker=runtime.waker,
        breaker_of=breaker_of or partial(Breaker, waits=runtime.config.waits),
        random=runtime.chance,
    )


class ReminderLane:
    """Turns reminders that are due into messages, a batch a transaction; begins none once `stopping` is set."""

    def __init__(
        self, runtime: Runtime, *, means_of: MeansOf = means_unknown, stopping: threading.Event | None = None
    ) -> None:
        self._runtime = runtime
        self._stopping = stopping or threading.Event()
        self._means_of = means_of
        self._followed: ReminderRules | None = None
        """The rules that everything planned is known to keep."""
        self._followed_plans: Hashable = None
        """The plans, and the day, of which the same is known."""

    def drain(self) -> int:
        """Decide on a batch; return how many reminders that were."""
        runtime = self._runtime
        with runtime.database.read() as session:
            if not is_any_due(session, at=runtime.clock.now()):
                return 0
        with runtime.act(SYSTEM) as act:
            office = Office.from_config(settings_now(runtime))
            decided = send_due_reminders(act, rules=self._rules(), office=office, means_of=self._means_of)
        runtime.waker.wake(Lane.BULK, Lane.JOURNAL)
        return decided

    def keep_back(self) -> None:
        """Let what is written and has not left in its hours, or on its day, be written anew, a batch a transaction."""
        runtime, rules = self._runtime, self._rules()
        with runtime.database.read() as session:
            if not are_any_waiting(session, rules=rules, at=runtime.clock.now()):
                return
        kept = True
        while kept and not self._stopping.is_set():
            with runtime.act(SYSTEM) as act:
                kept = keep_back(act, rules=rules) > 0
        runtime.waker.wake(Lane.BULK, Lane.JOURNAL)

    def follow_hours(self) -> None:
        """When other hours hold than at the last look, plan anew what has come to lie in closed ones."""
        runtime, rules = self._runtime, self._rules()
        if rules == self._followed:
            return
        with runtime.database.read() as session:
            meetings = outside_hours(session, rules=rules, at=runtime.clock.now())
        for batch in self._batches(meetings):
            with runtime.act(SYSTEM) as act:
                plan_anew(act, appointment_ids=batch, rules=rules)
        self._followed = rules

    def follow_plans(self) -> None:
        """Plan anew what waits of meetings that have another plan since the last look, and what has none to wait.

        Once a day also where no plan is other: a meeting may have gone to another unit, a citizen to another group.
        """
        runtime, rules = self._runtime, self._rules()
        now = runtime.clock.now()
        with runtime.database.read() as session:
            standing = standing_plans(session), now.astimezone(COPENHAGEN).date()
            if standing == self._followed_plans:
                return
            meetings = under_other_plans(session, rules=rules, at=now)
        for batch in self._batches(meetings):
            with runtime.act(SYSTEM) as act:
                follow_plans(act, appointment_ids=batch, rules=rules)
        plan_missing(runtime, stopping=self._stopping)
        self._end_held()
        self._followed_plans = standing

    def _batches(self, meetings: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
        for start in range(0, len(meetings), BATCH):
            if self._stopping.is_set():
                return
            yield meetings[start : start + BATCH]

    def _end_held(self) -> None:
        ended = True
        while ended and not self._stopping.is_set():
            with self._runtime.act(SYSTEM) as act:
                ended = bool(end_held(act))

    def _rules(self) -> ReminderRules:
        return reminder_rules(settings_now(self._runtime))


class TapLane:
    """Records the outcomes that nobody can undo any more, each in its own transaction and in her name who tapped."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def drain(self) -> int:
        """Record what is due; return how many outcomes that were."""
        runtime = self._runtime
        with runtime.database.read() as session:
            due = [(tap.appointment_id, who_tapped(tap)) for tap in due_taps(session, at=runtime.clock.now())]
        recorded = sum(self._record(appointment_id, actor=actor) for appointment_id, actor in due)
        if recorded:
            runtime.waker.wake(Lane.JOURNAL)
        return recorded

    def _record(self, appointment_id: uuid.UUID, *, actor: Actor) -> bool:
        runtime = self._runtime
        try:
            with runtime.act(actor) as act:
                return record_tap(act, appointment_id=appointment_id)
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001  # one outcome that cannot be recorded must not hold back the others
            log.error("outcome.unrecordable", appointment=str(appointment_id), error=type(error).__name__)  # noqa: TRY400
            with runtime.act(SYSTEM) as act:
                again = act.now + timedelta(seconds=runtime.config.waits.sweep)
                put_off_tap(act, appointment_id=appointment_id, until=again)
            return False


class AnswerReader:
    """Reads what citizens write, each message once and in a transaction of its own.

    It follows the changes; what a crash lets it see again it has noted as read.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tail = Tail(READER, kinds=KINDS)

    def drain(self) -> int:
        """Read what has come in since; return how many messages that were."""
        runtime = self._runtime
        with runtime.database.read() as session:
            changes = self._tail.next(session)
            read = _already_read(session, changes)
        office = Office.from_config(settings_now(runtime)) if changes else None
        for change in changes:
            if change.object_id not in read and office is not None:
                self._read(change.object_id, office=office)
        if changes:
            with runtime.database.write() as session:
                self._tail.settle(session, changes)
            runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
        return len(changes)

    def _read(self, message_id: uuid.UUID, *, office: Office) -> None:
        try:
            with self._runtime.act(SYSTEM) as act:
                read_message(act, act.session.get_one(Message, message_id), office=office)
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001  # one message that cannot be read must not keep the others unread
            log.error("answer.unreadable", message=str(message_id), error=type(error).__name__)  # noqa: TRY400
            with self._runtime.act(SYSTEM) as act:
                note(act, act.session.get_one(Message, message_id), Reading(label=UNREADABLE))


def _already_read(session: sa.orm.Session, changes: Sequence[SeenChange]) -> set[uuid.UUID]:
    ids = [change.object_id for change in changes]
    return set(session.scalars(sa.select(ReplyReading.message_id).where(ReplyReading.message_id.in_(ids))))
