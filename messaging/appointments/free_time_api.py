"""Free times in the API: booking sources hand them in, and fetch what citizens wish for."""

from typing import Any

from messaging.appointments.free_times import NewFreeTime, hand_in, wishes_for
from messaging.appointments.shapes import CountShape, FreeTimesShape, WishesShape
from messaging.people.acting import Act
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
    with current_runtime().act(actor) as act:
        hand_in(act, [_new(act, item) for item in asked["items"]], source=f"api:{actor.id}")
    return {"count": len(asked["items"])}


@free_times.get("/time-wishes")
@free_times.needs("appointments:read")
@free_times.gives(200, WishesShape)
def wishes() -> dict[str, Any]:
    """List the wishes for times of this key, until their meetings are moved: move a meeting by changing it."""
    actor = calling_actor()
    with current_runtime().act(actor) as act:
        act.audit("time_wishes.listed", object_kind="citizens", object_id=EVERYBODY)
        found = wishes_for(act.session, source=f"api:{actor.id}", limit=MOST_WISHES)
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


def _new(act: Act, item: dict[str, Any]) -> NewFreeTime:
    caseworker, unit = item.pop("caseworker"), item.pop("unit")
    return NewFreeTime(
        caseworker_id=find_caseworker(act.session, initials=caseworker) if caseworker else None,
        unit_id=find_unit(act.session, name=unit) if unit else None,
        **item,
    )
