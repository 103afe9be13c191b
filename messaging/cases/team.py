"""How a unit stands: what waits, for how long, and whom it cannot reach. Of the unit as a whole, never of a person."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment
from messaging.appointments.states import AppointmentState
from messaging.conversations import inbox_lists
from messaging.conversations.answer_time import Promise
from messaging.conversations.inbox_lists import Listing
from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.database.base import Moment
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.visibility import known_to

CANCELLED = (AppointmentState.CANCELLED_BY_US, AppointmentState.CANCELLED_BY_CITIZEN)


@dataclass(frozen=True, kw_only=True)
class TeamStanding:
    """The figures of a unit now. `overdue`: so many have waited beyond the promised time; None if none is promised."""

    citizens: int
    waiting: int
    longest_since: datetime | None
    overdue: int | None
    meetings_today: int
    undelivered: int
    unreachable: int


def describe_team(
    session: Session, actor: Actor, *, now: datetime, promise: Promise | None, today: tuple[datetime, datetime]
) -> TeamStanding:
    """Return how all the citizens this actor may know of stand; `today` begins and ends the day's meetings."""
    counts = inbox_lists.count_lists(session, actor, now=now)
    broken = Conversation.waiting_since <= promise.broken_since(now) if promise else sa.false()
    longest_since, overdue = session.execute(
        sa.select(sa.func.min(Conversation.waiting_since, type_=Moment()), sa.func.count().filter(broken))
        .join(Citizen, Citizen.id == Conversation.id)
        .where(known_to(actor), Conversation.waiting == Waiting.FOR_US)
    ).one()
    return TeamStanding(
        citizens=counts[Listing.ALL],
        waiting=counts[Waiting.FOR_US],
        longest_since=longest_since,
        overdue=overdue if promise else None,
        meetings_today=_count_meetings(session, actor, *today),
        undelivered=counts[Listing.NEEDS_ACTION],
        unreachable=counts[Listing.UNREACHABLE],
    )


def _count_meetings(session: Session, actor: Actor, since: datetime, until: datetime) -> int:
    held = sa.and_(Appointment.starts_at >= since, Appointment.starts_at < until, Appointment.state.not_in(CANCELLED))
    meetings = sa.select(sa.func.count()).select_from(Appointment).join(Citizen, Citizen.id == Appointment.citizen_id)
    return session.execute(meetings.where(known_to(actor), held)).scalar_one()
