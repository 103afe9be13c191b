"""The unit's name as messages are signed with it: one superuser writes it, another signs it, and it holds from its day.

A name is never changed, another one takes its place. On a day that has none the one of the settings signs.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.conversations.segments import Encoding, measure
from messaging.conversations.unit_name_models import UnitName
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.four_eyes import check_signature, check_waiting

LONGEST = 30
"""Characters: with more of them the approved texts need another SMS."""
FURTHEST = timedelta(days=2 * 366)
_NO_NAME = re.compile(r"[{}]|://|www\.|\d{6}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class NewName:
    """A name as somebody has written it, and the days on which it signs."""

    id: uuid.UUID
    words: str
    first_day: date
    last_day: date | None = None


def write_name(act: Act, new: NewName) -> UnitName:
    """Keep a name until somebody else signs it; the same id again is the same name. Raises InvalidInput."""
    earlier = act.session.get(UnitName, new.id)
    if earlier is not None:
        return earlier
    if act.actor.id is None:
        raise ValueError("only a person writes a name")
    words = " ".join(new.words.split())
    is_name = 1 < len(words) <= LONGEST and not _NO_NAME.search(words)
    if not is_name or measure(words).encoding is not Encoding.GSM_7:
        raise InvalidInput(f"a name has 2 to {LONGEST} plain characters, and no link or number", field="words")
    today = _today(act)
    if not today <= new.first_day <= today + FURTHEST:
        raise InvalidInput("the first day is past, or too far away", field="first_day")
    if new.last_day is not None and new.last_day < new.first_day:
        raise InvalidInput("the last day is before the first", field="last_day")
    row = UnitName(
        id=new.id,
        words=words,
        first_day=new.first_day,
        last_day=new.last_day,
        written_by_id=act.actor.id,
        written_at=act.now,
    )
    act.session.add(row)
    _audit(act, row, "drafted")
    return row


def sign_name(act: Act, *, name_id: uuid.UUID) -> None:
    """Let a name hold on its days. Raises NotFound, OwnDraft or NoLongerWaiting."""
    row = _locked(act, name_id)
    check_signature(act, row)
    row.signed_by_id, row.signed_at = act.actor.id, act.now
    _audit(act, row, "signed")


def withdraw_name(act: Act, *, name_id: uuid.UUID) -> None:
    """Let a name that nobody has signed wait no longer; it stays on record. Raises NotFound or NoLongerWaiting."""
    row = _locked(act, name_id)
    check_waiting(row)
    row.withdrawn_at = act.now
    _audit(act, row, "withdrawn")


def name_on(session: Session, day: date) -> str | None:
    """Return the signed name of a day: of several the one with the later first day; None if there is none."""
    return session.scalar(
        sa.select(UnitName.words)
        .where(
            UnitName.signed_at.is_not(None),
            UnitName.first_day <= day,
            sa.or_(UnitName.last_day.is_(None), UnitName.last_day >= day),
        )
        .order_by(UnitName.first_day.desc(), UnitName.signed_at.desc())
        .limit(1)
    )


def list_names(session: Session) -> Sequence[UnitName]:
    """Return all names that were ever written, but for those withdrawn; the latest first day first."""
    in_order = UnitName.first_day.desc(), UnitName.written_at.desc()
    return session.scalars(sa.select(UnitName).where(UnitName.withdrawn_at.is_(None)).order_by(*in_order)).all()


def _locked(act: Act, name_id: uuid.UUID) -> UnitName:
    row = act.session.get(UnitName, name_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("there is no such name")
    return row


def _today(act: Act) -> date:
    return act.now.astimezone(COPENHAGEN).date()


def _audit(act: Act, row: UnitName, done: str) -> None:
    facts: Facts = {"words": row.words, "first_day": str(row.first_day), "last_day": str(row.last_day)}
    act.audit(f"unit_name.{done}", object_kind="unit_name", object_id=row.id, facts=facts)
