"""The arms of the trial at the citizen's papers: what we put there is asked of the same table as a message is."""

import uuid

from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.trial.capabilities import Sort, Way, why_withheld
from messaging.trial.queries import arms_of
from messaging.trial.withholding import Refusal


class WithheldByArm(Conflict):
    """The citizen's arm of the trial keeps this out of her app; nothing was put there."""

    code = "withheld_by_arm"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("the citizen's arm of the trial keeps this out of her app")
        self.refusal = refusal


def require_arm(act: Act, *, citizen_id: uuid.UUID, sort: Sort) -> None:
    """Refuse what a citizen's arm does not let us put into her app. Raises WithheldByArm."""
    arm = arms_of(act.session, [citizen_id]).get(citizen_id)
    if arm is not None and why_withheld(arm, sort, Way.APP):
        raise WithheldByArm(Refusal(citizen_id=citizen_id, arm=arm, sort=sort, way=Way.APP))
