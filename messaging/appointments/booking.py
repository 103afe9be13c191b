"""Booking meetings and changing them; a change of time, place or form withdraws the reminders and plans new ones."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from messaging.appointments.exposing import learn_told
from messaging.appointments.freezing import decide_anew, freeze, pass_over_begun
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Form
from messaging.appointments.moving import tell_of_moves
from messaging.appointments.planning import ReminderRules, plan_reminders, withdraw_reminders
from messaging.appointments.states import MOVED, OPEN, AppointmentState
from messaging.database.base import new_id
from messaging.database.changes import Change
from messaging.errors import Conflict
from messaging.journal.events import EventType
from messaging.journal.recording import Facts, NewEvent, record_many
from messaging.people.acting import Act
from messaging.people.models import Caseworker
from messaging.vault.sealed import Sealed


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """What is agreed about a meeting. `place` is the name of an approved place; `starts_at` is aware."""

    caseworker_id: uuid.UUID
    starts_at: datetime
    minutes: int
    meeting_type: str
    form: Form
    place: str | None
    self_booked: bool = False
    reminded_by_huskeservice: bool | None = None
    reminded_by_nemsms: bool | None = None
    reminded_by_booking_system: bool | None = None


@dataclass(frozen=True, kw_only=True)
class NewAppointment:
    """A meeting to be booked. `row_digest` is given by an import, to know the row again."""

    citizen_id: uuid.UUID
    source: str
    external_id: str
    meeting: Meeting
    note: str = ""
    row_digest: bytes | None = None
    id: uuid.UUID = field(default_factory=new_id)


def book_appointment(act: Act, new: NewAppointment, *, rules: ReminderRules) -> Appointment:
    """Book one meeting. Raises Conflict if this source has one by that id already."""
    taken = sa.select(Appointment.id).filter_by(source=new.source, external_id=new.external_id)
    if act.session.scalar(taken) is not None:
        raise Conflict("this source has an appointment by that id already")
    return book_appointments(act, [new], rules=rules)[0]


def book_appointments(act: Act, new: Sequence[NewAppointment], *, rules: ReminderRules) -> list[Appointment]:
    """Book meetings that are not there yet, in a few statements for all of them, and plan their reminders."""
    appointments = [_appointment(act, booking) for booking in new]
    act.session.add_all(appointments)
    _tell(act, appointments, EventType.APPOINTMENT_IMPORTED)
    plan_reminders(act, appointments=appointments, rules=rules)
    return appointments


def change_appointment(act: Act, *, appointment_id: uuid.UUID, meeting: Meeting, rules: ReminderRules) -> Appointment:
    """Let a meeting be as agreed now. Raises NotFound."""
    appointment = lock_appointment(act, appointment_id)
    change_appointments(act, [(appointment, meeting)], rules=rules)
    return appointment


def change_appointments(act: Act, changes: Iterable[tuple[Appointment, Meeting]], *, rules: ReminderRules) -> None:
    """Let meetings be as agreed now; those that are so already are left alone. Their citizens' threads are locked."""
    changed = [(appointment, meeting) for appointment, meeting in changes if meeting_of(appointment) != meeting]
    revised = [appointment for appointment, meeting in changed if _is_other_meeting(appointment, meeting)]
    moved = {
        appointment: appointment.starts_at
        for appointment, meeting in changed
        if appointment.starts_at != meeting.starts_at
    }
    freeze(act, moved)
    for appointment, meeting in changed:
        _take_over(act, appointment, meeting)
    pass_over_begun(act, moved)
    learn_told(act, [appointment for appointment, _ in changed if appointment.starts_at <= act.now])
    appointments = [appointment for appointment, _ in changed]
    _tell(act, appointments, EventType.APPOINTMENT_CHANGED)
    act.session.flush()
    withdraw_reminders(act, appointments=revised, reason=MOVED)
    standing = [appointment for appointment in revised if appointment.state in OPEN]
    plan_reminders(act, appointments=standing, rules=rules)
    tell_of_moves(act, moved, rules=rules)


def restore_appointments(act: Act, appointments: Sequence[Appointment], *, rules: ReminderRules) -> None:
    """Let meetings that were cancelled stand again as they are, with reminders of their own. Their threads are locked.

    The new revision keeps apart what became of them before and what becomes of them now.
    """
    freeze(act, [appointment for appointment in appointments if appointment.starts_at <= act.now])
    for appointment in appointments:
        appointment.revision += 1
        appointment.state, appointment.state_since = AppointmentState.BOOKED, act.now
    _tell(act, appointments, EventType.APPOINTMENT_CHANGED)
    act.session.flush()
    decide_anew(act, appointments)
    plan_reminders(act, appointments=appointments, rules=rules)


def rename_appointments(act: Act, renamed: Sequence[tuple[Appointment, str]]) -> None:
    """Let meetings have the ids their source calls them by now; nothing else about them changes."""
    for appointment, external_id in renamed:
        appointment.external_id = external_id
    _tell(act, [appointment for appointment, _ in renamed], EventType.APPOINTMENT_CHANGED)
    act.session.flush()


def meeting_of(appointment: Appointment) -> Meeting:
    """Return what is agreed about this meeting now."""
    return Meeting(
        caseworker_id=appointment.caseworker_id,
        starts_at=appointment.starts_at,
        minutes=appointment.minutes,
        meeting_type=appointment.meeting_type,
        form=appointment.form,
        place=appointment.place,
        self_booked=appointment.self_booked,
        reminded_by_huskeservice=appointment.reminded_by_huskeservice,
        reminded_by_nemsms=appointment.reminded_by_nemsms,
        reminded_by_booking_system=appointment.reminded_by_booking_system,
    )


def seal_note(act: Act, note: str, *, citizen_id: uuid.UUID, appointment_id: uuid.UUID) -> Sealed | None:
    """Seal the booking system's free text for its appointment; nothing if there is none."""
    if not note:
        return None
    return act.seal(note, owner=citizen_id, table="appointments", column="note", row=appointment_id)


def _appointment(act: Act, new: NewAppointment) -> Appointment:
    appointment = Appointment(
        id=new.id,
        source=new.source,
        external_id=new.external_id,
        citizen_id=new.citizen_id,
        state=AppointmentState.BOOKED,
        state_since=act.now,
        revision=1,
        booked_at=act.now,
        row_digest=new.row_digest,
    )
    appointment.note = seal_note(act, new.note, citizen_id=new.citizen_id, appointment_id=appointment.id)
    _agree(appointment, new.meeting)
    return appointment


def _take_over(act: Act, appointment: Appointment, meeting: Meeting) -> None:
    """A meeting at another time is booked anew: what was answered or decided concerned the old time.

    One that has ended keeps its revision, and with it its outcome, whatever else is corrected about it.
    """
    is_moved = appointment.starts_at != meeting.starts_at
    if is_moved or (appointment.state in OPEN and _is_other_meeting(appointment, meeting)):
        appointment.revision += 1
    if is_moved and appointment.state is not AppointmentState.BOOKED:
        appointment.state, appointment.state_since = AppointmentState.BOOKED, act.now
    _agree(appointment, meeting)


def _is_other_meeting(appointment: Appointment, meeting: Meeting) -> bool:
    """Whether the citizen must hear of it anew."""
    before = (appointment.starts_at, appointment.form, appointment.place)
    return before != (meeting.starts_at, meeting.form, meeting.place)


def _agree(appointment: Appointment, meeting: Meeting) -> None:
    appointment.caseworker_id = meeting.caseworker_id
    appointment.starts_at = meeting.starts_at
    appointment.minutes = meeting.minutes
    appointment.meeting_type = meeting.meeting_type
    appointment.form = meeting.form
    appointment.place = meeting.place
    appointment.self_booked = meeting.self_booked
    appointment.reminded_by_huskeservice = meeting.reminded_by_huskeservice
    appointment.reminded_by_nemsms = meeting.reminded_by_nemsms
    appointment.reminded_by_booking_system = meeting.reminded_by_booking_system


def _tell(act: Act, appointments: Sequence[Appointment], type_: EventType) -> None:
    initials = _initials(act, {appointment.caseworker_id for appointment in appointments})
    events = [
        NewEvent(
            stream_id=appointment.citizen_id,
            type=type_,
            subject_id=appointment.id,
            occurred_at=act.now,
            facts=_facts(appointment, caseworker=initials[appointment.caseworker_id]),
        )
        for appointment in appointments
    ]
    record_many(act.session, act.vault, events=events)
    for appointment in appointments:
        act.audit(type_, object_kind="appointment", object_id=appointment.id, facts={"revision": appointment.revision})
    if appointments:
        rows = [{"kind": "appointment.changed", "object_id": appointment.id} for appointment in appointments]
        act.session.execute(sa.insert(Change), rows)


def _facts(appointment: Appointment, *, caseworker: str) -> Facts:
    return {
        "external_id": appointment.external_id,
        "source": appointment.source,
        "starts_at": appointment.starts_at.isoformat(),
        "minutes": appointment.minutes,
        "meeting_type": appointment.meeting_type,
        "form": appointment.form,
        "place": appointment.place,
        "caseworker": caseworker,
        "state": appointment.state,
        "revision": appointment.revision,
    }


def _initials(act: Act, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = act.session.execute(sa.select(Caseworker.id, Caseworker.initials).where(Caseworker.id.in_(ids)))
    return {row.id: row.initials for row in rows}
