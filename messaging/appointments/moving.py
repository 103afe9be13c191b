"""A meeting that is moved after we have told of its old time: the citizen hears of the new one, and the old is off.

The notice stands among the reminders of the meeting, as a step of its own: an answer to it is an answer about this
meeting, it is called back if the meeting is moved once more before it has left, and whoever is not reached is told like
everybody who could not be reminded. Who has heard nothing from us yet only hears of the new time, by its reminders.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.attributing import MAY_HAVE_ARRIVED
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plan_texts import NO_TEXT, UNWRITABLE
from messaging.appointments.planning import ReminderRules, facts_of, journal_skipped
from messaging.appointments.states import MOVED, OPEN, ReminderState
from messaging.appointments.timing import SkipReason
from messaging.appointments.urgent_notices import tell_urgently
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.open_hours import URGENT_HOURS, OpenHours
from messaging.conversations.rendering import EmptyVariable
from messaging.conversations.sending import NotReachable
from messaging.conversations.templates import NoValidTemplate
from messaging.database.base import new_id
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.vault.errors import CannotOpen, UnknownOwner

NOTICE = "M4"
NEAR = timedelta(hours=12)
"""A reminder sooner than this after the notice would say what she has just read."""
SOON = timedelta(hours=24)
"""Who might be on her way to the old time, or late for the new one, within this is told at once, on any day."""


def tell_of_moves(act: Act, moved: Mapping[Appointment, datetime], *, rules: ReminderRules) -> None:
    """Tell citizens that meetings were moved from these times, where that still matters. The threads are locked."""
    if rules.office is None:
        return
    told = _told_of(act.session, [appointment.id for appointment in moved])
    for appointment, before in moved.items():
        ahead = min(before, appointment.starts_at) - act.now
        if appointment.id in told and appointment.state in OPEN and ahead > timedelta(0):
            _tell(act, appointment, office=rules.office, hours=URGENT_HOURS if ahead < SOON else rules.hours)


def _told_of(session: Session, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of these meetings of which a message has reached the citizen, or may have."""
    if not ids:
        return set()
    told = (
        sa.select(Reminder.appointment_id)
        .join(Message, Message.id == Reminder.message_id)
        .where(
            Reminder.appointment_id.in_(ids),
            Reminder.state == ReminderState.SENT,
            Message.state.in_(MAY_HAVE_ARRIVED),
        )
    )
    return set(session.scalars(told))


def _tell(act: Act, appointment: Appointment, *, office: Office, hours: OpenHours) -> None:
    notice, reason = None, None
    try:
        notice = tell_urgently(act, appointment, key=NOTICE, office=office, hours=hours)
    except NotReachable as unreachable:
        reason = unreachable.reason
    except NoValidTemplate:
        reason = NO_TEXT
    except (EmptyVariable, CannotOpen, UnknownOwner):
        reason = UNWRITABLE
    row = Reminder(
        id=new_id(),
        appointment_id=appointment.id,
        revision=appointment.revision,
        step=MOVED,
        due_at=notice.due_at if notice else act.now,
        state=ReminderState.SENT if notice else ReminderState.SKIPPED,
        reason=reason,
        message_id=notice.id if notice else None,
        decided_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    if notice is None:
        journal_skipped(act, [row], citizen_id=appointment.citizen_id)
        return
    more: Facts = {"message": str(notice.id), "personal_line": False}
    facts = {**facts_of(appointment_id=appointment.id, revision=row.revision, step=MOVED), **more}
    act.journal(EventType.REMINDER_SENT, stream=appointment.citizen_id, subject=row.id, facts=facts)
    act.audit(EventType.REMINDER_SENT, object_kind="reminder", object_id=row.id, facts=facts)
    _skip_near(act, appointment, until=row.due_at + NEAR)


def _skip_near(act: Act, appointment: Appointment, *, until: datetime) -> None:
    """Skip what would remind of the new time so soon after the notice that has just told of it."""
    near = act.session.scalars(
        sa.select(Reminder).where(
            Reminder.appointment_id == appointment.id,
            Reminder.revision == appointment.revision,
            Reminder.state == ReminderState.PLANNED,
            Reminder.due_at < until,
        )
    ).all()
    for row in near:
        row.state, row.reason, row.decided_at = ReminderState.SKIPPED, SkipReason.NEAR_ANOTHER, act.now
        row.words = row.words_digest = None
    journal_skipped(act, near, citizen_id=appointment.citizen_id)
