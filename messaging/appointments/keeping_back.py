"""Reminders that are written and have not left when the hours end wait until they open."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.planning import ReminderRules
from messaging.conversations.models import Kind, Message
from messaging.conversations.states import MessageState
from messaging.people.acting import Act
from messaging.work.lanes import Lane


def are_any_waiting(session: Session, *, at: datetime) -> bool:
    """Whether a written reminder waits to leave."""
    return bool(session.scalar(sa.select(sa.exists().where(_waits(at)))))


def keep_back(act: Act, *, rules: ReminderRules) -> None:
    """Let reminders that are written and have not left wait until the hours open.

    They are still here because a provider or we were down; nobody is to be woken by them. They expire by themselves.
    """
    act.session.execute(
        sa.update(Message)
        .where(_waits(act.now))
        .values(due_at=rules.hours.next_open(act.now))
        .execution_options(synchronize_session=False)
    )


def _waits(at: datetime) -> sa.ColumnElement[bool]:
    """Queued, or unclear and so perhaps queued again at any hour; due, and not in the hands of a sender."""
    return sa.and_(
        Message.lane == Lane.BULK,
        Message.kind == Kind.REMINDER,
        Message.state.in_((MessageState.QUEUED, MessageState.UNCLEAR)),
        Message.due_at <= at,
        Message.lease_token.is_(None),
    )
