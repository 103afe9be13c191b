"""Reminders follow the hours: those planned for a moment that has come to be closed are planned anew.

They are planned by the same rules as at first, so that they go out before the closed time and not after it. Whatever
slips through is asked again when it is due (`reminding`), and nothing leaves in closed hours.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import ReminderRules, journal_skipped
from messaging.appointments.states import OPEN, WAITING, ReminderState
from messaging.appointments.timing import plan
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act


def outside_hours(session: Session, *, rules: ReminderRules, at: datetime) -> Sequence[uuid.UUID]:
    """Return the meetings that have a reminder planned for a moment that is closed."""
    coming = (Reminder.state == ReminderState.PLANNED, Reminder.due_at > at)
    moments = session.scalars(sa.select(Reminder.due_at).where(*coming).distinct())
    closed = {moment for moment in moments if not rules.hours.is_open(moment)}
    if not closed:
        return []
    planned = session.execute(
        sa.select(Reminder.due_at, Reminder.appointment_id).where(
            *coming, Reminder.due_at.between(min(closed), max(closed))
        )
    )
    return sorted({appointment_id for due_at, appointment_id in planned if due_at in closed})


def plan_anew(act: Act, *, appointment_ids: Collection[uuid.UUID], rules: ReminderRules) -> None:
    """Plan what still waits of these meetings by the hours that hold now; what is of no use then is skipped."""
    chosen = sa.select(Appointment).where(Appointment.id.in_(appointment_ids), Appointment.state.in_(OPEN))
    lock_threads(act.session, act.session.scalars(chosen.with_only_columns(Appointment.citizen_id)).all())
    for appointment in act.session.scalars(chosen.order_by(Appointment.id).with_for_update()).all():
        _plan(act, appointment, rules=rules)


def _plan(act: Act, appointment: Appointment, *, rules: ReminderRules) -> None:
    waiting = act.session.scalars(
        sa.select(Reminder)
        .where(
            Reminder.appointment_id == appointment.id,
            Reminder.revision == appointment.revision,
            Reminder.state.in_(WAITING),
        )
        .with_for_update()
    )
    by_step = {reminder.step: reminder for reminder in waiting}
    steps = [step for step in rules.steps if step.key in by_step]
    for planned in plan(
        appointment.starts_at, now=act.now, steps=steps, hours=rules.hours, useful_until=rules.useful_until
    ):
        reminder = by_step[planned.step.key]
        reminder.due_at = planned.due_at
        if planned.skip_reason is not None:
            reminder.state, reminder.reason, reminder.decided_at = ReminderState.SKIPPED, planned.skip_reason, act.now
            journal_skipped(act, [reminder], citizen_id=appointment.citizen_id)
    act.announce("appointment.changed", object_id=appointment.id)
