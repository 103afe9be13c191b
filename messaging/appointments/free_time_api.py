"""Free times in the API: booking sources hand them in, and fetch what citizens wish for."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from messaging.appointments.external_ids import source_of
from messaging.appointments.free_times import NewFreeTime, hand_in, wishes_for
from messaging.appointments.shapes import CountShape, FreeTimesShape, WishesShape
from messaging.people.queries import EVERYBODY, find_caseworker, find_unit
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.shell import current_runtime

MOST_WISHES = 200

free_times = ApiBlueprint("free_times", __name__, description="Free times and the wishes for them")


@free_times.put("/free-times")
@free_times.needs("appointments:write")
@free_times.takes(FreeTimesShape)
@free_times.gives(200, CountShape)
def replace(asked: dict[str, Any]) -> dict[str, int]:
    """Hand in all times that are free. Those of this key that are not named any more are not offered any more."""
    actor = calling_actor()
    items = asked["items"]
    with current_runtime().act(actor) as act:
        staff = {name: find_caseworker(act.session, initials=name) for name in _named(items, "caseworker")}
        units = {name: find_unit(act.session, name=name) for name in _named(items, "unit")}
        hand_in(act, [_new(item, staff=staff, units=units) for item in items], source=source_of(actor))
    return {"count": len(items)}


@free_times.get("/time-wishes")
@free_times.needs("appointments:read")
@free_times.gives(200, WishesShape)
def wishes() -> dict[str, Any]:
    """List the wishes for times of this key, until their meetings are moved: move a meeting by changing it."""
    actor = calling_actor()
    with current_runtime().act(actor) as act:
        act.audit("time_wishes.listed", object_kind="citizens", object_id=EVERYBODY)
        found = wishes_for(act.session, source=source_of(actor), limit=MOST_WISHES)
        return {
            "items": [
                {
                    "appointment_id": appointment.id,
                    "external_id": appointment.external_id,
                    "free_time": offered.external_id,
                    "starts_at": offered.starts_at,
                    "minutes": offered.minutes,
                    "wished_at": offered.wished_at,
                }
                for offered, appointment in found
            ]
        }


def _named(items: Sequence[Mapping[str, Any]], field: str) -> list[str]:
    return sorted({item[field] for item in items if item[field]})


def _new(item: Mapping[str, Any], *, staff: Mapping[str, uuid.UUID], units: Mapping[str, uuid.UUID]) -> NewFreeTime:
    told = {name: value for name, value in item.items() if name not in {"caseworker", "unit"}}
    return NewFreeTime(caseworker_id=staff.get(item["caseworker"]), unit_id=units.get(item["unit"]), **told)
