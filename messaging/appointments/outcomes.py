"""What became of a meeting: recorded once, and corrected beside the old, never over it."""

import uuid

import sqlalchemy as sa

from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Outcome
from messaging.appointments.planning import withdraw_reminders
from messaging.appointments.states import OPEN, AppointmentState, OutcomeWord
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts

CANCELLED = "cancelled"
"""Why a reminder of a cancelled meeting is not sent."""


class NotBegun(Conflict):
    """The meeting has not begun: nobody can know yet whether it was held."""

    code = "not_begun"


class AlreadyRecorded(Conflict):
    """There is an outcome already; another one is a correction, with a reason."""

    code = "already_recorded"


def record_outcome(act: Act, *, appointment_id: uuid.UUID, outcome: OutcomeWord, reason: str | None = None) -> Outcome:
    """Record what became of a meeting.

    Before it begins only the citizen's own cancellation can be recorded; ours is `cancel_by_us`, because the citizen
    must hear of it. Raises NotFound, NotBegun or AlreadyRecorded.
    """
    appointment = lock_appointment(act, appointment_id)
    if appointment.state not in OPEN:
        raise AlreadyRecorded("this meeting has an outcome; correct it instead")
    if act.now >= appointment.starts_at:
        return _record(act, appointment, outcome=outcome, reason=reason)
    if outcome is not OutcomeWord.CANCELLED_BY_CITIZEN:
        raise NotBegun("the meeting has not begun yet")
    return end_before(act, appointment, outcome=outcome, reason=reason)


def correct_outcome(act: Act, *, appointment_id: uuid.UUID, outcome: OutcomeWord, reason: str) -> Outcome:
    """Say that what was recorded was wrong; it stands beside the correction for ever.

    Raises NotFound, InvalidInput without a reason, Conflict if there is nothing to correct.
    """
    if not reason.strip():
        raise InvalidInput("a correction needs a reason", field="reason")
    appointment = lock_appointment(act, appointment_id)
    wrong = present_outcome(act, appointment)
    if wrong is None or wrong.outcome is outcome:
        raise Conflict("there is no other outcome to correct")
    if act.now < appointment.starts_at and outcome is not OutcomeWord.CANCELLED_BY_CITIZEN:
        raise NotBegun("the meeting has not begun yet")
    return _record(act, appointment, outcome=outcome, reason=reason, corrects=wrong)


def present_outcome(act: Act, appointment: Appointment) -> Outcome | None:
    """Return what is held to have become of the meeting at its present time: the last correction, if there is one."""
    corrected = sa.select(Outcome.corrects_id).where(Outcome.corrects_id.is_not(None))
    return act.session.scalar(
        sa.select(Outcome).where(
            Outcome.appointment_id == appointment.id,
            Outcome.revision == appointment.revision,
            Outcome.id.not_in(corrected),
        )
    )


def end_before(act: Act, appointment: Appointment, *, outcome: OutcomeWord, reason: str | None) -> Outcome:
    """End a meeting that has not begun: its reminders are called back. The appointment is locked."""
    withdraw_reminders(act, appointments=[appointment], reason=CANCELLED)
    recorded = _record(act, appointment, outcome=outcome, reason=reason)
    act.journal(
        EventType.APPOINTMENT_CANCELLED,
        stream=appointment.citizen_id,
        subject=appointment.id,
        facts={"cancelled_by": outcome, "reason": reason, "state": appointment.state},
    )
    return recorded


def _record(
    act: Act,
    appointment: Appointment,
    *,
    outcome: OutcomeWord,
    reason: str | None,
    corrects: Outcome | None = None,
) -> Outcome:
    row = Outcome(
        id=new_id(),
        appointment_id=appointment.id,
        revision=appointment.revision,
        outcome=outcome,
        recorded_by=_actor(act),
        recorded_at=act.now,
        corrects_id=corrects.id if corrects else None,
    )
    if reason:
        row.reason = act.seal(reason, owner=appointment.citizen_id, table="outcomes", column="reason", row=row.id)
    act.session.add(row)
    appointment.state, appointment.state_since = AppointmentState(outcome), act.now
    _tell(act, appointment, row, reason=reason)
    return row


def _tell(act: Act, appointment: Appointment, row: Outcome, *, reason: str | None) -> None:
    facts: Facts = {
        "outcome": row.outcome,
        "outcome_id": str(row.id),
        "recorded_by": row.recorded_by,
        "reason": reason,
    }
    if row.corrects_id:
        facts["corrects"] = str(row.corrects_id)
    type_ = EventType.OUTCOME_CORRECTED if row.corrects_id else EventType.OUTCOME_RECORDED
    act.journal(type_, stream=appointment.citizen_id, subject=appointment.id, facts=facts)
    act.audit(type_, object_kind="appointment", object_id=appointment.id, facts={"outcome": row.outcome})
    act.announce("appointment.changed", object_id=appointment.id)


def _actor(act: Act) -> str:
    return f"{act.actor.kind}:{act.actor.id}" if act.actor.id else str(act.actor.kind)
