"""Who answers a citizen, and when she may expect it: said above her thread, so that she need not wonder.

Why somebody is away is nobody's business. A time is named only where one is promised, or where nobody reads now.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.conversations.answer_time import Keeping, Promise
from messaging.conversations.models import Conversation
from messaging.conversations.office import Office
from messaging.conversations.reading_times import not_read
from messaging.conversations.states import Waiting
from messaging.people.absence_models import Absence
from messaging.people.models import Caseworker
from messaging.people.working_hours import Reader, who_reads


@dataclass(frozen=True, kw_only=True)
class Answering:
    """What is said above a thread; first names, as texts to citizens have them.

    `deputy` answers while `caseworker` is away. `answer_by` is the promised time for who waits, or for who would write
    now; `read_from` is when somebody reads again, where nobody does now.
    """

    caseworker: str | None
    away_until: date | None
    deputy: str | None
    is_waiting: bool
    answer_by: datetime | None
    is_overdue: bool
    read_from: datetime | None


def who_answers(
    session: Session, *, citizen_id: uuid.UUID, now: datetime, office: Office, promise: Promise | None
) -> Answering:
    """Return who answers this citizen and when."""
    reader = who_reads(session, citizen_id, now=now)
    absence = reader.absence if reader else None
    waiting_since = session.scalar(
        sa.select(Conversation.waiting_since).filter_by(id=citizen_id, waiting=Waiting.FOR_US)
    )
    closed = not_read(session, citizen_id, now=now, office=office)
    read_from = (closed.read_at or office.hours.next_open(now)) if closed else None
    kept = _promised(promise, absence, waiting_since=waiting_since, now=now, read_from=read_from, reader=reader)
    return Answering(
        caseworker=reader.caseworker.first_name if reader else None,
        away_until=_last_day(absence) if absence else None,
        deputy=_deputy(session, reader),
        is_waiting=waiting_since is not None,
        answer_by=kept,
        is_overdue=waiting_since is not None and _is_broken(promise, waiting_since, now=now),
        read_from=read_from,
    )


def _promised(
    promise: Promise | None,
    absence: Absence | None,
    *,
    waiting_since: datetime | None,
    now: datetime,
    read_from: datetime | None,
    reader: Reader | None,
) -> datetime | None:
    """Return until when she is answered. Whom nobody covers for is not there to keep a promise before she is back."""
    if promise is None:
        return None
    uncovered = absence is not None and reader is not None and not reader.is_covered
    since = read_from if uncovered and read_from else waiting_since or now
    return promise.answer_time(since, now=now).until


def _is_broken(promise: Promise | None, waiting_since: datetime, *, now: datetime) -> bool:
    return promise is not None and promise.answer_time(waiting_since, now=now).keeping is Keeping.BROKEN


def _deputy(session: Session, reader: Reader | None) -> str | None:
    if reader is None or reader.absence is None or not reader.is_covered:
        return None
    return session.get_one(Caseworker, reader.absence.deputy_id).first_name


def _last_day(absence: Absence) -> date:
    """Return the last day of an absence: an end at midnight belongs to the day before."""
    return (absence.until - timedelta(microseconds=1)).astimezone(COPENHAGEN).date()
