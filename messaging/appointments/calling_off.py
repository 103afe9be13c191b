"""Meetings that their source cancels, names no more, or names again. They go through the door of our own cancelling."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from messaging.appointments.booking import restore_appointments
from messaging.appointments.cancelling import cancel_by_us
from messaging.appointments.import_models import CalledOffMeeting, Doubt
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.planning import ReminderRules
from messaging.appointments.profiles import Snapshot
from messaging.appointments.states import CANCELLED, OPEN, OutcomeWord
from messaging.conversations.office import Office
from messaging.people.acting import Act


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
    if appointment.state in OPEN | CANCELLED and act.session.get(CalledOffMeeting, appointment_id) is None:
        act.session.add(CalledOffMeeting(appointment_id=appointment_id, called_off_at=act.now))
    if appointment.state not in OPEN:
        return None
    if outcome is OutcomeWord.CANCELLED_BY_US and appointment.starts_at > act.now:
        return cancel_by_us(act, appointment_id=appointment_id, reason=reason, office=office).unreachable
    record_outcome(act, appointment_id=appointment_id, outcome=outcome, reason=reason)
    return None


def let_stand_again(act: Act, appointments: Sequence[Appointment], *, rules: ReminderRules) -> None:
    """Book anew what a source had called off and names again. The citizens' threads are locked."""
    ids = [appointment.id for appointment in appointments]
    act.session.execute(sa.delete(CalledOffMeeting).where(CalledOffMeeting.appointment_id.in_(ids)))
    ended = [appointment for appointment in appointments if appointment.state in CANCELLED]
    restore_appointments(act, ended, rules=rules)


def called_off_among(ids: Collection[uuid.UUID]) -> sa.Select[uuid.UUID]:
    """Select which of these meetings their source has called off."""
    return sa.select(CalledOffMeeting.appointment_id).where(CalledOffMeeting.appointment_id.in_(ids))
