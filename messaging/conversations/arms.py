"""The arms of the trial at the one door of what goes out: what a message is to them, and whether they let it go.

Who is in no arm passes without a statement more: her arm comes with how she can be reached.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Direction, Kind, Message
from messaging.people.reaching import Reach
from messaging.trial.capabilities import Sort, Way, rule_for, why_withheld
from messaging.trial.withholding import Refusal, was_let_through

ANSWERED_WITHIN = timedelta(days=7)
"""How long after a citizen has written what we write is an answer, and begins nothing."""

SORTS: Mapping[Kind, Sort] = {
    Kind.TEXT: Sort.FREE,
    Kind.REMINDER: Sort.REMINDER,
    Kind.NOTICE: Sort.FREE,  # whoever writes one says what it is
    Kind.AUTO_REPLY: Sort.RECEIPT,
    Kind.STOP_ANSWER: Sort.KEYWORD_ANSWER,
    Kind.LOGIN_CODE: Sort.LOGIN_CODE,
}
"""What a message is to the arms where nobody says otherwise."""


def sort_of(
    session: Session, person: Reach, *, citizen_id: uuid.UUID, kind: Kind, sort: Sort | None = None, at: datetime
) -> Sort:
    """Return what a message written at this moment is to the arms: what begins something, or answers."""
    sort = sort or SORTS[kind]
    if sort is not Sort.FREE or not rule_for(person.arm, sort).override:
        return sort
    wrote = sa.exists().where(
        Message.conversation_id == citizen_id,
        Message.direction == Direction.IN,
        Message.created_at > at - ANSWERED_WITHIN,
        Message.created_at <= at,
    )
    return Sort.ANSWER if session.scalar(sa.select(wrote)) else Sort.FREE


def refusal_of(person: Reach, *, citizen_id: uuid.UUID, sort: Sort, way: Way) -> Refusal | None:
    """Return what keeps this sort from going this way; None if nothing does."""
    if person.arm is None or why_withheld(person.arm, sort, way) is None:
        return None
    return Refusal(citizen_id=citizen_id, arm=person.arm, sort=sort, way=way)


def refusal_now(session: Session, message: Message, person: Reach) -> Refusal | None:
    """Return what keeps a written message from leaving now, unless a caseworker has let it through."""
    if person.arm is None or message.conversation_id is None:
        return None
    said = Sort(message.sort) if message.sort else None
    citizen_id = message.conversation_id
    sort = sort_of(session, person, citizen_id=citizen_id, kind=message.kind, sort=said, at=message.created_at)
    refusal = refusal_of(person, citizen_id=citizen_id, sort=sort, way=Way(message.medium))
    return None if refusal is None or was_let_through(session, message.id) else refusal
