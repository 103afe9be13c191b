"""How often one rang, came or was visited: counts of the inbox's notes by unit, week and arm, and the call centre's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.note_models import OF_CONTACT, Note, NoteKind
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.models import Caseworker, Unit
from messaging.volumes.models import CallWeek
from messaging.volumes.weeks import week_of

FEWEST_SHOWN = 5
KINDS = tuple(kind for kind in NoteKind if kind in OF_CONTACT)


@dataclass(frozen=True, kw_only=True)
class ContactWeek:
    """Contacts noted in a unit in a week with citizens of one arm (None: of none), by kind. None: fewer than five."""

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


def contacts(session: Session, *, since: datetime, until: datetime) -> Sequence[ContactWeek]:
    """Return the contacts noted as having been in [since, until). The unit is that of who wrote the note."""
    rows = session.execute(
        sa.select(Unit.name, Note.occurred_at, Note.kind, TrialArm.arm, TrialArm.since, TrialArm.ended_at)
        .join(Caseworker, Caseworker.id == Note.author_id)
        .join(Unit, Unit.id == Caseworker.unit_id)
        .outerjoin(TrialArm, TrialArm.citizen_id == Note.citizen_id)
        .where(Note.kind.in_(OF_CONTACT), Note.occurred_at >= since, Note.occurred_at < until)
    )
    counted: dict[tuple[str, str, Arm | None], Counter[NoteKind]] = {}
    for unit, at, kind, arm, joined, ended in rows:
        takes_part = arm is not None and joined <= at and (ended is None or at < ended)
        counted.setdefault((unit, week_of(at), arm if takes_part else None), Counter())[kind] += 1
    return [
        ContactWeek(unit=unit, week=week, arm=arm, counts={kind: _shown(kinds[kind]) for kind in KINDS})
        for (unit, week, arm), kinds in sorted(counted.items(), key=lambda item: _order(item[0]))
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


def _shown(number: int) -> int | None:
    return number if number == 0 or number >= FEWEST_SHOWN else None


def _order(key: tuple[str, str, Arm | None]) -> tuple[str, str, int]:
    unit, week, arm = key
    return unit, week, len(Arm) if arm is None else list(Arm).index(arm)
