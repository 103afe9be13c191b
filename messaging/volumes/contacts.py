"""How often one rang, came or was visited: counts of the inbox's notes by unit, week and arm, and the call centre's.

No count is a single caseworker's: each is of three at least, and of five contacts. What is hidden cannot be worked out
from the sum of a unit's week either. The arms are told apart only when they may be compared (`evaluation.waiting`).
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.note_models import OF_CONTACT, Note, NoteKind
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.discretion import FEWEST_CASEWORKERS, hidden_with
from messaging.people.models import Caseworker, Unit
from messaging.volumes.models import CallWeek
from messaging.volumes.weeks import week_of

FEWEST_SHOWN = 5
KINDS = tuple(kind for kind in NoteKind if kind in OF_CONTACT)


@dataclass(frozen=True, kw_only=True)
class ContactWeek:
    """Contacts noted in a unit in a week by kind; None where hidden. `arm`: with citizens of it; None: of none, or of
    whatever arm where they are not told apart.
    """

    unit: str
    week: str
    arm: Arm | None
    counts: Mapping[NoteKind, int | None]


@dataclass(frozen=True, kw_only=True)
class CallCount:
    """A week of the call centre, all its lines together. `seconds_waited`: on average, where every line tells."""

    week: str
    calls: int
    answered: int
    seconds_waited: float | None


Authors = dict[NoteKind, list[uuid.UUID]]
"""Who wrote the notes of each kind, once for each note."""


def contacts(session: Session, *, since: datetime, until: datetime, apart: bool = False) -> Sequence[ContactWeek]:
    """Return the contacts noted as having been in [since, until), `apart`: by arm. The unit is that of who wrote it."""
    rows = session.execute(
        sa.select(
            Unit.name, Note.occurred_at, Note.kind, Note.author_id, TrialArm.arm, TrialArm.since, TrialArm.ended_at
        )
        .join(Caseworker, Caseworker.id == Note.author_id)
        .join(Unit, Unit.id == Caseworker.unit_id)
        .outerjoin(TrialArm, TrialArm.citizen_id == Note.citizen_id)
        .where(Note.kind.in_(OF_CONTACT), Note.occurred_at >= since, Note.occurred_at < until)
    )
    weeks: dict[tuple[str, str], dict[Arm | None, Authors]] = {}
    for unit, at, kind, author_id, arm, joined, ended in rows:
        is_told_apart = apart and arm is not None and joined <= at and (ended is None or at < ended)
        of_week = weeks.setdefault((unit, week_of(at)), {})
        of_week.setdefault(arm if is_told_apart else None, {}).setdefault(kind, []).append(author_id)
    return [
        ContactWeek(unit=unit, week=week, arm=arm, counts=counts)
        for (unit, week), of_arms in sorted(weeks.items())
        for arm, counts in _counts(of_arms)
    ]


def calls(session: Session, *, since: datetime, until: datetime) -> Sequence[CallCount]:
    """Return the call centre's weeks from that of `since` to the one before that of `until`."""
    chosen = sa.select(CallWeek).where(CallWeek.week >= week_of(since), CallWeek.week < week_of(until))
    weeks: dict[str, list[CallWeek]] = {}
    for row in session.scalars(chosen.order_by(CallWeek.week, CallWeek.line)):
        weeks.setdefault(row.week, []).append(row)
    return [
        CallCount(
            week=week,
            calls=sum(row.calls for row in rows),
            answered=sum(row.answered for row in rows),
            seconds_waited=_waited(rows),
        )
        for week, rows in weeks.items()
    ]


def _waited(rows: Sequence[CallWeek]) -> float | None:
    told = [(row.answered, row.seconds_waited) for row in rows if row.seconds_waited is not None]
    answered = sum(number for number, _ in told)
    if len(told) < len(rows) or not answered:
        return None
    return sum(number * seconds for number, seconds in told) / answered


def _counts(of_arms: Mapping[Arm | None, Authors]) -> Sequence[tuple[Arm | None, Mapping[NoteKind, int | None]]]:
    """Return the counts of one unit and week by arm, those hidden that must be."""
    alone = {arm for arm, kinds in of_arms.items() if len(set(chain(*kinds.values()))) < FEWEST_CASEWORKERS}
    counts: dict[Arm | None, dict[NoteKind, int | None]] = {arm: {} for arm in sorted(of_arms, key=_order)}
    for kind in KINDS:
        authors = {arm: kinds.get(kind, []) for arm, kinds in of_arms.items()}
        few = {arm for arm, by in authors.items() if arm in alone or (by and not _may_be_told(authors, [arm]))}
        sizes = {arm: len(by) for arm, by in authors.items() if by}
        hidden = hidden_with(few, sizes, may_be_told=partial(_may_be_told, authors))
        for arm, of_arm in counts.items():
            of_arm[kind] = None if arm in hidden else len(authors[arm])
    return list(counts.items())


def _may_be_told(authors: Mapping[Arm | None, Sequence[uuid.UUID]], arms: Collection[Arm | None]) -> bool:
    wrote = [one for arm in arms for one in authors[arm]]
    return len(wrote) >= FEWEST_SHOWN and len(set(wrote)) >= FEWEST_CASEWORKERS


def _order(arm: Arm | None) -> int:
    return len(Arm) if arm is None else list(Arm).index(arm)
