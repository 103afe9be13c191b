"""Appointments, their outcomes and reminders over HTTP."""

import uuid
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from messaging.appointments import booking, cancelling, outcomes, queries, reporting
from messaging.appointments.calling_off import note_called_off
from messaging.appointments.external_ids import BETWEEN, source_of
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.planning import reminder_rules
from messaging.appointments.shapes import (
    AppointmentQuery,
    AppointmentShape,
    CancelledShape,
    CorrectionShape,
    GroupShape,
    LoggedAppointmentShape,
    LogQuery,
    MeetingShape,
    NewAppointmentShape,
    NewGroupShape,
    OutcomeShape,
    ReasonShape,
)
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.people.acting import Act
from messaging.people.queries import EVERYBODY, find_caseworker
from messaging.people.visibility import find_citizen
from messaging.web.api import ApiBlueprint, calling_actor, require_scope
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.shapes import page_of
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

LISTING = "appointments"
LOG = "reminder log"
ABOUT_THE_BOOKING = ("citizen_id", "external_id", "note")
"""What a booking says beside what is agreed about the meeting."""

appointments = ApiBlueprint("appointments", __name__, description="Meetings, their reminders and outcomes")


@appointments.get("/appointments")
@appointments.needs("appointments:read")
@appointments.takes(AppointmentQuery, where="query")
@appointments.gives(200, page_of(AppointmentShape))
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """List meetings by the time they begin, with the log of their reminders."""
    runtime, actor, limit = current_runtime(), calling_actor(), query["limit"]
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing=LISTING, kinds=queries.LISTING_KINDS)
    with runtime.database.read() as session:
        rows = queries.list_appointments(
            session,
            runtime.vault,
            actor,
            citizen_id=query.get("citizen_id"),
            since=query.get("since"),
            until=query.get("until"),
            after=after,
            limit=limit + 1,
        )
    with runtime.act(actor) as act:
        count = min(len(rows), limit)
        act.audit("appointments.listed", object_kind="citizens", object_id=EVERYBODY, facts={"count": count})
    more = write_cursor(runtime.vault, listing=LISTING, key=rows[limit - 1].key) if len(rows) > limit else None
    return {"items": rows[:limit], "next": more}


@appointments.post("/appointments")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.keyed
@appointments.takes(NewAppointmentShape)
@appointments.gives(201, AppointmentShape)
def book(asked: dict[str, Any], *, key: str) -> queries.AppointmentView:
    """Book a meeting; its reminders are planned. The same `external_id` under another key is a conflict."""
    runtime, actor, appointment_id = current_runtime(), calling_actor(), new_id()
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, asked["citizen_id"])
        earlier = take_key(
            act.session,
            scope=f"appointments:{actor.system}",
            key=key,
            fingerprint=fingerprint_of(runtime.vault, asked),
            object_id=appointment_id,
            at=act.now,
        )
        if earlier is None:
            new = new_appointment(act, appointment_id, asked)
            booking.book_appointment(act, new, rules=reminder_rules(settings_now(runtime)))
    return shown(earlier or appointment_id)


@appointments.post("/group-appointments")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.keyed
@appointments.takes(NewGroupShape)
@appointments.gives(201, GroupShape)
def book_group(asked: dict[str, Any], *, key: str) -> dict[str, Any]:
    """Book one meeting of several citizens: each has an appointment, reminders, answers and an outcome of her own."""
    runtime, actor = current_runtime(), calling_actor()
    parts = [_part_of(asked, citizen_id) for citizen_id in asked["citizen_ids"]]
    with runtime.act(actor) as act:
        for part in parts:
            find_citizen(act.session, actor, part["citizen_id"])
        earlier = take_key(
            act.session,
            scope=f"group appointments:{actor.system}",
            key=key,
            fingerprint=fingerprint_of(runtime.vault, asked),
            object_id=new_id(),
            at=act.now,
        )
        if earlier is None:
            rules = reminder_rules(settings_now(runtime))
            for part in parts:
                booking.book_appointment(act, new_appointment(act, new_id(), part), rules=rules)
        ids = queries.ids_by_external_id(
            act.session, source=source_of(actor), external_ids=[part["external_id"] for part in parts]
        )
    return {"items": [shown(ids[part["external_id"]]) for part in parts]}


@appointments.get("/appointments/<uuid:appointment_id>")
@appointments.needs("appointments:read", errors=(404,))
@appointments.gives(200, AppointmentShape)
def show(appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Show one meeting with the log of its reminders."""
    with current_runtime().act(calling_actor()) as act:
        act.audit("appointment.opened", object_kind="appointment", object_id=appointment_id)
        return queries.one_appointment(act.session, act.vault, act.actor, appointment_id=appointment_id)


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
            asked["caseworker_id"] = find_caseworker(act.session, initials=asked.pop("caseworker"))
        before = booking.meeting_of(appointment)
        if asked.get("starts_at", before.starts_at) != before.starts_at:
            asked = dict.fromkeys(REMINDED_BY) | asked  # what was told was told of the old time
        meeting = replace(before, **asked)
        booking.change_appointment(
            act, appointment_id=appointment_id, meeting=meeting, rules=reminder_rules(settings_now(runtime))
        )
    return shown(appointment_id)


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
    return shown(appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/outcome/correction")
@appointments.needs("appointments:write", errors=(404, 409))
@appointments.takes(CorrectionShape)
@appointments.gives(201, AppointmentShape)
def correct(asked: dict[str, Any], appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Correct what was recorded; both stand side by side."""
    with current_runtime().act(calling_actor()) as act:
        queries.find_appointment(act.session, act.actor, appointment_id)
        outcomes.correct_outcome(act, appointment_id=appointment_id, outcome=asked["outcome"], reason=asked["reason"])
    return shown(appointment_id)


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
            act, appointment_id=appointment_id, reason=asked["reason"], office=Office.from_config(settings_now(runtime))
        )
        if done.appointment.source == source_of(actor):
            note_called_off(act, done.appointment)
    runtime.waker.wake(Lane.URGENT)
    return {
        "appointment": shown(appointment_id),
        "notice_id": done.notice.id if done.notice else None,
        "unreachable": done.unreachable,
    }


@appointments.get("/reminder-log")
@appointments.needs("appointments:read")
@appointments.takes(LogQuery, where="query")
@appointments.gives(200, page_of(LoggedAppointmentShape))
def show_reminder_log(query: dict[str, Any]) -> dict[str, Any]:
    """Per meeting what was planned, sent, withheld or skipped and why, what was answered, and what became of it."""
    runtime, limit = current_runtime(), query["limit"]
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing=LOG, kinds=queries.LISTING_KINDS)
    if query["words"]:
        require_scope("messages:read")
    with runtime.act(calling_actor()) as act:
        reporting.open_report(act, with_words=query["words"])
    with runtime.database.read() as session:
        log = reporting.reminder_log(
            session,
            runtime.vault,
            calling_actor(),
            since=after[0] if after else query.get("since"),
            until=query.get("until"),
            with_words=query["words"],
            page=limit + 1,
        )
        rows = list(islice((row for row in log if after is None or _key(row) > after), limit + 1))
    more = write_cursor(runtime.vault, listing=LOG, key=_key(rows[limit - 1])) if len(rows) > limit else None
    return {"items": rows[:limit], "next": more}


def _key(row: reporting.LoggedAppointment) -> tuple[datetime, uuid.UUID]:
    return (row.starts_at, row.id)


def new_appointment(act: Act, appointment_id: uuid.UUID, asked: dict[str, Any]) -> booking.NewAppointment:
    """Return the meeting that is asked for, a caller's own. Raises InvalidInput for a caseworker nobody knows."""
    meeting = {name: value for name, value in asked.items() if name not in ABOUT_THE_BOOKING}
    meeting["caseworker_id"] = find_caseworker(act.session, initials=meeting.pop("caseworker"))
    return booking.NewAppointment(
        id=appointment_id,
        source=source_of(act.actor),
        meeting=booking.Meeting(**meeting),
        **{name: asked[name] for name in ABOUT_THE_BOOKING},
    )


def _part_of(asked: dict[str, Any], citizen_id: uuid.UUID) -> dict[str, Any]:
    """Return one citizen's part of what was asked for several."""
    part = {name: value for name, value in asked.items() if name != "citizen_ids"}
    return part | {"citizen_id": citizen_id, "external_id": f"{asked['external_id']}{BETWEEN}{citizen_id}"}


def shown(appointment_id: uuid.UUID) -> queries.AppointmentView:
    """Return a meeting as it is answered once something was done with it, and wake who has work by it."""
    runtime = current_runtime()
    for lane in (Lane.JOURNAL, Lane.UPKEEP):
        runtime.waker.wake(lane)
    with runtime.database.read() as session:
        return queries.one_appointment(session, runtime.vault, calling_actor(), appointment_id=appointment_id)
