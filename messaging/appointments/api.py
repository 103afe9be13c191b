"""Appointments, their outcomes and reminders over HTTP."""

import uuid
from dataclasses import replace
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments import booking, cancelling, outcomes, queries
from messaging.appointments.models import Form
from messaging.appointments.planning import reminder_rules
from messaging.appointments.states import AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.office import Office
from messaging.errors import InvalidInput
from messaging.people.models import Caseworker
from messaging.people.visibility import find_citizen
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.shapes import Moment, PageQuery, Shape, Text, page_of
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

LISTING = "appointments"

appointments = ApiBlueprint("appointments", __name__, description="Meetings, their reminders and outcomes")


class ReminderShape(Shape):
    """One step of the reminder plan, and what was done about it."""

    step = ma.fields.String(required=True)
    revision = ma.fields.Integer(required=True)
    due_at = Moment(required=True)
    state = ma.fields.Enum(ReminderState, by_value=True, required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    message_id = ma.fields.UUID(required=True, allow_none=True)


class OutcomeShape(Shape):
    """What became of a meeting. A correction stands beside the outcome it corrects."""

    id = ma.fields.UUID(required=True, dump_only=True)
    outcome = ma.fields.Enum(OutcomeWord, by_value=True, required=True)
    reason = Text(allow_none=True, validate=ma.validate.Length(max=1000))
    recorded_by = ma.fields.String(required=True, dump_only=True)
    recorded_at = Moment(required=True, dump_only=True)
    corrects_id = ma.fields.UUID(required=True, dump_only=True, allow_none=True)


class CorrectionShape(Shape):
    """What became of a meeting after all, and why it was recorded otherwise."""

    outcome = ma.fields.Enum(OutcomeWord, by_value=True, required=True)
    reason = Text(required=True, validate=ma.validate.Length(min=1, max=1000))


class ReasonShape(Shape):
    """Why something is done."""

    reason = Text(required=True, validate=ma.validate.Length(min=1, max=1000))


class MeetingShape(Shape):
    """What is agreed about a meeting. `caseworker` are her initials, `place` the name of an approved place."""

    caseworker = Text(required=True, validate=ma.validate.Length(min=1, max=40))
    starts_at = Moment(required=True)
    minutes = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(min=1, max=24 * 60))
    meeting_type = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    form = ma.fields.Enum(Form, by_value=True, required=True)
    place = Text(load_default=None, allow_none=True, validate=ma.validate.Length(max=200))
    self_booked = ma.fields.Boolean(load_default=False)
    reminded_elsewhere = ma.fields.Boolean(load_default=False)


class AppointmentShape(MeetingShape):
    """A meeting with its reminders and outcomes, oldest first."""

    id = ma.fields.UUID(required=True, dump_only=True)
    source = ma.fields.String(required=True, dump_only=True)
    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    citizen_id = ma.fields.UUID(required=True)
    state = ma.fields.Enum(AppointmentState, by_value=True, required=True, dump_only=True)
    state_since = Moment(required=True, dump_only=True)
    revision = ma.fields.Integer(required=True, dump_only=True)
    reminders = ma.fields.List(ma.fields.Nested(ReminderShape), required=True, dump_only=True)
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeShape), required=True, dump_only=True)


class CancelledShape(Shape):
    """A meeting we cancelled, and the notice of it. Without one, `unreachable` says why: somebody must ring."""

    appointment = ma.fields.Nested(AppointmentShape, required=True)
    notice_id = ma.fields.UUID(required=True, allow_none=True)
    unreachable = ma.fields.String(required=True, allow_none=True)


class NewAppointmentShape(MeetingShape):
    """A meeting to be booked. `external_id` is the caller's own; the note is for staff and never leaves."""

    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    citizen_id = ma.fields.UUID(required=True)
    note = Text(load_default="", validate=ma.validate.Length(max=4000))


class AppointmentQuery(PageQuery):
    """Which meetings: of one citizen, from a moment, before a moment."""

    citizen_id = ma.fields.UUID()
    since = Moment()
    until = Moment()


@appointments.get("/appointments")
@appointments.needs("appointments:read")
@appointments.takes(AppointmentQuery, where="query")
@appointments.gives(200, page_of(AppointmentShape))
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """List meetings by the time they begin, with the log of their reminders."""
    runtime, limit = current_runtime(), query["limit"]
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing=LISTING, kinds=queries.LISTING_KINDS)
    with runtime.database.read() as session:
        rows = queries.list_appointments(
            session,
            runtime.vault,
            calling_actor(),
            citizen_id=query.get("citizen_id"),
            since=query.get("since"),
            until=query.get("until"),
            after=after,
            limit=limit + 1,
        )
    more = write_cursor(runtime.vault, listing=LISTING, key=rows[limit - 1].key) if len(rows) > limit else None
    return {"items": rows[:limit], "next": more}


@appointments.post("/appointments")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(NewAppointmentShape)
@appointments.gives(201, AppointmentShape)
def book(asked: dict[str, Any]) -> queries.AppointmentView:
    """Book a meeting; its reminders are planned. The same `external_id` again is a conflict."""
    runtime, actor = current_runtime(), calling_actor()
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, asked["citizen_id"])
        new = booking.NewAppointment(
            citizen_id=asked.pop("citizen_id"),
            source=f"api:{actor.id}",
            external_id=asked.pop("external_id"),
            note=asked.pop("note"),
            meeting=booking.Meeting(caseworker_id=_caseworker(act.session, asked.pop("caseworker")), **asked),
        )
        booked = booking.book_appointment(act, new, rules=reminder_rules(runtime.config))
    return _shown(booked.id)


@appointments.get("/appointments/<uuid:appointment_id>")
@appointments.needs("appointments:read", errors=(404,))
@appointments.gives(200, AppointmentShape)
def show(appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Show one meeting with the log of its reminders."""
    return _shown(appointment_id, wake=False)


@appointments.patch("/appointments/<uuid:appointment_id>")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(MeetingShape(partial=True))
@appointments.gives(200, AppointmentShape)
def change(asked: dict[str, Any], appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Change a meeting; another time, place or form withdraws its reminders and plans new ones."""
    runtime, actor = current_runtime(), calling_actor()
    with runtime.act(actor) as act:
        appointment = queries.find_appointment(act.session, actor, appointment_id)
        if "caseworker" in asked:
            asked["caseworker_id"] = _caseworker(act.session, asked.pop("caseworker"))
        meeting = replace(booking.meeting_of(appointment), **asked)
        booking.change_appointment(
            act, appointment_id=appointment_id, meeting=meeting, rules=reminder_rules(runtime.config)
        )
    return _shown(appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/outcome")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(OutcomeShape)
@appointments.gives(201, AppointmentShape)
def record(asked: dict[str, Any], appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Record what became of a meeting."""
    with current_runtime().act(calling_actor()) as act:
        queries.find_appointment(act.session, act.actor, appointment_id)
        outcomes.record_outcome(
            act, appointment_id=appointment_id, outcome=asked["outcome"], reason=asked.get("reason")
        )
    return _shown(appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/outcome/correction")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(CorrectionShape)
@appointments.gives(201, AppointmentShape)
def correct(asked: dict[str, Any], appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Correct what was recorded; both stand side by side."""
    with current_runtime().act(calling_actor()) as act:
        queries.find_appointment(act.session, act.actor, appointment_id)
        outcomes.correct_outcome(act, appointment_id=appointment_id, outcome=asked["outcome"], reason=asked["reason"])
    return _shown(appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/cancel")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(ReasonShape)
@appointments.gives(200, CancelledShape)
def cancel(asked: dict[str, Any], appointment_id: uuid.UUID) -> dict[str, Any]:
    """Cancel a meeting from our side; the citizen hears of it at once."""
    runtime, actor = current_runtime(), calling_actor()
    with runtime.act(actor) as act:
        queries.find_appointment(act.session, actor, appointment_id)
        done = cancelling.cancel_by_us(
            act, appointment_id=appointment_id, reason=asked["reason"], office=Office.from_config(runtime.config)
        )
    runtime.waker.wake(Lane.URGENT)
    return {
        "appointment": _shown(appointment_id),
        "notice_id": done.notice.id if done.notice else None,
        "unreachable": done.unreachable,
    }


def _caseworker(session: Session, initials: str) -> uuid.UUID:
    found = session.scalar(sa.select(Caseworker.id).filter_by(initials=initials, active=True))
    if found is None:
        raise InvalidInput("there is no such caseworker", field="caseworker")
    return found


def _shown(appointment_id: uuid.UUID, *, wake: bool = True) -> queries.AppointmentView:
    runtime = current_runtime()
    if wake:
        for lane in (Lane.JOURNAL, Lane.UPKEEP):
            runtime.waker.wake(lane)
    with runtime.database.read() as session:
        return queries.one_appointment(session, runtime.vault, calling_actor(), appointment_id=appointment_id)
