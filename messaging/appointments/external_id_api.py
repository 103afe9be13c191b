"""Appointments over HTTP by what their own source calls them: a booking system need not know our ids.

A key meets only its own: what another key or a file has booked does not exist here.
"""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from messaging.appointments import queries
from messaging.appointments.api import new_appointment, shown
from messaging.appointments.external_ids import LONGEST, read_addressed, source_of
from messaging.appointments.following_source import cancel_by_source, follow_source
from messaging.appointments.planning import reminder_rules
from messaging.appointments.shapes import (
    AppointmentShape,
    CancelledShape,
    FollowedShape,
    ReasonShape,
    ToldAppointmentShape,
)
from messaging.clock import COPENHAGEN
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.visibility import find_citizen
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

PATH = "/appointments/by-external-id/<whole:external_id>"
CALLED = {
    "in": "path",
    "name": "external_id",
    "required": True,
    "description": "The caller's own id, percent-encoded (a slash as %2F). No CPR number.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
}

by_external_id = ApiBlueprint("by_external_id", __name__, description="Meetings by the caller's own ids")


@by_external_id.put(PATH, parameters=[dict(CALLED)])
@by_external_id.needs("appointments:write", errors=(404, 409))
@by_external_id.takes(ToldAppointmentShape)
@by_external_id.gives_also(201, FollowedShape)
@by_external_id.gives(200, FollowedShape)
def tell(asked: dict[str, Any], external_id: str) -> tuple[dict[str, Any], int]:
    """Let the meeting by this id be as told: booked if it is new (201), else changed where it differs.

    Saying the same again does nothing. Another time moves it: its reminders are withdrawn and new ones planned.
    """
    runtime, actor, called = current_runtime(), calling_actor(), _read(external_id)
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, asked["citizen_id"])
        told = new_appointment(act, new_id(), {**asked, "external_id": called})
        followed = follow_source(act, told, rules=reminder_rules(settings_now(runtime)))
    answer = {"appointment": shown(followed.appointment_id), "changed": followed.changed}
    return answer, 201 if followed.is_new else 200


@by_external_id.get(PATH, parameters=[dict(CALLED)])
@by_external_id.needs("appointments:read", errors=(404, 422))
@by_external_id.gives(200, AppointmentShape)
def show(external_id: str) -> queries.AppointmentView:
    """Show one meeting with the log of its reminders."""
    called = _read(external_id)
    with current_runtime().act(calling_actor()) as act:
        appointment_id = _find(act.session, act.actor, called)
        act.audit("appointment.opened", object_kind="appointment", object_id=appointment_id)
        return queries.one_appointment(act.session, act.vault, act.actor, appointment_id=appointment_id)


@by_external_id.post(f"{PATH}/cancel", parameters=[dict(CALLED)])
@by_external_id.needs("appointments:write", errors=(404, 409))
@by_external_id.takes(ReasonShape)
@by_external_id.gives(200, CancelledShape)
def cancel(asked: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Cancel a meeting; the citizen hears of it at once. Cancelling again does nothing."""
    runtime, actor, called = current_runtime(), calling_actor(), _read(external_id)
    office = Office.from_config(settings_now(runtime))
    with runtime.act(actor) as act:
        appointment_id = _find(act.session, actor, called)
        done = cancel_by_source(act, appointment_id=appointment_id, reason=asked["reason"], office=office)
    runtime.waker.wake(Lane.URGENT)
    return {
        "appointment": shown(appointment_id),
        "notice_id": done.notice.id if done.notice else None,
        "unreachable": done.unreachable,
    }


def _read(external_id: str) -> str:
    return read_addressed(external_id, today=current_runtime().clock.now().astimezone(COPENHAGEN).date())


def _find(session: Session, actor: Actor, called: str) -> uuid.UUID:
    found = queries.ids_by_external_id(session, source=source_of(actor), external_ids=[called])
    if called not in found:
        raise NotFound("this key has no appointment by that id")
    return found[called]
