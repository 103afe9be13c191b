"""What a caseworker should look at: yesterday's meetings without an outcome, and who will be reminded tomorrow."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import OPEN, ReminderState
from messaging.clock import COPENHAGEN
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.visibility import visible_to

Key = tuple[datetime, uuid.UUID]
"""The place of a row in a list: its time, then its id."""


@dataclass(frozen=True, kw_only=True)
class ComingReminder:
    """A reminder that is planned, and the meeting it is about."""

    id: uuid.UUID
    step: str
    due_at: datetime
    appointment_id: uuid.UUID
    citizen_id: uuid.UUID
    starts_at: datetime

    @property
    def key(self) -> Key:
        """The place in the list."""
        return (self.due_at, self.id)


def without_outcome(
    session: Session, actor: Actor, *, at: datetime, after: Key | None = None, limit: int
) -> Sequence[Appointment]:
    """Return the next meetings that are over and of which nobody has said what became, the oldest first."""
    over = sa.and_(Appointment.state.in_(OPEN), Appointment.starts_at < at)
    chosen = sa.select(Appointment).join(Citizen, Citizen.id == Appointment.citizen_id)
    chosen = chosen.where(over, visible_to(actor), _beyond(Appointment.starts_at, Appointment.id, after))
    return session.scalars(chosen.order_by(Appointment.starts_at, Appointment.id).limit(limit)).all()


def reminders_of_day(
    session: Session, actor: Actor, *, day: date, after: Key | None = None, limit: int
) -> list[ComingReminder]:
    """Return the next reminders that are planned for this day in Copenhagen, by time."""
    since, until = (datetime.combine(each, time.min, COPENHAGEN) for each in (day, day + timedelta(days=1)))
    rows = session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(
            Reminder.state.in_((ReminderState.PLANNED, ReminderState.ON_HOLD)),
            Reminder.due_at >= since,
            Reminder.due_at < until,
            visible_to(actor),
            _beyond(Reminder.due_at, Reminder.id, after),
        )
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
    )
    return [
        ComingReminder(
            id=reminder.id,
            step=reminder.step,
            due_at=reminder.due_at,
            appointment_id=appointment.id,
            citizen_id=appointment.citizen_id,
            starts_at=appointment.starts_at,
        )
        for reminder, appointment in rows
    ]


def _beyond(
    at: sa.orm.InstrumentedAttribute[Any], id_: sa.orm.InstrumentedAttribute[Any], after: Key | None
) -> sa.ColumnElement[bool]:
    if after is None:
        return sa.true()
    return sa.or_(at > after[0], sa.and_(at == after[0], id_ > after[1]))
