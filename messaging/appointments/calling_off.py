"""Meetings that their source cancels, names no more, or names again. They go through the door of our own cancelling."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking import restore_appointments
from messaging.appointments.cancelling import cancel_by_us
from messaging.appointments.import_models import CalledOffMeeting, Doubt
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Outcome
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.planning import ReminderRules
from messaging.appointments.profiles import Snapshot
from messaging.appointments.states import CANCELLED, OPEN, OutcomeWord
from messaging.conversations.models import Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.sending import cancel_waiting
from messaging.people.acting import Act

STANDS_AGAIN = "stands_again"
"""Why a notice of a cancellation is not sent."""


def judge(snapshot: Snapshot, *, coming: int, vanished: int, named_to_come: int, unread: int) -> Doubt | None:
    """Say why `vanished` of `coming` meetings are not held to be cancelled; None: they are."""
    if not vanished:
        return None
    if not named_to_come:
        return Doubt.NOTHING_TO_COME
    if unread:
        return Doubt.UNREAD_LINES
    believed = max(snapshot.always_believed, coming * snapshot.most_vanished_percent // 100)
    return Doubt.TOO_MANY if vanished > believed else None


def call_off(act: Act, *, appointment_id: uuid.UUID, outcome: OutcomeWord, reason: str, office: Office) -> str | None:
    """Cancel a meeting because its source did; one that has an end already keeps it.

    Our cancellation tells the citizen. Returns why she could not be told, if so: somebody must ring.
    """
    appointment = lock_appointment(act, appointment_id)
    if appointment.state in OPEN | CANCELLED:
        note_called_off(act, appointment)
    if appointment.state not in OPEN:
        return None
    if outcome is OutcomeWord.CANCELLED_BY_US and appointment.starts_at > act.now:
        return cancel_by_us(act, appointment_id=appointment_id, reason=reason, office=office).unreachable
    record_outcome(act, appointment_id=appointment_id, outcome=outcome, reason=reason)
    return None


def note_called_off(act: Act, appointment: Appointment) -> None:
    """Note that its source has called a meeting off, so that it may restore it. The meeting is locked."""
    if act.session.get(CalledOffMeeting, appointment.id) is None:
        act.session.add(CalledOffMeeting(appointment_id=appointment.id, called_off_at=act.now))


def notices_of(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Message]:
    """Return what was written to the citizens when these meetings were cancelled, by their source or before it by us.

    A notice names no meeting. It is known by the act that wrote it and by when it is of no more use: as the meeting
    begins. What tells of a meeting that was moved since stays true, for the old time is off.
    """
    return session.scalars(
        sa.select(Message)
        .join(Appointment, Appointment.citizen_id == Message.conversation_id)
        .join(Outcome, Outcome.appointment_id == Appointment.id)
        .where(
            Appointment.id.in_(ids),
            Outcome.outcome == OutcomeWord.CANCELLED_BY_US,
            Message.kind == Kind.NOTICE,
            Message.created_at == Outcome.recorded_at,
            Message.expires_at == Appointment.starts_at,
        )
    ).all()


def let_stand_again(act: Act, appointments: Sequence[Appointment], *, rules: ReminderRules) -> None:
    """Book anew what a source had called off and names again. The citizens' threads are locked.

    A notice of the cancellation that has not left would keep the citizen away: it is called back.
    """
    ids = [appointment.id for appointment in appointments]
    if not ids:
        return
    cancel_waiting(act, message_ids=[notice.id for notice in notices_of(act.session, ids)], reason=STANDS_AGAIN)
    act.session.execute(sa.delete(CalledOffMeeting).where(CalledOffMeeting.appointment_id.in_(ids)))
    ended = [appointment for appointment in appointments if appointment.state in CANCELLED]
    restore_appointments(act, ended, rules=rules)


def called_off_among(ids: Collection[uuid.UUID]) -> sa.Select[uuid.UUID]:
    """Select which of these meetings their source has called off."""
    return sa.select(CalledOffMeeting.appointment_id).where(CalledOffMeeting.appointment_id.in_(ids))
