"""The reminder plan as rows: written when a meeting is booked or moved, withdrawn when it no longer holds.

A step that is not to be sent is a row too, with the reason: "why was no reminder sent?" always has an answer.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plans import Plan, Plans, draw_text
from messaging.appointments.states import ReminderState
from messaging.appointments.timing import STEPS, USEFUL_UNTIL, PlannedStep, Step, plan
from messaging.config import Config
from messaging.conversations.models import Message
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours, Span
from messaging.conversations.sending import cancel_waiting
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.database.many_rows import insert_many
from messaging.journal.events import EventType
from messaging.journal.recording import NewEvent, record_many
from messaging.people.acting import Act, Facts


@dataclass(frozen=True, kw_only=True)
class ReminderRules:
    """In which hours reminders leave, how long before the meeting they are still useful, and which there are where no
    plan holds."""

    steps: Sequence[Step] = STEPS
    hours: OpenHours = REMINDER_HOURS
    useful_until: timedelta = USEFUL_UNTIL


def reminder_rules(config: Config) -> ReminderRules:
    """Return the rules of this deployment."""
    hours = OpenHours(
        weekday=_span(config.reminder_weekdays),
        weekend=_span(config.reminder_weekends),
        closed_days=frozenset(config.closed_days),
    )
    steps = tuple(Step(key=f"{days}_day{'s' if days > 1 else ''}", days=days) for days in config.reminder_days)
    return ReminderRules(steps=steps, hours=hours, useful_until=timedelta(minutes=config.too_late_minutes))


def plan_reminders(act: Act, *, appointments: Sequence[Appointment], rules: ReminderRules) -> None:
    """Write the reminders of the present revision of these meetings, which have none yet, by the plan of each."""
    plans = Plans(act.session, steps=rules.steps).choose(appointments)
    rows = [row for appointment in appointments for row in _rows(act, appointment, plans[appointment.id], rules=rules)]
    insert_many(act.session, Reminder, rows)
    citizens = {appointment.id: appointment.citizen_id for appointment in appointments}
    _journal_skipped(act, [row for row in rows if row["state"] is ReminderState.SKIPPED], citizens=citizens)


def withdraw_reminders(act: Act, *, appointments: Sequence[Appointment], reason: str) -> None:
    """Skip what is planned of these meetings, and call back what is written and has not left."""
    citizens = {appointment.id: appointment.citizen_id for appointment in appointments}
    if not citizens:
        return
    skipped = act.session.execute(
        sa.update(Reminder)
        .where(
            Reminder.appointment_id.in_(citizens),
            Reminder.state.in_((ReminderState.PLANNED, ReminderState.ON_HOLD)),
        )
        .values(state=ReminderState.SKIPPED, reason=reason, decided_at=act.now)
        .returning(Reminder.id, Reminder.appointment_id, Reminder.revision, Reminder.step, Reminder.reason)
        .execution_options(synchronize_session=False)
    )
    _journal_skipped(act, [dict(row) for row in skipped.mappings()], citizens=citizens)
    # Read after the update: a reminder that was being written at the same moment is committed by now.
    written = act.session.scalars(
        sa.select(Reminder.message_id).where(Reminder.appointment_id.in_(citizens), Reminder.message_id.is_not(None))
    )
    message_ids = [message_id for message_id in written if message_id]
    if cancel_waiting(act, message_ids=message_ids, reason=reason):
        _plan_again(act, message_ids, spare=citizens)


def _plan_again(act: Act, message_ids: Sequence[uuid.UUID], *, spare: Collection[uuid.UUID]) -> None:
    """Let what these messages, which were called back, said of other meetings too be said anew."""
    called_back = sa.select(Message.id).where(Message.id.in_(message_ids), Message.state == MessageState.CANCELLED)
    act.session.execute(
        sa.update(Reminder)
        .where(
            Reminder.message_id.in_(called_back),
            Reminder.appointment_id.not_in(spare),
            Reminder.state == ReminderState.SENT,
        )
        .values(state=ReminderState.PLANNED, reason=None, message_id=None, decided_at=None, due_at=act.now)
        .execution_options(synchronize_session=False)
    )


def journal_skipped(act: Act, reminders: Sequence[Reminder], *, citizen_id: uuid.UUID) -> None:
    """Tell the case system of these reminders of one citizen, which have just been skipped."""
    rows = [
        {
            "id": row.id,
            "appointment_id": row.appointment_id,
            "revision": row.revision,
            "step": row.step,
            "reason": row.reason,
        }
        for row in reminders
    ]
    _journal_skipped(act, rows, citizens={row.appointment_id: citizen_id for row in reminders})


def facts_of(*, appointment_id: uuid.UUID, revision: int, step: str) -> Facts:
    """Return how the case system is told which reminder an event is about."""
    return {"appointment": str(appointment_id), "revision": revision, "step": step}


def _rows(act: Act, appointment: Appointment, by: Plan, *, rules: ReminderRules) -> Iterator[dict[str, Any]]:
    planned = plan(
        appointment.starts_at, now=act.now, steps=by.steps, hours=rules.hours, useful_until=rules.useful_until
    )
    for step in planned:
        yield row_of(act, appointment, step, by=by)


def row_of(act: Act, appointment: Appointment, planned: PlannedStep, *, by: Plan) -> dict[str, Any]:
    """Return the row of one planned step."""
    skipped = planned.skip_reason is not None
    return {
        "id": new_id(),
        "appointment_id": appointment.id,
        "revision": appointment.revision,
        "step": planned.step.key,
        "due_at": planned.due_at,
        "state": ReminderState.SKIPPED if skipped else ReminderState.PLANNED,
        "reason": planned.skip_reason,
        "decided_at": act.now if skipped else None,
        "plan_id": by.id,
        "wording": draw_text(act.vault, by, appointment_id=appointment.id, step=planned.step.key),
    }


def _journal_skipped(act: Act, rows: Sequence[dict[str, Any]], *, citizens: dict[uuid.UUID, uuid.UUID]) -> None:
    events = [
        NewEvent(
            stream_id=citizens[row["appointment_id"]],
            type=EventType.REMINDER_SKIPPED,
            subject_id=row["id"],
            occurred_at=act.now,
            facts={
                **facts_of(appointment_id=row["appointment_id"], revision=row["revision"], step=row["step"]),
                "reason": row["reason"],
            },
        )
        for row in rows
    ]
    record_many(act.session, act.vault, events=events)


def _span(hours: tuple[int, int]) -> Span:
    opens, closes = hours
    return Span(opens=time(opens), closes=time(closes) if closes < 24 else time.max)
