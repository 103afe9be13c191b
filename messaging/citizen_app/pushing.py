"""One push: the last look, the record that it is about to leave, committed before the call, and what came of it.

A process that dies after that commit leaves a push that nobody sends again: it may have arrived, and the SMS comes
anyway if the message stays unshown.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from adapters.contract import OutboundMessage
from adapters.errors import AdapterError, OutcomeUnknown, RecipientRefused, TryLater
from messaging.citizen_app.notifying import NoticeRules, hasten
from messaging.citizen_app.push_models import PUSH_TRANSITIONS, Notice, Push, PushState, PushSubscription
from messaging.citizen_app.subscriptions import end_gone, is_living
from messaging.conversations import threads
from messaging.database.moments import database_now
from messaging.people.acting import Act
from messaging.trial.capabilities import Sort, Way, why_withheld
from messaging.trial.queries import arms_of
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.vault.place import Place
from messaging.waits import Waits
from messaging.work.retries import delay

WORD = "message"
"""All that a push says."""
GONE = "gone"
"""The channel's code for a browser that nothing reaches any more."""
LOOKS = timedelta(seconds=15)
"""An app that is open has looked by then and shown the message: nobody is knocked at who sits before it."""
MOST_TRIES = 6
SHORTEST = timedelta(minutes=1)
UNTIL_NEXT_DAY = timedelta(hours=24)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class PushIntent:
    """A push that is about to leave."""

    push_id: uuid.UUID
    message: OutboundMessage = field(repr=False)


def is_any_due(session: Session, *, at: datetime) -> bool:
    """Whether a push waits to leave."""
    return bool(session.scalar(sa.select(sa.exists().where(Notice.id == Push.notice_id, *_due(at)))))


def intend_push(act: Act) -> PushIntent | None:
    """Take the next push that is due and record that it is about to leave; None if it is not to be sent any more."""
    row = act.session.execute(
        sa.select(Push, PushSubscription, Notice, is_living())
        .join(PushSubscription, PushSubscription.id == Push.subscription_id)
        .join(Notice, Notice.id == Push.notice_id)
        .where(*_due(act.now))
        .order_by(Push.due_at)
        .limit(1)
        .with_for_update(of=Push, skip_locked=True)
    ).first()
    if row is None:
        return None
    push, subscription, notice, living = row
    recipient = _open(act, subscription)
    arm = arms_of(act.session, [notice.citizen_id]).get(notice.citizen_id)
    withheld = why_withheld(arm, Sort.PUSH, Way.PUSH)  # she may have come into it since
    if notice.ended_at is not None or not living or recipient is None or withheld:
        _move(push, PushState.DROPPED)
        return None
    _move(push, PushState.INTENDED)
    push.begun_at = sa.select(database_now()).scalar_subquery()
    message = OutboundMessage(
        attempt_id=str(push.id),
        recipient=recipient,
        text=WORD,
        callback_token="",
        valid_for=_useful_for(act.now, notice),
    )
    return PushIntent(push_id=push.id, message=message)


def record_push(
    act: Act, push_id: uuid.UUID, *, error: AdapterError | None, rules: NoticeRules, waits: Waits, chance: Random
) -> None:
    """Write down what the push service said. What certainly was not sent is tried again, at the most six times."""
    found = act.session.execute(
        sa.select(Notice.citizen_id, Notice.id).join(Push, Push.notice_id == Notice.id).where(Push.id == push_id)
    ).one()
    threads.lock_thread(act.session, found.citizen_id)
    push = act.session.get_one(Push, push_id, with_for_update=True)
    if push.state is not PushState.INTENDED:
        return
    push.code, push.answered_at = error.code if error else None, act.now
    if error is None:
        _move(push, PushState.ACCEPTED)
    elif isinstance(error, TryLater) and push.tries + error.counts < MOST_TRIES:
        push.tries += error.counts
        wait = error.retry_after or delay(waits.outbound_retries, max(push.tries, 1), random=chance)
        push.due_at = sa.select(database_now(wait)).scalar_subquery()
        _move(push, PushState.PLANNED)
    elif isinstance(error, OutcomeUnknown):
        _move(push, PushState.UNCLEAR)
    else:
        _move(push, PushState.REFUSED)
        if isinstance(error, RecipientRefused) and error.code == GONE:
            end_gone(act, push.subscription_id)
        act.session.flush()
        hasten(act, found.id, rules=rules)


def give_up_the_dead(session: Session, *, seconds: float) -> int:
    """Let pushes whose process died with them be unclear; return how many."""
    ended = session.execute(
        sa.update(Push)
        .where(Push.state == PushState.INTENDED, Push.begun_at <= database_now(-seconds))
        .values(state=PushState.UNCLEAR, code="process_died")
        .returning(Push.id)
    )
    return len(ended.all())


def _open(act: Act, row: PushSubscription) -> str | None:
    """Return the subscription; None where its citizen has been erased, so that it holds up nobody else's."""
    try:
        return act.vault.open(
            row.subscription, owner=row.citizen_id, place=Place("push_subscriptions", "subscription", row.id)
        )
    except (CannotOpen, UnknownOwner) as error:
        log.warning("push.unopenable", subscription=str(row.id), code=error.code)
        return None


def _due(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Push.state == PushState.PLANNED, Push.due_at <= database_now(), Notice.begun_at <= at - LOOKS


def _useful_for(now: datetime, notice: Notice) -> int:
    """Return the seconds in which a push is worth showing: until the SMS comes."""
    until = notice.sms_due_at - now if notice.sms_due_at is not None else UNTIL_NEXT_DAY
    return int(max(until, SHORTEST).total_seconds())


def _move(push: Push, state: PushState) -> None:
    if state not in PUSH_TRANSITIONS[push.state]:
        raise ValueError(f"a push does not go from {push.state} to {state}")
    push.state = state
