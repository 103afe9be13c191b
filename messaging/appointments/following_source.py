"""A source that tells of one meeting at a time by its own id: what a line of its file would do, done at once.

As with a line of a file, what was told before does nothing, whatever has been changed here since. Beside it two things
differ, for there is nobody who reads a report: what we know better is an error to the caller, and what has begun is not
written anew.
"""

import uuid
from dataclasses import dataclass, fields, replace

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messaging.appointments.booking import (
    Meeting,
    NewAppointment,
    book_appointments,
    change_appointments,
    meeting_of,
    seal_note,
)
from messaging.appointments.calling_off import called_off_among, let_stand_again, note_called_off, notices_of
from messaging.appointments.cancelling import AlreadyBegun, Cancellation, cancel_by_us
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.planning import ReminderRules
from messaging.appointments.states import CANCELLED, OPEN, AppointmentState
from messaging.conversations.models import Kind
from messaging.conversations.office import Office
from messaging.conversations.sending import why_unreachable
from messaging.conversations.threads import lock_thread_to_be
from messaging.errors import Conflict
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.reaching import reach
from messaging.trial.capabilities import Sort
from messaging.vault.place import Place


class AnotherCitizens(Conflict):
    """The source has another citizen's meeting by this id."""

    code = "another_citizen"


class AlreadyCancelled(Conflict):
    """The meeting was cancelled here, and its source says that it stands."""

    code = "already_cancelled"


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A meeting that stands as its source says, and what of it did not until now; nothing of one just booked."""

    appointment_id: uuid.UUID
    is_new: bool = False
    changed: tuple[str, ...] = ()


def follow_source(act: Act, told: NewAppointment, *, rules: ReminderRules) -> Followed:
    """Let a meeting be as its source tells, booked if it is new. The citizen exists.

    What its source had called off stands again; at another time to come it is booked anew, whatever became of it.
    Raises AnotherCitizens, AlreadyCancelled or AlreadyBegun, and has done nothing then.
    """
    told = replace(told, row_digest=_digest(act, told))
    # Whoever tells the same at the same moment waits here, and finds the meeting that is booked now.
    lock_thread_to_be(act.session, told.citizen_id)
    known = _find(act, told)
    if known is None:
        try:
            with act.session.begin_nested():
                (booked,) = book_appointments(act, [told], rules=rules)
        except IntegrityError:  # somebody else's meeting took the id since we looked
            known = _find(act, told)
            if known is None:
                raise
        else:
            return Followed(appointment_id=booked.id, is_new=True)
    return _follow(act, lock_appointment(act, known), told, rules=rules)


def cancel_by_source(act: Act, *, appointment_id: uuid.UUID, reason: str, office: Office) -> Cancellation:
    """Cancel a meeting because its source did; one that is cancelled already stays as it is.

    Then the answer is as it was the first time, or why the citizen could not be told now.
    Raises NotFound, AlreadyBegun.
    """
    appointment = lock_appointment(act, appointment_id)
    if appointment.state in CANCELLED:
        note_called_off(act, appointment)
        _note_opened(act, appointment)
        return _cancelled_before(act, appointment)
    done = cancel_by_us(act, appointment_id=appointment_id, reason=reason, office=office)
    note_called_off(act, appointment)
    return done


def _cancelled_before(act: Act, appointment: Appointment) -> Cancellation:
    notice = next(iter(notices_of(act.session, [appointment.id])), None)
    unreachable = None
    if notice is None and appointment.state is AppointmentState.CANCELLED_BY_US:
        unreachable = why_unreachable(reach(act.session, appointment.citizen_id), Kind.NOTICE, sort=Sort.CANCELLATION)
    return Cancellation(appointment=appointment, notice=notice, unreachable=unreachable)


def _find(act: Act, told: NewAppointment) -> uuid.UUID | None:
    found = act.session.execute(
        sa.select(Appointment.id, Appointment.citizen_id).filter_by(source=told.source, external_id=told.external_id)
    ).first()
    if found is not None and found.citizen_id != told.citizen_id:
        raise AnotherCitizens("the appointment by this id is another citizen's")
    return found.id if found is not None else None


def _follow(act: Act, appointment: Appointment, told: NewAppointment, *, rules: ReminderRules) -> Followed:
    state, before, is_called_off = appointment.state, meeting_of(appointment), _is_called_off(act, appointment)
    if appointment.row_digest == told.row_digest and not is_called_off and state not in CANCELLED:
        _note_opened(act, appointment)
        return Followed(appointment_id=appointment.id)
    if not (is_called_off and state in CANCELLED):
        _refuse_what_is_past(act, appointment, told.meeting)
    change_appointments(act, [(appointment, told.meeting)], rules=rules)
    appointment.row_digest = told.row_digest
    if is_called_off:
        let_stand_again(act, [appointment], rules=rules)
    changed = _differences(before, told.meeting)
    if _note_of(act, appointment) != told.note:
        appointment.note = seal_note(act, told.note, citizen_id=appointment.citizen_id, appointment_id=appointment.id)
        act.audit(
            EventType.APPOINTMENT_CHANGED,
            object_kind="appointment",
            object_id=appointment.id,
            facts={"revision": appointment.revision, "note": True},
        )
        act.announce("appointment.changed", object_id=appointment.id)
        changed = (*changed, "note")
    if appointment.state is not state:
        changed = (*changed, "state")
    if not changed:
        _note_opened(act, appointment)
    return Followed(appointment_id=appointment.id, changed=changed)


def _refuse_what_is_past(act: Act, appointment: Appointment, meeting: Meeting) -> None:
    """Another time to come is a meeting to come, whatever became of the old one: as in a file, and by hand."""
    if meeting.starts_at != appointment.starts_at and meeting.starts_at > act.now:
        return
    if appointment.state in CANCELLED:
        raise AlreadyCancelled("the meeting was cancelled here; only another time to come books it anew")
    has_begun = appointment.state not in OPEN or appointment.starts_at <= act.now
    # Of others' reminders many a system learns only once they have left: those it may tell of later too.
    if has_begun and set(_differences(meeting_of(appointment), meeting)) - set(REMINDED_BY):
        raise AlreadyBegun("the meeting has begun or ended; only another time to come books it anew")


def _digest(act: Act, told: NewAppointment) -> bytes:
    said = {**vars(told.meeting), "citizen": told.citizen_id, "note": told.note}
    return act.vault.fingerprint(orjson.dumps(said), purpose="told appointment")


def _differences(before: Meeting, after: Meeting) -> tuple[str, ...]:
    """Return what differs, as the API calls it."""
    differing = (field.name for field in fields(Meeting) if getattr(before, field.name) != getattr(after, field.name))
    return tuple(name.removesuffix("_id") for name in differing)


def _is_called_off(act: Act, appointment: Appointment) -> bool:
    return act.session.scalar(called_off_among([appointment.id])) is not None


def _note_of(act: Act, appointment: Appointment) -> str:
    if appointment.note is None:
        return ""
    place = Place("appointments", "note", appointment.id)
    return act.vault.open(appointment.note, owner=appointment.citizen_id, place=place)


def _note_opened(act: Act, appointment: Appointment) -> None:
    """Nothing was done, but what the meeting is goes out with the answer."""
    act.audit("appointment.opened", object_kind="appointment", object_id=appointment.id)
