"""Which target group a citizen is placed in, and since when."""

import uuid

import sqlalchemy as sa

from messaging.clock import COPENHAGEN
from messaging.people.acting import Act
from messaging.trial.models import CitizenTargetGroup
from messaging.trial.target_groups import read_list


def place_in(act: Act, *, citizen_id: uuid.UUID, code: str, source: str) -> bool:
    """Note that a citizen is in this target group from now on; False if she was. Raises UnknownTargetGroup."""
    code = read_list(act.session).read(code, day=act.now.astimezone(COPENHAGEN).date())
    return place_in_listed(act, citizen_id=citizen_id, code=code, source=source)


def place_in_listed(act: Act, *, citizen_id: uuid.UUID, code: str, source: str) -> bool:
    """The same for whoever has read the list already, so that many citizens do not read it as often."""
    present = act.session.scalar(
        sa.select(CitizenTargetGroup).filter_by(citizen_id=citizen_id, valid_to=None).with_for_update()
    )
    if present is not None and present.target_group == code:
        return False
    if present is not None:
        present.valid_to = act.now
        act.session.flush()
    act.session.add(CitizenTargetGroup(citizen_id=citizen_id, target_group=code, source=source, valid_from=act.now))
    act.audit("citizen.target_group", object_kind="citizen", object_id=citizen_id, facts={"target_group": code})
    return True
