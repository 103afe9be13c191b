"""Reading the kept extract: the arrays that are analysed, and beside them what only counts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.attendance.models import OfficialWord
from messaging.conversations.channel_choice import Has
from messaging.errors import InvalidInput
from messaging.evaluation.extract import Before, Extract, Line, Outcome, extract_of
from messaging.evaluation.models import EvaluationCluster, EvaluationLine
from messaging.trial.models import Arm, Trial

OUTCOME_OF = {
    OfficialWord.HELD: Outcome.HELD,
    OfficialWord.NO_SHOW: Outcome.NO_SHOW,
    OfficialWord.CANCELLED_BY_CITIZEN: Outcome.CANCELLED_BY_CITIZEN,
    None: Outcome.UNKNOWN,
}


@dataclass(frozen=True, kw_only=True)
class Got:
    """What was written down of the meetings of an arm that were planned: what citizens really got before them.

    `logged` of `meetings` have such a note; `caseworkers` held these. `with_app`: of these, citizens who had the app;
    `sms`, `app`: who were reminded that way; `withheld`: whose reminders the arm kept back.
    """

    meetings: int
    logged: int
    caseworkers: int
    with_app: int
    sms: int
    app: int
    withheld: int


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The extract as it is read. `extract` is without meetings that we cancelled; None if nothing else is there.

    `cancelled_by_us` and `got` are by arm.
    """

    extract: Extract | None
    cancelled_by_us: Mapping[Arm, int]
    got: Mapping[Arm, Got]


def load(session: Session, trial: Trial, *, through: str | None = None) -> Loaded:
    """Return the extract of a trial, up to and with the month `through` (`2028-01`)."""
    chosen = sa.select(EvaluationLine).filter_by(trial_id=trial.id).order_by(EvaluationLine.id)
    if through is not None:
        chosen = chosen.where(EvaluationLine.month <= through)
    rows = session.scalars(chosen).all()
    counted = [row for row in rows if row.outcome is not OfficialWord.CANCELLED_BY_US]
    return Loaded(
        extract=_extract(session, trial, counted),
        cancelled_by_us=_by_arm(row.arm for row in rows if row.outcome is OfficialWord.CANCELLED_BY_US),
        got={arm: _got([row for row in rows if row.arm is arm]) for arm in Arm},
    )


def require(loaded: Loaded) -> Extract:
    """Return the arrays. Raises InvalidInput if there are none."""
    if loaded.extract is None:
        raise InvalidInput("there is no planned meeting in the extract yet", field="appointments")
    return loaded.extract


def _extract(session: Session, trial: Trial, rows: Sequence[EvaluationLine]) -> Extract | None:
    if not rows:
        return None
    clusters = session.scalars(sa.select(EvaluationCluster).filter_by(trial_id=trial.id)).all()
    before = {str(one.id): Before(stratum=f"{one.stratum:03}", baseline_rate=one.baseline_rate) for one in clusters}
    lines = (
        Line(
            arm=row.arm,
            caseworker=str(row.cluster_id),
            citizen=str(row.citizen),
            month=row.month,
            meeting_type=row.meeting_type,
            target_group=row.target_group,
            outcome=OUTCOME_OF[row.outcome],
            held_within=row.held_within,
        )
        for row in rows
    )
    return extract_of(lines, before=before, design=trial.design)


def _by_arm(arms: Iterable[Arm]) -> Mapping[Arm, int]:
    counted = Counter(arms)
    return {arm: counted[arm] for arm in Arm}


def _got(rows: Sequence[EvaluationLine]) -> Got:
    logged = [row for row in rows if row.has is not None]
    return Got(
        meetings=len(rows),
        logged=len(logged),
        caseworkers=len({row.cluster_id for row in logged}),
        with_app=sum(row.has is not Has.NUMBER for row in logged),
        sms=sum(bool(row.sms_sent) for row in logged),
        app=sum(bool(row.app_placed) for row in logged),
        withheld=sum(bool(row.withheld) for row in logged),
    )
