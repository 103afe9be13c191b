"""Target groups over HTTP: what decides whether a citizen takes part in the trial."""

import uuid
from typing import Any

import marshmallow as ma

from messaging.people.visibility import find_citizen
from messaging.trial.placing import place_in
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.shapes import Shape, Text
from messaging.web.shell import current_runtime

trial_api = ApiBlueprint("target groups", __name__, description="Which target group a citizen is placed in")


class TargetGroupShape(Shape):
    """A citizen's target group (maalgruppe), by the code of the list."""

    target_group = Text(required=True, validate=ma.validate.Length(min=1, max=100))


@trial_api.put("/citizens/<uuid:citizen_id>/target-group")
@trial_api.needs("citizens:write", errors=(404, 422))
@trial_api.takes(TargetGroupShape)
@trial_api.gives(200, TargetGroupShape)
def place(asked: dict[str, Any], citizen_id: uuid.UUID) -> dict[str, Any]:
    """Place a citizen in a target group from now on; the one until now ends. An unknown group changes nothing."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        find_citizen(act.session, act.actor, citizen_id)
        code = asked["target_group"].strip().casefold()
        place_in(act, citizen_id=citizen_id, code=code, source=f"api:{act.actor.system}")
    return {"target_group": code}
