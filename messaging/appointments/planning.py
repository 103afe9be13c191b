"""The reminder plan as rows: written when a meeting is booked or moved, withdrawn when it no longer holds.

A step that is not to be sent is a row too, with the reason: "why was no reminder sent?" always has an answer.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plans import Plan, Plans, draw_text
from messaging.appointments.states import ReminderState
from messaging.appointments.timing import STEPS, USEFUL_UNTIL, PlannedStep, Step, plan
from messaging.appointments.writing_ahead import write_ahead
from messaging.config import Config
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours, Span
from messaging.conversations.sending import cancel_waiting
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.database.many_rows import insert_many
from messaging.journal.events import EventType
from messaging.journal.recording import NewEvent, record_many
from messaging.people.acting import Act, Facts

Planned = tuple[Appointment, Sequence[dict[str, Any]]]
"""A meeting and the rows of its reminders."""


@dataclass(frozen=True, kw_only=True)
class ReminderRules:
    """In which hours reminders leave, how long before the meeting they are still useful, which there are where no
    plan holds, and the office that their words speak of; without one no words are written ahead."""

    steps: Sequence[Step] = STEPS
    hours: OpenHours = REMINDER_HOURS
    useful_until: timedelta = USEFUL_UNTIL
    office: Office | None = None

    def hours_of(self, by: Plan) -> OpenHours:
        """Return the hours in which the reminders of a plan leave."""
        return by.hours_within(self.hours)


def reminder_rules(config: Config) -> ReminderRules:
    """Return the rules of this deployment."""
    hours = OpenHours(
        weekday=Span.of_hours(*config.reminder_weekdays),
        weekend=Span.of_hours(*config.reminder_weekends),
        closed_days=frozenset(config.closed_days),
    )
    steps = tuple(Step(key=f"{days}_day{'s' if days > 1 else ''}", days=days) for days in config.reminder_days)
    return ReminderRules(
        steps=steps,
        hours=hours,
        useful_until=timedelta(minutes=config.too_late_minutes),
        office=Office.from_config(config),
    )


def plan_reminders(act: Act, *, appointments: Sequence[Appointment], rules: ReminderRules) -> None:
    """Write the reminders of the present revision of these meetings, which have none yet, by the plan of each, and the
    words of those that are to be sent."""
    put_down(act, planned_rows(act, appointments=appointments, rules=rules))


def planned_rows(act: Act, *, appointments: Sequence[Appointment], rules: ReminderRules) -> Sequence[Planned]:
    """Return what `plan_reminders` puts down; nothing is written."""
    plans = Plans(act.session, steps=rules.steps).choose(appointments)
    steps = _Steps(act, rules=rules)
    planned = [
        (appointment, [row_of(act, appointment, step, by=by) for step in steps.of(appointment.starts_at, by)])
        for appointment, by in zip(appointments, plans, strict=True)
    ]
    if rules.office is not None and planned:
        write_ahead(act, planned, office=rules.office, steps=rules.steps)
    return planned


def put_down(act: Act, planned: Sequence[Planned]) -> None:
    """Put planned rows down, and tell of the steps that are not to be sent."""
    insert_many(act.session, Reminder, [row for _, rows in planned for row in rows])
    skipped = [
        (appointment, row) for appointment, rows in planned for row in rows if row["state"] is ReminderState.SKIPPED
    ]
    citizens = {appointment.id: appointment.citizen_id for appointment, _ in skipped}
    _journal_skipped(act, [row for _, row in skipped], citizens=citizens)


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
        .values(state=ReminderState.SKIPPED, reason=reason, decided_at=act.now, words=None, words_digest=None)
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


class _Steps:
    """The planned steps of meetings; many begin at one time and have one plan."""

    def __init__(self, act: Act, *, rules: ReminderRules) -> None:
        self._now = act.now
        self._rules = rules
        self._known: dict[tuple[datetime, uuid.UUID | None], Sequence[PlannedStep]] = {}

    def of(self, starts_at: datetime, by: Plan) -> Sequence[PlannedStep]:
        """Return the steps of a meeting that begins then."""
        known = self._known.get((starts_at, by.id))
        if known is None:
            hours, useful_until = self._rules.hours_of(by), self._rules.useful_until
            known = plan(starts_at, now=self._now, steps=by.steps, hours=hours, useful_until=useful_until)
            self._known[starts_at, by.id] = known
        return known


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
        "wording": draw_text(act.vault, by, appointment_id=appointment.id, step=planned.step.key) if by.texts else None,
        "words": None,
        "words_digest": None,
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
