"""Reminders follow the plans: when another plan comes to hold for a meeting, what still waits of it is planned anew.

What has been sent or skipped stays. A step that both plans have keeps its row, and with it whether it is held back and
what a caseworker has added; a step that only the new one has is added if its time is still to come.
"""

import uuid
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_models import ReminderPlan
from messaging.appointments.planning import ReminderRules, journal_skipped, row_of
from messaging.appointments.plans import Plan, Plans, draw_text
from messaging.appointments.states import OPEN, WAITING, ReminderState
from messaging.appointments.timing import due_moment, plan
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act

PLAN_CHANGED = "plan_changed"
"""Why a step is not sent that the plan does not have any more."""
AT_ONCE = 500
"""Meetings looked at in one go."""


def standing_plans(session: Session) -> Hashable:
    """Return what is other as soon as another plan holds for any meeting."""
    signed = sa.select(ReminderPlan.id, ReminderPlan.last_day).where(ReminderPlan.signed_at.is_not(None))
    return tuple(tuple(row) for row in session.execute(signed.order_by(ReminderPlan.id)))


def under_other_plans(session: Session, *, rules: ReminderRules, at: datetime) -> Sequence[uuid.UUID]:
    """Return the meetings of which a reminder waits that is a step of another plan than the one that holds now."""
    plans, found = Plans(session, steps=rules.steps), list[uuid.UUID]()
    if not plans:
        return found
    waits = sa.select(Reminder.appointment_id, Reminder.revision, Reminder.plan_id).where(Reminder.state.in_(WAITING))
    of = waits.distinct().subquery()
    chosen = (
        sa.select(Appointment, of.c.plan_id)
        .join(of, sa.and_(of.c.appointment_id == Appointment.id, of.c.revision == Appointment.revision))
        .where(Appointment.state.in_(OPEN), Appointment.starts_at > at)
        .order_by(Appointment.id)
        .limit(AT_ONCE)
    )
    rows = session.execute(chosen).all()
    while rows:
        now_holding = plans.choose([appointment for appointment, _ in rows])
        found.extend(appointment.id for appointment, plan_id in rows if now_holding[appointment.id].id != plan_id)
        session.expunge_all()  # a hundred thousand meetings need not all be held
        rows = session.execute(chosen.where(Appointment.id > rows[-1][0].id)).all()
    return sorted(set(found))


def follow_plans(act: Act, *, appointment_ids: Collection[uuid.UUID], rules: ReminderRules) -> None:
    """Plan what still waits of these meetings by the plan that holds for each now."""
    chosen = sa.select(Appointment).where(Appointment.id.in_(appointment_ids), Appointment.state.in_(OPEN))
    lock_threads(act.session, act.session.scalars(chosen.with_only_columns(Appointment.citizen_id)).all())
    appointments = act.session.scalars(chosen.order_by(Appointment.id).with_for_update()).all()
    plans = Plans(act.session, steps=rules.steps).choose(appointments)
    reminders = reminders_of(act, appointments)
    for appointment in appointments:
        _follow(act, appointment, reminders[appointment.id], by=plans[appointment.id], rules=rules)


def reminders_of(act: Act, appointments: Collection[Appointment]) -> Mapping[uuid.UUID, Sequence[Reminder]]:
    """Lock all reminders of the present revision of these meetings and return them as they are now, by meeting."""
    rows = act.session.scalars(
        sa.select(Reminder)
        .join(
            Appointment,
            sa.and_(Appointment.id == Reminder.appointment_id, Appointment.revision == Reminder.revision),
        )
        .where(Appointment.id.in_([appointment.id for appointment in appointments]))
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
        .execution_options(populate_existing=True)
    )
    found: dict[uuid.UUID, list[Reminder]] = {appointment.id: [] for appointment in appointments}
    for reminder in rows:
        found[reminder.appointment_id].append(reminder)
    return found


def plan_waiting(
    act: Act, appointment: Appointment, waiting: Sequence[Reminder], *, by: Plan, rules: ReminderRules
) -> None:
    """Plan these reminders, all of them steps of this plan, by the hours that hold now."""
    by_step = {reminder.step: reminder for reminder in waiting}
    steps = [step for step in by.steps if step.key in by_step]
    for planned in plan(
        appointment.starts_at, now=act.now, steps=steps, hours=rules.hours, useful_until=rules.useful_until
    ):
        reminder = by_step[planned.step.key]
        reminder.due_at = planned.due_at
        if planned.skip_reason is not None:
            _skip(act, reminder, appointment, planned.skip_reason)
    act.announce("appointment.changed", object_id=appointment.id)


def _follow(act: Act, appointment: Appointment, rows: Sequence[Reminder], *, by: Plan, rules: ReminderRules) -> None:
    for row in rows:
        if row.reason == PLAN_CHANGED and _is_to_come(appointment, by, row, rules=rules, at=act.now):
            row.state, row.reason, row.decided_at = ReminderState.PLANNED, None, None
    waiting = [row for row in rows if row.state in WAITING]
    for row in waiting:
        if by.step(row.step) is None:
            _skip(act, row, appointment, PLAN_CHANGED)
        row.plan_id = by.id
        row.wording = draw_text(act.vault, by, appointment_id=appointment.id, step=row.step)
    stay = [row for row in waiting if row.state in WAITING]
    stay.extend(_added(act, appointment, by, known={row.step for row in rows}, rules=rules))
    plan_waiting(act, appointment, stay, by=by, rules=rules)


def _is_to_come(appointment: Appointment, by: Plan, row: Reminder, *, rules: ReminderRules, at: datetime) -> bool:
    """Whether a reminder that an earlier plan took out is a step of this one, and its time has not come."""
    step = by.step(row.step)
    return step is not None and due_moment(appointment.starts_at, step=step, hours=rules.hours) > at


def _added(
    act: Act, appointment: Appointment, by: Plan, *, known: Collection[str], rules: ReminderRules
) -> list[Reminder]:
    new = [step for step in by.steps if step.key not in known]
    coming = [step for step in new if due_moment(appointment.starts_at, step=step, hours=rules.hours) > act.now]
    planned = plan(appointment.starts_at, now=act.now, steps=coming, hours=rules.hours, useful_until=rules.useful_until)
    added = [Reminder(**row_of(act, appointment, step, by=by)) for step in planned if step.skip_reason is None]
    act.session.add_all(added)
    return added


def _skip(act: Act, reminder: Reminder, appointment: Appointment, reason: str) -> None:
    reminder.state, reminder.reason, reminder.decided_at = ReminderState.SKIPPED, reason, act.now
    journal_skipped(act, [reminder], citizen_id=appointment.citizen_id)
