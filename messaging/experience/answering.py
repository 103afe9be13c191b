"""Taking an answer: it becomes a tick on a tally, and what let it in is gone or noted apart from it.

Nothing here is journaled, audited or announced: each would say when.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.upserts import insert_into
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.experience.codes import Cell, digest_of, is_open
from messaging.experience.models import (
    Group,
    PulseCell,
    PulseCode,
    PulseTally,
    Question,
    Rating,
    StaffAnswered,
    StaffTally,
    Wave,
)
from messaging.experience.waves import open_wave
from messaging.people.acting import Act
from messaging.trial.models import TrialCaseworker
from messaging.trial.running import latest
from messaging.vault.vault import Vault

Answers = Mapping[Question, Rating]
CITIZENS = frozenset({Question.CONTACT, Question.PURPOSE})
STAFF = frozenset({Question.REACHING, Question.IN_TIME})


class UnknownCode(NotFound):
    """The code was used, is too old, or never was one; which of it is not told."""

    code = "unknown_code"


def check_code(session: Session, vault: Vault, code: str, *, at: datetime) -> None:
    """Raise UnknownCode unless a code can be used now."""
    month = session.scalar(sa.select(PulseCode.month).filter_by(digest=digest_of(vault, code)))
    if month is None or not is_open(month, at=at):
        raise UnknownCode("there is no such code, or it was used")


def answer(act: Act, *, code: str, answers: Answers) -> None:
    """Use a code: count its answers, of which one may be left out. Raises UnknownCode, InvalidInput for none."""
    _check(answers, asked=CITIZENS)
    used = sa.delete(PulseCode).filter_by(digest=digest_of(act.vault, code))
    row = act.session.execute(
        used.returning(PulseCode.arm, PulseCode.month, PulseCode.meeting_type).execution_options(
            synchronize_session=False
        )
    ).one_or_none()
    if row is None or not is_open(row.month, at=act.now):
        raise UnknownCode("there is no such code, or it was used")
    cell = Cell(arm=row.arm, month=row.month, meeting_type=row.meeting_type)
    where = {"arm": cell.arm, "month": cell.month, "meeting_type": cell.meeting_type}
    counted = sa.update(PulseCell).filter_by(**where).values(answered=PulseCell.answered + 1)
    act.session.execute(counted.execution_options(synchronize_session=False))
    for question, rating in sorted(answers.items()):
        _tick(act.session, PulseTally, **where, question=question, rating=rating)


def answer_as_staff(act: Act, *, wave: Wave, answers: Answers) -> None:
    """Count what a member of staff answers, once in each wave. Raises Conflict if she has, or the wave is over."""
    _check(answers, asked=STAFF)
    if open_wave(act.session, day=act.now.astimezone(COPENHAGEN).date()) is not wave:
        raise Conflict("this wave is not open")
    noted = insert_into(act.session, StaffAnswered).values(wave=wave, caseworker_id=act.actor.id)
    once = noted.on_conflict_do_nothing().returning(StaffAnswered.wave)
    if act.session.execute(once).one_or_none() is None:
        raise Conflict("this member of staff has answered")
    group = _group(act)
    for question, rating in sorted(answers.items()):
        _tick(act.session, StaffTally, wave=wave, staff_group=group, question=question, rating=rating)


def _group(act: Act) -> Group:
    trial = latest(act.session)
    if trial is None:
        return Group.NONE
    row = act.session.get(TrialCaseworker, (trial.id, act.actor.id))
    return Group(row.arm) if row is not None and row.arm is not None else Group.NONE


def _check(answers: Answers, *, asked: frozenset[Question]) -> None:
    if not answers or not set(answers) <= asked:
        raise InvalidInput("at least one of the questions is answered", field="answers")


def _tick(session: Session, tally: type[PulseTally | StaffTally], **where: Any) -> None:
    fresh = insert_into(session, tally).values(**where, answers=1)
    session.execute(fresh.on_conflict_do_update(index_elements=list(where), set_={"answers": tally.answers + 1}))
