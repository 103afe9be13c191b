"""Reminders follow the hours: those planned for a moment that has come to be closed are planned anew.

They are planned by the same rules as at first, so that they go out before the closed time and not after it. Whatever
slips through is asked again when it is due (`reminding`), and nothing leaves in closed hours.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.following_plans import plan_waiting, reminders_of, sent_of
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import Plans
from messaging.appointments.states import OPEN, WAITING, ReminderState
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act


def outside_hours(session: Session, *, rules: ReminderRules, at: datetime) -> Sequence[uuid.UUID]:
    """Return the meetings that have a reminder planned for a moment that is closed to its plan."""
    plans = Plans(session, steps=rules.steps)
    coming = (Reminder.state == ReminderState.PLANNED, Reminder.due_at > at)
    moments = session.execute(sa.select(Reminder.due_at, Reminder.plan_id).where(*coming).distinct())
    closed = {(moment, plan_id) for moment, plan_id in moments if not rules.hours_of(plans.of(plan_id)).is_open(moment)}
    if not closed:
        return []
    ends = [moment for moment, _ in closed]
    planned = session.execute(
        sa.select(Reminder.due_at, Reminder.plan_id, Reminder.appointment_id).where(
            *coming, Reminder.due_at.between(min(ends), max(ends))
        )
    )
    return sorted({appointment_id for due_at, plan_id, appointment_id in planned if (due_at, plan_id) in closed})


def plan_anew(act: Act, *, appointment_ids: Collection[uuid.UUID], rules: ReminderRules) -> None:
    """Plan what still waits of these meetings by the hours that hold now; what is of no use then is skipped."""
    chosen = sa.select(Appointment).where(Appointment.id.in_(appointment_ids), Appointment.state.in_(OPEN))
    lock_threads(act.session, act.session.scalars(chosen.with_only_columns(Appointment.citizen_id)).all())
    plans = Plans(act.session, steps=rules.steps)
    appointments = act.session.scalars(chosen.order_by(Appointment.id).with_for_update()).all()
    reminders = reminders_of(act, appointments)
    sent = sent_of(act, reminders)
    for appointment in appointments:
        waiting = [reminder for reminder in reminders[appointment.id] if reminder.state in WAITING]
        for plan_id in {reminder.plan_id for reminder in waiting}:
            of_it = [reminder for reminder in waiting if reminder.plan_id == plan_id]
            by = plans.of(plan_id)
            plan_waiting(act, appointment, of_it, sent=sent[appointment.id], by=by, rules=rules)
