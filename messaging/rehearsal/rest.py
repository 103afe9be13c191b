"""Whether the service has come to rest: nothing due is left to do."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Reminder, ReplyReading
from messaging.appointments.states import ReminderState
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Direction, InboundEvent, Message
from messaging.conversations.states import MessageState
from messaging.errors import DatabaseBusy
from messaging.journal.models import EventState, JournalEvent
from messaging.rehearsal.ledger import posted_ids
from messaging.rehearsal.stage import StageFailed
from messaging.runtime import Runtime

Count = Callable[[Session, datetime], int]
LOOK_SECONDS = 0.1


def due_reminders(session: Session, now: datetime) -> int:
    """Count the reminders whose time has come and that are still planned."""
    return _count(session, Reminder, Reminder.state == ReminderState.PLANNED, Reminder.due_at <= now)


def unsent(session: Session, now: datetime) -> int:
    """Count the messages that are due and have not left, or of which nobody knows whether they have."""
    on_the_way = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNCLEAR)
    return _count(
        session, Message, Message.direction == Direction.OUT, Message.state.in_(on_the_way), Message.due_at <= now
    )


def unread(session: Session, now: datetime) -> int:  # noqa: ARG001 (one of the counts)
    """Count the messages in threads that no rule has read yet."""
    waiting = (
        sa.select(sa.func.count())
        .select_from(Message)
        .outerjoin(ReplyReading, ReplyReading.message_id == Message.id)
        .where(
            Message.direction == Direction.IN, Message.conversation_id.is_not(None), ReplyReading.message_id.is_(None)
        )
    )
    return session.execute(waiting).scalar_one()


def untaken(world: Path) -> Count:
    """Return what counts the texts of citizens that are not stored yet: after a refused webhook the poll finds them.

    `world` is the folder of the provider's ledgers.
    """

    def untaken(session: Session, now: datetime) -> int:  # noqa: ARG001 (one of the counts)
        return len(posted_ids(world).difference(session.scalars(sa.select(InboundEvent.provider_message_id))))

    return untaken


def unjournaled(session: Session, now: datetime) -> int:  # noqa: ARG001 (one of the counts)
    """Count the events that the case system has not taken."""
    return _count(session, JournalEvent, JournalEvent.state.in_((EventState.PENDING, EventState.DELIVERED)))


def unchained(session: Session, now: datetime) -> int:  # noqa: ARG001 (one of the counts)
    """Count the audit entries that stand outside the chain."""
    return _count(session, AuditEntry, AuditEntry.position.is_(None))


def wait_for_rest(runtime: Runtime, *counts: Count, seconds: float, what: str, steady: float = 0) -> None:
    """Wait until all counts have been 0 for `steady` seconds: the provider may still have something to tell.

    Raises StageFailed, naming what is left, if they are not in time.
    """
    deadline = time.monotonic() + seconds
    still_since: float | None = None
    left: dict[str, int] = {}
    while time.monotonic() < deadline:
        left = _look(runtime, counts)
        if any(left.values()):
            still_since = None
        elif time.monotonic() - (still_since := still_since or time.monotonic()) >= steady:
            return
        time.sleep(LOOK_SECONDS)
    raise StageFailed(f"{what} did not come to rest in {seconds:.0f} s: {left}")


def _look(runtime: Runtime, counts: tuple[Count, ...]) -> dict[str, int]:
    now = runtime.clock.now()
    try:
        with runtime.database.read() as session:
            return {count.__name__: count(session, now) for count in counts}
    except DatabaseBusy:
        return {"database_busy": 1}


def _count(session: Session, model: type, *where: sa.ColumnElement[bool]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(model).where(*where)).scalar_one()
