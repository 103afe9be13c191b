"""Whom one can call in need: dated data, offered to a citizen whose message may be a sign of danger.

An offer says nothing of her and decides nothing; her caseworker is told by the flag on the message.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.danger import DangerKind, kind_of_rule
from messaging.conversations.models import Direction, Message
from messaging.conversations.rendering import read_texts

OFFERED = timedelta(hours=24)
"""How long after such a message the numbers stand above the form, unless she puts them away."""


@dataclass(frozen=True, kw_only=True)
class HelpNumber:
    """A number in force, in the words of one language."""

    number: str
    name: str
    says: str

    @property
    def dialled(self) -> str:
        """The number as a telephone dials it."""
        return self.number.replace(" ", "")


def numbers_in_force(*, on: date, language: str, kinds: frozenset[DangerKind] | None = None) -> Sequence[HelpNumber]:
    """Return the numbers of a day, those for these signs or all, in the order they are to be shown."""
    return [
        HelpNumber(number=written["number"], name=written["name"][language], says=written["says"][language])
        for written in _NUMBERS
        if _is_in_force(written, on) and (kinds is None or not kinds.isdisjoint(written["kinds"]))
    ]


def signs_of_late(
    session: Session, citizen_id: uuid.UUID, *, now: datetime, put_away: datetime | None
) -> frozenset[DangerKind]:
    """Return what her messages of late may be signs of, but for those before she put the offer away."""
    since = max(now - OFFERED, put_away) if put_away else now - OFFERED
    chosen = (
        sa.select(Message.danger)
        .where(
            Message.conversation_id == citizen_id,
            Message.direction == Direction.IN,
            Message.danger.is_not(None),
            Message.created_at > since,
        )
        .distinct()
    )
    return frozenset(kind_of_rule(rule) for rule in session.scalars(chosen) if rule)


def _is_in_force(written: Mapping[str, Any], on: date) -> bool:
    until: date = written.get("valid_to", date.max)
    return bool(written["valid_from"] <= on < until)


_NUMBERS: Sequence[Mapping[str, Any]] = read_texts("messaging.citizen_app", "help.toml")["number"]
