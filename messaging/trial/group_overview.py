"""The list of target groups for who looks after it: what holds today, what comes, what waits, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.models import Caseworker
from messaging.trial.group_models import GroupEntry
from messaging.trial.target_groups import GroupList, TargetGroup, read_list


@dataclass(frozen=True, kw_only=True)
class ListedEntry:
    """An entry, and the initials of who wrote and signed it."""

    row: GroupEntry
    written_by: str
    signed_by: str | None


@dataclass(frozen=True, kw_only=True)
class ListedGroup:
    """A group that citizens are placed in today. `entry` is None if the packaged list brings it."""

    group: TargetGroup
    entry: ListedEntry | None


@dataclass(frozen=True, kw_only=True)
class GroupOverview:
    """The list as it stands on a day."""

    standing: Sequence[ListedGroup]
    coming: Sequence[ListedEntry]
    """Signed, and decides from a later day; the nearest first."""
    waiting: Sequence[ListedEntry]
    over: Sequence[ListedEntry]
    """Withdrawn, replaced, or past its last day; an end that has come stands here too. The latest first."""
    may_end: dict[str, TargetGroup]
    """Those that hold today or come later, by their codes."""


def overview(session: Session, *, today: date) -> GroupOverview:
    """Return the whole list by how its entries stand."""
    entries, groups = _entries(session), read_list(session)
    by_id = {entry.row.id: entry for entry in entries}
    holding = groups.on(today)
    waiting = [one for one in entries if one.row.signed_at is None and one.row.withdrawn_at is None]
    coming = [one for one in entries if _is_coming(one.row, groups, today=today)]
    shown = {one.row.id for one in (*waiting, *coming)} | {group.entry_id for group in holding.values()}
    return GroupOverview(
        standing=[
            ListedGroup(group=group, entry=by_id[group.entry_id] if group.entry_id else None)
            for group in holding.values()
        ],
        coming=coming,
        waiting=waiting,
        over=[one for one in reversed(entries) if one.row.id not in shown],
        may_end=dict(groups.from_day(today)),
    )


def count_waiting(session: Session) -> int:
    """Count the entries that wait for a signature."""
    waits = GroupEntry.signed_at.is_(None), GroupEntry.withdrawn_at.is_(None)
    return session.scalar(sa.select(sa.func.count()).select_from(GroupEntry).where(*waits)) or 0


def _entries(session: Session) -> Sequence[ListedEntry]:
    signer = sa.orm.aliased(Caseworker)
    rows = session.execute(
        sa.select(GroupEntry, Caseworker.initials, signer.initials)
        .join(Caseworker, Caseworker.id == GroupEntry.written_by_id)
        .outerjoin(signer, signer.id == GroupEntry.signed_by_id)
        .order_by(GroupEntry.first_day, GroupEntry.written_at)
    )
    return [ListedEntry(row=row, written_by=written_by, signed_by=signed_by) for row, written_by, signed_by in rows]


def _is_coming(row: GroupEntry, groups: GroupList, *, today: date) -> bool:
    """Whether it will decide; another of the same first day may have taken its place."""
    if row.signed_at is None or row.begins <= today:
        return False
    return groups.deciding(row.begins)[row.code].entry_id == row.id
