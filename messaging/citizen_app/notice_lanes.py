"""The background work of notices: it follows what is placed in the app, pushes, and writes the SMS that are due."""

import uuid
from datetime import timedelta

import structlog

from adapters.contract import PushChannel
from adapters.errors import AdapterError, Misconfigured
from messaging.appointments.planning import reminder_rules
from messaging.appointments.plans import shut_plans
from messaging.citizen_app import keeping_back, notifying, pushing
from messaging.citizen_app.notifying import NoticeRules
from messaging.citizen_app.pushing import PushIntent
from messaging.citizen_app.subscriptions import means_with
from messaging.conversations.moving import PLACED
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.database.changes import SeenChange, Tail
from messaging.errors import DatabaseBusy
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.work.lanes import Lane

READER = "app.notices"
"""The name under which the reader of what is placed keeps its place in the changes."""
KINDS = frozenset({PLACED})
LEFT_ALONE = timedelta(minutes=10)
"""How long a notice that cannot be dealt with waits for the next try."""

log = structlog.get_logger()


def notice_rules(runtime: Runtime) -> NoticeRules:
    """Return the rules that hold now; SMS to log in leave in the hours of reminders."""
    config = settings_now(runtime)
    return NoticeRules(
        patience=timedelta(minutes=config.app_sms_minutes),
        apart=timedelta(hours=config.app_sms_hours),
        hours=reminder_rules(config).hours,
    )


class NoticeLane:
    """Begins a notice for what was placed, and writes the SMS of those that stay unshown; each in its own transaction.

    It follows the changes; what a crash lets it see again has its notice already.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tail = Tail(READER, kinds=KINDS)
        self._means_of = means_with(push=runtime.push is not None)

    def drain(self) -> int:
        """Do what is due; return how much that was."""
        return self._begin_all() + self._tell_one()

    def keep_back(self) -> None:
        """In closed hours, let SMS to log in that are written and have not left wait until they open."""
        runtime, rules = self._runtime, notice_rules(self._runtime)
        now = runtime.clock.now()
        with runtime.database.read() as session:
            if rules.hours.is_open(now) and not shut_plans(session, hours=rules.hours, at=now):
                return
            if not keeping_back.are_any_waiting(session, at=now):
                return
        with runtime.act(SYSTEM) as act:
            keeping_back.keep_back(act, rules=rules)

    def _begin_all(self) -> int:
        runtime = self._runtime
        with runtime.database.read() as session:
            changes = self._tail.next(session)
        if not changes:
            return 0
        rules = notice_rules(runtime)
        for change in changes:
            self._begin(change, rules)
        with runtime.database.write() as session:
            self._tail.settle(session, changes)
        runtime.waker.wake(Lane.UPKEEP)
        return len(changes)

    def _begin(self, change: SeenChange, rules: NoticeRules) -> None:
        try:
            with self._runtime.act(SYSTEM) as act:
                notifying.begin_notice(act, message_id=change.object_id, rules=rules, means_of=self._means_of)
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001  # one message of which nobody can be told must not keep the others back
            log.error("notice.not_begun", message=str(change.object_id), error=type(error).__name__)  # noqa: TRY400

    def _tell_one(self) -> int:
        runtime = self._runtime
        with runtime.database.read() as session:
            citizen_id = notifying.next_due(session, at=runtime.clock.now())
        if citizen_id is None:
            return 0
        if self._tell(citizen_id):
            runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
        return 1

    def _tell(self, citizen_id: uuid.UUID) -> bool:
        runtime = self._runtime
        rules, office = notice_rules(runtime), Office.from_config(settings_now(runtime))
        try:
            with runtime.act(SYSTEM) as act:
                return notifying.tell_by_sms(act, citizen_id=citizen_id, rules=rules, office=office)
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001  # one citizen who cannot be told must not keep the others untold
            log.error("notice.not_told", citizen=str(citizen_id), error=type(error).__name__)  # noqa: TRY400
            with runtime.act(SYSTEM) as act:
                notifying.put_off(act, citizen_id=citizen_id, until=act.now + LEFT_ALONE)
            return False


class PushLane:
    """Sends the pushes that are due, one at a time in each thread."""

    def __init__(self, runtime: Runtime, channel: PushChannel) -> None:
        self._runtime = runtime
        self._channel = channel

    def drain(self) -> int:
        """Send one push; return how many were looked at."""
        with self._runtime.database.read() as session:
            if not pushing.is_any_due(session, at=self._runtime.clock.now()):
                return 0
        with self._runtime.act(SYSTEM) as act:
            intent = pushing.intend_push(act)
        if intent is not None:
            self._send(intent)
        return 1

    def bury_the_dead(self, *, all_of_them: bool = False) -> None:
        """Let what a process died with be unclear; at the start of the only worker that is all that was under way."""
        runtime = self._runtime
        with runtime.database.write() as session:
            pushing.give_up_the_dead(session, seconds=0 if all_of_them else runtime.config.waits.send_lease)

    def _send(self, intent: PushIntent) -> None:
        """Call the push service with no transaction open, then write down what it said."""
        runtime, error = self._runtime, None
        try:
            self._channel.send(intent.message)
        except AdapterError as raised:
            error = raised
            if isinstance(error, Misconfigured):
                log.warning("push.misconfigured", code=error.code)
        with runtime.act(SYSTEM) as act:
            pushing.record_push(
                act,
                intent.push_id,
                error=error,
                rules=notice_rules(runtime),
                waits=runtime.config.waits,
                chance=runtime.chance,
            )
