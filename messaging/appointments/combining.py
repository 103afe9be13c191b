"""Two meetings of a citizen on one day: the reminders of both in one text, if the plans of both have it so."""

import uuid
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from messaging.appointments.models import Appointment, PersonalLine, Reminder
from messaging.appointments.plans import Plan, Plans
from messaging.appointments.states import OPEN, AppointmentState, ReminderState
from messaging.clock import day_around
from messaging.people.acting import Act


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A reminder that goes in the same text as another, and its meeting."""

    reminder: Reminder
    appointment: Appointment


def find_beside(
    act: Act,
    reminder: Reminder,
    appointment: Appointment,
    *,
    plans: Plans,
    after: datetime,
    decided: Container[uuid.UUID],
) -> Beside | None:
    """Return the next reminder that may go in one text with this one; None if it goes alone. The thread is locked.

    It is the same step before another meeting of the same day that begins after `after`, due today and not decided on
    yet. A reminder with a caseworker's own line goes alone, for the line is meant for one meeting.
    """
    plan = plans.of(reminder.plan_id)
    if not plan.combines:
        return None
    begins, ends = day_around(appointment.starts_at)
    _, tomorrow = day_around(act.now)
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(
            Appointment.citizen_id == appointment.citizen_id,
            Appointment.id != appointment.id,
            Appointment.state.in_(OPEN),
            Appointment.starts_at >= max(begins, after),
            Appointment.starts_at < ends,
            Reminder.revision == Appointment.revision,
            Reminder.state == ReminderState.PLANNED,
            Reminder.due_at < tomorrow,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    fitting = [
        Beside(reminder=row, appointment=meeting)
        for row, meeting in rows
        if row.id not in decided and _is_same_step(plan, reminder, plans.of(row.plan_id), row, meeting)
    ]
    with_lines = {reminder.id, *(one.reminder.id for one in fitting)}
    lines = set(
        act.session.scalars(sa.select(PersonalLine.reminder_id).where(PersonalLine.reminder_id.in_(with_lines)))
    )
    if not fitting or reminder.id in lines:
        return None
    return next((one for one in fitting if one.reminder.id not in lines), None)


def _is_same_step(plan: Plan, reminder: Reminder, other: Plan, row: Reminder, meeting: Appointment) -> bool:
    mine, its = plan.step(reminder.step), other.step(row.step)
    if not other.combines or mine is None or its is None or mine.days != its.days:
        return False
    return not (other.stops_when_confirmed and meeting.state is AppointmentState.CONFIRMED)
