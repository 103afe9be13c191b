"""Target groups: the dated list of them, and which one a citizen is placed in since when."""

import tomllib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import sqlalchemy as sa

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.trial.models import CitizenTargetGroup


class UnknownTargetGroup(InvalidInput):
    """There is no such target group on that day."""

    code = "unknown_target_group"


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group as the list has it, valid in [valid_from, valid_to)."""

    code: str
    takes_part: bool
    valid_from: date
    valid_to: date | None = None

    def is_valid(self, day: date) -> bool:
        """Whether citizens are placed in it on this day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@cache
def listed() -> tuple[TargetGroup, ...]:
    """Return the list."""
    text = resources.files("messaging.trial").joinpath("texts", "target_groups.toml").read_text(encoding="utf-8")
    return tuple(TargetGroup(**group) for group in tomllib.loads(text)["group"])


def codes_on(day: date) -> frozenset[str]:
    """Return the codes of the groups that citizens are placed in on this day."""
    return frozenset(group.code for group in listed() if group.is_valid(day))


def taking_part(day: date) -> Collection[str]:
    """Return the codes of those whose citizens take part in the trial."""
    return frozenset(group.code for group in listed() if group.is_valid(day) and group.takes_part)


def read_target_group(text: str, *, day: date) -> str:
    """Return the code that a system wrote, in any case. Raises UnknownTargetGroup."""
    code = text.strip().casefold()
    if code not in codes_on(day):
        known = ", ".join(sorted(codes_on(day)))
        raise UnknownTargetGroup(f"there is no such target group; there are {known}", field="target_group")
    return code


def place_in(act: Act, *, citizen_id: uuid.UUID, code: str, source: str) -> bool:
    """Note that a citizen is in this target group from now on; False if she was. Raises UnknownTargetGroup."""
    code = read_target_group(code, day=act.now.astimezone(COPENHAGEN).date())
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
