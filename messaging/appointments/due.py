"""Which reminders are due, and what else is planned of their meetings.

Rows are found by their own ids or their meeting's, and their state is looked at here: asked for in SQL, it may lead
PostgreSQL through all that is planned, before it has statistics of a large import.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import ReminderState
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act

Due = Sequence[tuple[Reminder, Appointment]]


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A reminder that is planned, as the others of its meeting look at it."""

    revision: int
    step: str
    due_at: datetime


def is_any_due(session: Session, *, at: datetime) -> bool:
    """Whether a reminder is due, so that looking need not take the turn of a writer."""
    due = sa.exists().where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= at)
    return bool(session.scalar(sa.select(due)))


def claim_due(act: Act, *, limit: int) -> Due:
    """Lock due reminders, their citizens' threads first, and return them with their meetings, by citizen."""
    first = (
        sa.select(Reminder.id, Reminder.appointment_id)
        .where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= act.now)
        .order_by(Reminder.due_at)
        .limit(limit)
        .subquery()
    )
    of_citizens = sa.select(first.c.id, Appointment.citizen_id)
    due = act.session.execute(of_citizens.join(first, first.c.appointment_id == Appointment.id)).all()
    lock_threads(act.session, [row.citizen_id for row in due])
    locked = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.id.in_([row.id for row in due]))
        .with_for_update(of=Reminder, skip_locked=True)
    )
    rows = [(reminder, meeting) for reminder, meeting in locked if reminder.state is ReminderState.PLANNED]
    return sorted(rows, key=lambda row: (row[1].citizen_id, row[0].due_at, row[1].starts_at, row[0].id))


def planned_of(act: Act, appointments: Sequence[Appointment]) -> Mapping[uuid.UUID, Sequence[Coming]]:
    """Return what is planned of these meetings, by the meeting."""
    rows = act.session.execute(
        sa.select(Reminder.appointment_id, Reminder.state, Reminder.revision, Reminder.step, Reminder.due_at).where(
            Reminder.appointment_id.in_([appointment.id for appointment in appointments])
        )
    )
    planned: dict[uuid.UUID, list[Coming]] = defaultdict(list)
    for row in rows:
        if row.state is ReminderState.PLANNED:
            planned[row.appointment_id].append(Coming(revision=row.revision, step=row.step, due_at=row.due_at))
    return planned
