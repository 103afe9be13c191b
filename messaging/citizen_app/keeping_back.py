"""SMS to log in that are written and have not left wait for open hours, or are called back if that is too late."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Reminder
from messaging.appointments.plans import shut_plans
from messaging.citizen_app import needing
from messaging.citizen_app.notifying import NoticeRules
from messaging.citizen_app.push_models import Notice
from messaging.conversations.app_thread import lies_unread
from messaging.conversations.models import Kind, Message
from messaging.conversations.sending import LIFE, cancel_waiting
from messaging.conversations.states import MessageState
from messaging.people.acting import Act

NEEDED_NO_MORE = "login_needed_no_more"
"""Why one is called back: what lies in the app will be of no use any more when it may leave."""


def are_any_waiting(session: Session, *, at: datetime) -> bool:
    """Whether an SMS to log in is written and waits to leave."""
    return bool(session.scalar(sa.select(sa.exists().where(_waits(at)))))


def keep_back(act: Act, *, rules: NoticeRules) -> None:
    """Let SMS to log in that are written and have not left wait until the hours open, the service's or a plan's own.

    They are still here because a provider or we were down; nobody is to be woken by them. Until she has seen what lies
    in her app they are of use, so they expire no sooner for having waited. What she will be past needing when they open
    is called back.
    """
    needless, waiting = set[uuid.UUID](), defaultdict[datetime, list[uuid.UUID]](list)
    shut = shut_plans(act.session, hours=rules.hours, at=act.now)
    for message_id, citizen_id in act.session.execute(_reminded_by(shut, at=act.now)).all():
        opens = needing.may_leave(act.session, citizen_id, at=act.now, after=act.now, service=rules.hours)
        if not needing.is_anything_needed(act.session, citizen_id, at=opens):
            needless.add(message_id)
        elif opens > act.now:
            waiting[opens].append(message_id)
    is_open, opens = rules.hours.is_open(act.now), rules.hours.next_open(act.now)
    if not is_open:
        needing_it = Notice.citizen_id.in_(needing.needing_anything(at=opens).correlate(None))
        needless.update(act.session.scalars(_written(act.now).where(~needing_it).with_only_columns(Message.id)))
    if needless:  # before any row is changed: this locks threads
        cancel_waiting(act, message_ids=needless, reason=NEEDED_NO_MORE)
    for until, message_ids in waiting.items():
        _wait(act, sa.and_(Message.id.in_(message_ids), _waits(act.now)), until=until)
    if not is_open:
        _wait(act, _waits(act.now), until=opens)


def _written(at: datetime) -> sa.Select[uuid.UUID, uuid.UUID]:
    """Return the SMS that wait, and of whom each is, without those that are called back should they not have left."""
    written = sa.select(Message.id, Notice.citizen_id).join(Notice, Notice.sms_message_id == Message.id)
    return written.where(_waits(at), Message.called_back.is_(None))


def _reminded_by(plan_ids: Collection[uuid.UUID], *, at: datetime) -> sa.Select[uuid.UUID, uuid.UUID]:
    """Return the same of citizens in whose app a reminder of one of these plans lies unshown."""
    reminded = (
        sa.select(Message.conversation_id)
        .join(Reminder, Reminder.message_id == Message.id)
        .where(Reminder.plan_id.in_(plan_ids), lies_unread())
        .correlate(None)
    )
    return _written(at).where(Notice.citizen_id.in_(reminded))


def _wait(act: Act, which: sa.ColumnElement[bool], *, until: datetime) -> None:
    waiting = sa.update(Message).where(which).values(due_at=until, expires_at=until + LIFE)
    act.session.execute(waiting.execution_options(synchronize_session=False))


def _waits(at: datetime) -> sa.ColumnElement[bool]:
    """Queued, or unclear and so perhaps queued again at any hour; due, and not in the hands of a sender."""
    of_a_notice = sa.exists().where(Notice.sms_message_id == Message.id).correlate(Message)
    return sa.and_(
        Message.kind == Kind.NOTICE,
        Message.state.in_((MessageState.QUEUED, MessageState.UNCLEAR)),
        Message.due_at <= at,
        Message.lease_token.is_(None),
        of_a_notice,
    )
