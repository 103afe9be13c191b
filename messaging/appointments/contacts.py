"""Calls, visits and talks at the desk: noted, and what was agreed there about a meeting recorded with them."""

import enum
import uuid

from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.states import OPEN, AppointmentState, OutcomeWord
from messaging.conversations.note_models import Note
from messaging.conversations.noting import NewNote, write_note
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act


class Said(enum.StrEnum):
    """What the citizen said of a meeting to come."""

    COMES = "comes"
    NEW_TIME = "new_time"
    NOTICE = "notice"
    """She does not come, and has given notice before it begins."""


def note_contact(
    act: Act,
    new: NewNote,
    *,
    citizen_id: uuid.UUID,
    settles: bool = False,
    appointment_id: uuid.UUID | None = None,
    said: Said | None = None,
) -> Note:
    """Note a contact, and what was said in it of one meeting of this citizen.

    Raises as `write_note`; InvalidInput for something said without being reached; NotFound or Conflict for a meeting
    that is not hers, has begun or has ended.
    """
    appointment = _lock(act, appointment_id, citizen_id=citizen_id) if appointment_id and said else None
    note = write_note(act, new, citizen_id=citizen_id, settles=settles)
    if appointment is None or said is None:
        return note
    if not note.reached:
        raise InvalidInput("who was not reached has said nothing of a meeting", field="said")
    if said is Said.NOTICE:
        record_outcome(act, appointment_id=appointment.id, outcome=OutcomeWord.CANCELLED_BY_CITIZEN)
    elif said is Said.COMES:
        _move(act, appointment, AppointmentState.CONFIRMED, EventType.APPOINTMENT_CONFIRMED, note)
    else:
        _move(act, appointment, AppointmentState.NEW_TIME_ASKED, EventType.APPOINTMENT_NEW_TIME_ASKED, note)
    return note


def _lock(act: Act, appointment_id: uuid.UUID, *, citizen_id: uuid.UUID) -> Appointment:
    appointment = lock_appointment(act, appointment_id)
    if appointment.citizen_id != citizen_id:
        raise NotFound("there is no such appointment")
    if appointment.state not in OPEN or appointment.starts_at <= act.now:
        raise Conflict("this meeting has begun or has ended")
    return appointment


def _move(act: Act, appointment: Appointment, state: AppointmentState, type_: EventType, note: Note) -> None:
    if appointment.state is state:
        return
    appointment.state, appointment.state_since = state, act.now
    facts = {"note": str(note.id), "state": state}
    act.journal(type_, stream=appointment.citizen_id, subject=appointment.id, facts={**facts})
    act.audit(type_, object_kind="appointment", object_id=appointment.id, facts={**facts})
    act.announce("appointment.changed", object_id=appointment.id)
