"""Reminders follow the plans: when another plan comes to hold for a meeting, what still waits of it is planned anew.

What has been sent or skipped stays. A step that both plans have keeps its row, and with it whether it is held back and
what a caseworker has added; a step that only the new one has is added if its time is still to come, also where nothing
waits any more.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.limits import NEVER_LEFT
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_models import ReminderPlan
from messaging.appointments.planning import ReminderRules, journal_skipped, row_of
from messaging.appointments.plans import Plan, Plans, draw_text
from messaging.appointments.states import MOVED, OPEN, WAITING, ReminderState
from messaging.appointments.timing import APART, PlannedStep, SkipReason, apart, due_moment, plan
from messaging.conversations.models import Message
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act
from messaging.trial.target_groups import count_signed

PLAN_CHANGED = "plan_changed"
"""Why a step is not sent that the plan does not have any more."""
AT_ONCE = 500
"""Meetings looked at in one go."""


def standing_plans(session: Session) -> Hashable:
    """Return what is other as soon as another plan holds for any meeting, or more of the target groups is signed."""
    signed = sa.select(ReminderPlan.id, ReminderPlan.last_day).where(ReminderPlan.signed_at.is_not(None))
    plans = tuple(tuple(row) for row in session.execute(signed.order_by(ReminderPlan.id)))
    return plans, count_signed(session)


def under_other_plans(session: Session, *, rules: ReminderRules, at: datetime) -> Sequence[uuid.UUID]:
    """Return the meetings of which a reminder waits that is a step of another plan than the one that holds now, or none
    waits and the one that holds now has a step more."""
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
        found.extend(
            appointment.id for (appointment, plan_id), by in zip(rows, now_holding, strict=True) if by.id != plan_id
        )
        session.expunge_all()  # a hundred thousand meetings need not all be held
        rows = session.execute(chosen.where(Appointment.id > rows[-1][0].id)).all()
    found.extend(_lacking_a_step(session, plans, rules=rules, at=at))
    return sorted(set(found))


def _lacking_a_step(session: Session, plans: Plans, *, rules: ReminderRules, at: datetime) -> Sequence[uuid.UUID]:
    """Return the coming meetings whose reminders are all decided on and whose plan has a step to come beside them."""
    found = list[uuid.UUID]()
    of_it = Reminder.appointment_id == Appointment.id, Reminder.revision == Appointment.revision
    chosen = (
        sa.select(Appointment)
        .where(
            Appointment.state.in_(OPEN),
            Appointment.starts_at > at,
            sa.exists().where(*of_it),
            ~sa.exists().where(*of_it, Reminder.state.in_(WAITING)),
        )
        .order_by(Appointment.id)
        .limit(AT_ONCE)
    )
    meetings = session.scalars(chosen).all()
    while meetings:
        decided = _decided(session, meetings)
        for meeting, by in zip(meetings, plans.choose(meetings), strict=True):
            rows = decided[meeting.id]
            # Where the settings hold, as they did, their steps are those of when it was booked.
            is_planned = by.id is not None or any(plan_id is not None for _, plan_id, _ in rows)
            known = {step for step, _, reason in rows if reason != PLAN_CHANGED}
            if is_planned and _new_steps(meeting, by, known=known, rules=rules, at=at):
                found.append(meeting.id)
        last = meetings[-1].id
        session.expunge_all()
        meetings = session.scalars(chosen.where(Appointment.id > last)).all()
    return found


def _decided(
    session: Session, meetings: Sequence[Appointment]
) -> Mapping[uuid.UUID, Sequence[tuple[str, uuid.UUID | None, str | None]]]:
    """Return step, plan and reason of each reminder of the present time of these meetings."""
    revisions = {meeting.id: meeting.revision for meeting in meetings}
    rows = session.execute(
        sa.select(Reminder.appointment_id, Reminder.revision, Reminder.step, Reminder.plan_id, Reminder.reason).where(
            Reminder.appointment_id.in_(revisions)
        )
    )
    decided: dict[uuid.UUID, list[tuple[str, uuid.UUID | None, str | None]]] = defaultdict(list)
    for appointment_id, revision, step, plan_id, reason in rows:
        if revision == revisions[appointment_id]:
            decided[appointment_id].append((step, plan_id, reason))
    return decided


def follow_plans(act: Act, *, appointment_ids: Collection[uuid.UUID], rules: ReminderRules) -> None:
    """Plan what still waits of these meetings by the plan that holds for each now."""
    chosen = sa.select(Appointment).where(Appointment.id.in_(appointment_ids), Appointment.state.in_(OPEN))
    lock_threads(act.session, act.session.scalars(chosen.with_only_columns(Appointment.citizen_id)).all())
    appointments = act.session.scalars(chosen.order_by(Appointment.id).with_for_update()).all()
    plans = Plans(act.session, steps=rules.steps).choose(appointments)
    reminders = reminders_of(act, appointments)
    sent = sent_of(act, reminders)
    for appointment, by in zip(appointments, plans, strict=True):
        _follow(act, appointment, reminders[appointment.id], sent=sent[appointment.id], by=by, rules=rules)


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


def sent_of(act: Act, reminders: Mapping[uuid.UUID, Sequence[Reminder]]) -> Mapping[uuid.UUID, Sequence[Reminder]]:
    """Return those of these reminders that were sent, by meeting, without what never left and the notice of a move."""
    sent = [row for rows in reminders.values() for row in rows if row.state is ReminderState.SENT and row.step != MOVED]
    ids = [row.message_id for row in sent]
    never_left = sa.select(Message.id).where(Message.id.in_(ids), Message.state.in_(NEVER_LEFT))
    lost = set(act.session.scalars(never_left)) if ids else set[uuid.UUID]()
    found: dict[uuid.UUID, list[Reminder]] = {meeting: [] for meeting in reminders}
    for row in sent:
        if row.message_id not in lost:
            found[row.appointment_id].append(row)
    return found


def plan_waiting(
    act: Act,
    appointment: Appointment,
    waiting: Sequence[Reminder],
    *,
    sent: Sequence[Reminder],
    by: Plan,
    rules: ReminderRules,
) -> None:
    """Plan these reminders, all of them steps of this plan, by the hours that hold now.

    One that other hours bring too near to what has been `sent` of the meeting is skipped.
    """
    by_step = {reminder.step: reminder for reminder in waiting}
    steps = [step for step in by.steps if step.key in by_step]
    for planned in plan(
        appointment.starts_at, now=act.now, steps=steps, hours=rules.hours_of(by), useful_until=rules.useful_until
    ):
        reminder = by_step[planned.step.key]
        reminder.due_at = planned.due_at
        reason = planned.skip_reason
        if reason is None and any(_is_near(appointment, planned, one, by=by) for one in sent):
            reason = SkipReason.NEAR_ANOTHER
        if reason is not None:
            _skip(act, reminder, appointment, reason)
    act.announce("appointment.changed", object_id=appointment.id)


def _is_near(appointment: Appointment, planned: PlannedStep, sent: Reminder, *, by: Plan) -> bool:
    """Whether a step has come nearer to one that was sent than two are to be.

    The other counts from when it was due: that it left some seconds or hours late was seen to then.
    """
    other = by.step(sent.step)
    least = apart(planned.step, other, appointment.starts_at) if other is not None else APART
    return abs(planned.due_at - sent.due_at) < least


def _follow(
    act: Act,
    appointment: Appointment,
    rows: Sequence[Reminder],
    *,
    sent: Sequence[Reminder],
    by: Plan,
    rules: ReminderRules,
) -> None:
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
    plan_waiting(act, appointment, stay, sent=sent, by=by, rules=rules)


def _is_to_come(appointment: Appointment, by: Plan, row: Reminder, *, rules: ReminderRules, at: datetime) -> bool:
    """Whether a reminder that an earlier plan took out is a step of this one, and its time has not come."""
    step = by.step(row.step)
    return step is not None and due_moment(appointment.starts_at, step=step, hours=rules.hours_of(by)) > at


def _added(
    act: Act, appointment: Appointment, by: Plan, *, known: Collection[str], rules: ReminderRules
) -> list[Reminder]:
    new = _new_steps(appointment, by, known=known, rules=rules, at=act.now)
    added = [Reminder(**row_of(act, appointment, step, by=by)) for step in new]
    act.session.add_all(added)
    return added


def _new_steps(
    appointment: Appointment, by: Plan, *, known: Collection[str], rules: ReminderRules, at: datetime
) -> Sequence[PlannedStep]:
    """Return the steps of a plan that a meeting does not have yet and that are still to come."""
    new = [step for step in by.steps if step.key not in known]
    hours = rules.hours_of(by)
    coming = [step for step in new if due_moment(appointment.starts_at, step=step, hours=hours) > at]
    planned = plan(appointment.starts_at, now=at, steps=coming, hours=hours, useful_until=rules.useful_until)
    return [step for step in planned if step.skip_reason is None]


def _skip(act: Act, reminder: Reminder, appointment: Appointment, reason: str) -> None:
    reminder.state, reminder.reason, reminder.decided_at = ReminderState.SKIPPED, reason, act.now
    reminder.words, reminder.words_digest = None, None
    journal_skipped(act, [reminder], citizen_id=appointment.citizen_id)
