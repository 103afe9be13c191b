"""The list of target groups: what superusers have written and signed, and the packaged list for all other codes.

Of each code the latest entry that has begun decides: whether there is such a group on a day, what it is called, and
whether its citizens take part in the trial. One entry that was signed silences the packaged one from its day on.

What holds on a day is told from what was signed by a given moment, so that a trial keeps to the list of its lock.
"""

import tomllib
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import InvalidInput
from messaging.trial.group_models import GroupEntry


class UnknownTargetGroup(InvalidInput):
    """There is no such target group on that day."""

    code = "unknown_target_group"


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """What the list says of a code from a day on."""

    code: str
    takes_part: bool
    first_day: date
    last_day: date | None = None
    is_end: bool = False
    name: str | None = None
    """None if it is packaged: then the pages know what it is called."""
    entry_id: uuid.UUID | None = None
    signed_at: datetime | None = None

    def holds_on(self, day: date) -> bool:
        """Whether citizens are placed in it on this day, if it decides."""
        return not self.is_end and (self.last_day is None or day <= self.last_day)

    @property
    def order(self) -> tuple[bool, date, datetime]:
        """What two of the same code that have both begun are compared by; the greater decides."""
        return (self.signed_at is not None, self.first_day, self.signed_at or datetime.min.replace(tzinfo=UTC))


class GroupList:
    """The list as it was read once. It may be asked of as many days as one likes."""

    def __init__(self, signed: Iterable[TargetGroup]) -> None:
        self._signed = tuple(signed)
        self._days: dict[date, Mapping[str, TargetGroup]] = {}

    def known_at(self, moment: datetime) -> "GroupList":
        """Return the list of what was signed by then."""
        return GroupList(one for one in self._signed if one.signed_at is not None and one.signed_at <= moment)

    def on(self, day: date) -> Mapping[str, TargetGroup]:
        """Return the groups that citizens are placed in on this day, by their codes."""
        if day not in self._days:
            deciding = self.deciding(day)
            self._days[day] = {code: one for code, one in deciding.items() if one.holds_on(day)}
        return self._days[day]

    def deciding(self, day: date) -> Mapping[str, TargetGroup]:
        """Return what decides on each code on this day, also where it says that there is no such group."""
        begun = [one for one in (*packaged(), *self._signed) if one.first_day <= day]
        return {one.code: one for one in sorted(begun, key=lambda one: one.order)}

    def from_day(self, day: date) -> Mapping[str, TargetGroup]:
        """Return the groups that hold on this day or come later, by their codes."""
        days = sorted({one.first_day for one in (*packaged(), *self._signed) if one.first_day > day}, reverse=True)
        return {code: group for each in (*days, day) for code, group in self.on(each).items()}

    def taking_part(self, day: date) -> Collection[str]:
        """Return the codes of those whose citizens take part in the trial."""
        return frozenset(code for code, group in self.on(day).items() if group.takes_part)

    def name_of(self, code: str, *, day: date) -> str | None:
        """Return what superusers last called a group by this day, also once it has ended; None if they never did."""
        known = self.deciding(day).get(code)
        return known.name if known is not None else None

    def read(self, text: str, *, day: date) -> str:
        """Return the code that a system wrote, in any case. Raises UnknownTargetGroup."""
        code = text.strip().casefold()
        if code not in self.on(day):
            known = ", ".join(sorted(self.on(day)))
            raise UnknownTargetGroup(f"there is no such target group; there are {known}", field="target_group")
        return code


def read_list(session: Session) -> GroupList:
    """Read the list: for one transaction, or one batch of work."""
    rows = session.scalars(sa.select(GroupEntry).where(GroupEntry.signed_at.is_not(None)))
    return GroupList(_as_group(row) for row in rows)


def count_signed(session: Session) -> int:
    """Count what was ever signed: the list is as it was read while there is no more of it."""
    signed = sa.select(sa.func.count()).select_from(GroupEntry).where(GroupEntry.signed_at.is_not(None))
    return session.scalar(signed) or 0


@cache
def packaged() -> tuple[TargetGroup, ...]:
    """Return the list that comes with the release."""
    text = resources.files("messaging.trial").joinpath("texts", "target_groups.toml").read_text(encoding="utf-8")
    return tuple(TargetGroup(**group) for group in tomllib.loads(text)["group"])


def _as_group(row: GroupEntry) -> TargetGroup:
    return TargetGroup(
        code=row.code,
        name=row.name,
        takes_part=row.takes_part,
        is_end=row.is_end,
        first_day=row.begins,
        last_day=row.last_day,
        entry_id=row.id,
        signed_at=row.signed_at,
    )
