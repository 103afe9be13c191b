"""The list of target groups is written: one superuser writes an entry, another signs it, and only then it holds.

An entry is never changed. Another one of the same code takes its place from a later day, or says that it ends.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.four_eyes import check_signature, check_waiting
from messaging.trial.group_models import GroupEntry
from messaging.trial.target_groups import read_list

LONGEST_CODE, LONGEST_NAME = 40, 60
FURTHEST = timedelta(days=2 * 366)
_CODE = re.compile(r"[a-z0-9æøå](?:[a-z0-9æøå_-]*[a-z0-9æøå])?")
_NUMBER = re.compile(r"\d{6}")
"""Whatever has so many figures may be somebody's number."""


@dataclass(frozen=True, kw_only=True)
class NewGroup:
    """A target group as somebody has written it, and the days on which it is in the list."""

    id: uuid.UUID
    code: str
    name: str
    takes_part: bool
    first_day: date
    last_day: date | None = None


def write_group(act: Act, new: NewGroup) -> GroupEntry:
    """Keep a target group until somebody else signs it; the same id again is the same entry.

    Raises InvalidInput, with the name of the field that is wrong.
    """
    code, name = new.code.strip().casefold(), " ".join(new.name.split())
    if len(code) > LONGEST_CODE or not _CODE.fullmatch(code) or _NUMBER.search(code):
        raise InvalidInput("a code has letters, figures, - and _ alone, and is no number", field="code")
    if not 1 < len(name) <= LONGEST_NAME or not name.isprintable() or _NUMBER.search(name):
        raise InvalidInput(f"a name has 2 to {LONGEST_NAME} characters, and no number", field="name")
    if new.last_day is not None and new.last_day < new.first_day:
        raise InvalidInput("the last day is before the first", field="last_day")
    row = GroupEntry(
        id=new.id,
        code=code,
        name=name,
        takes_part=new.takes_part,
        is_end=False,
        first_day=new.first_day,
        last_day=new.last_day,
    )
    return _write(act, row)


def write_end(act: Act, *, entry_id: uuid.UUID, code: str, name: str, first_day: date) -> GroupEntry:
    """Keep until somebody else signs it that nobody is in this group from a day on. Raises InvalidInput.

    `name` is what the group is called, for whoever reads the entry later.
    """
    if code not in read_list(act.session).on(first_day):
        raise InvalidInput("there is no such target group on that day", field="code")
    row = GroupEntry(id=entry_id, code=code, name=name, takes_part=False, is_end=True, first_day=first_day)
    return _write(act, row)


def sign_entry(act: Act, *, entry_id: uuid.UUID) -> None:
    """Let an entry hold from its first day, or from today. Raises NotFound, OwnDraft or NoLongerWaiting."""
    row = _locked(act, entry_id)
    check_signature(act, row)
    row.signed_by_id, row.signed_at = act.actor.id, act.now
    _audit(act, row, "signed")


def withdraw_entry(act: Act, *, entry_id: uuid.UUID) -> None:
    """Let an entry that nobody has signed wait no longer; it stays on record. Raises NotFound or NoLongerWaiting."""
    row = _locked(act, entry_id)
    check_waiting(row)
    row.withdrawn_at = act.now
    _audit(act, row, "withdrawn")


def _write(act: Act, row: GroupEntry) -> GroupEntry:
    earlier = act.session.get(GroupEntry, row.id)
    if earlier is not None:
        return earlier
    if act.actor.id is None:
        raise ValueError("only a person writes an entry")
    if not _today(act) <= row.first_day <= _today(act) + FURTHEST:
        raise InvalidInput("the first day is past, or too far away", field="first_day")
    row.written_by_id, row.written_at = act.actor.id, act.now
    act.session.add(row)
    _audit(act, row, "drafted")
    return row


def _locked(act: Act, entry_id: uuid.UUID) -> GroupEntry:
    row = act.session.get(GroupEntry, entry_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("there is no such entry")
    return row


def _today(act: Act) -> date:
    return act.now.astimezone(COPENHAGEN).date()


def _audit(act: Act, row: GroupEntry, done: str) -> None:
    facts: Facts = {
        "code": row.code,
        "name": row.name,
        "takes_part": row.takes_part,
        "is_end": row.is_end,
        "first_day": str(row.first_day),
        "last_day": str(row.last_day),
    }
    act.audit(f"target_group.{done}", object_kind="target_group", object_id=row.id, facts=facts)
