"""A trial whose extract is kept in the database, made of counts that one can follow by hand."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from messaging.attendance.models import OfficialWord
from messaging.evaluation.extract import Outcome
from messaging.evaluation.models import EvaluationCluster, EvaluationExtract, EvaluationLine
from messaging.evaluation.plan import Plan
from messaging.evaluation.plan_file import write_plan
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial.models import Design, Trial
from messaging.trial.running import PLAN_LOCKED, plan_facts
from tests.evaluation.extracts import Staff, lines_of

LOCKED, ENDS = datetime(2027, 10, 1, tzinfo=UTC), datetime(2028, 4, 3, tzinfo=UTC)
OPENS = ENDS + timedelta(days=14)
QUICK = Plan(permutations=199, secondary=False)
"""Few rearrangements: enough for a level of 5 %."""
WORDS = {
    Outcome.HELD: OfficialWord.HELD,
    Outcome.NO_SHOW: OfficialWord.NO_SHOW,
    Outcome.CANCELLED_BY_CITIZEN: OfficialWord.CANCELLED_BY_CITIZEN,
    Outcome.UNKNOWN: None,
}


def keep(
    runtime: Runtime, staff: Sequence[Staff], *, design: Design = Design.CASEWORKER, plan: Plan | None = QUICK
) -> uuid.UUID:
    """Keep the extract of a trial with these caseworkers, filled on the day after its end; return the trial's id."""
    text = write_plan(plan) if plan else None
    clusters = {f"c{number:03d}": uuid.uuid4() for number in range(len(staff))}
    with runtime.act(SYSTEM) as act:
        trial = Trial(design=design, seed=7, locked_at=LOCKED, ends_at=ENDS, ended_at=ENDS, plan=text)
        act.session.add(trial)
        act.session.flush()
        if text is not None:
            act.audit(PLAN_LOCKED, object_kind="trial", object_id=trial.id, facts=plan_facts(text))
        filled = ENDS + timedelta(days=1)
        act.session.add(
            EvaluationExtract(trial_id=trial.id, purpose="test", filled_at=filled, delete_at=ENDS + timedelta(days=365))
        )
        act.session.flush()
        strata = sorted({one.stratum for one in staff})
        act.session.add_all(
            EvaluationCluster(
                id=clusters[f"c{number:03d}"],
                trial_id=trial.id,
                stratum=strata.index(one.stratum),
                baseline_rate=one.baseline_rate,
            )
            for number, one in enumerate(staff)
        )
        act.session.flush()
        lines = [
            {
                "id": uuid.uuid4(),
                "trial_id": trial.id,
                "cluster_id": clusters[line.caseworker],
                "citizen": uuid.uuid5(uuid.NAMESPACE_OID, line.citizen),
                "arm": line.arm,
                "month": line.month,
                "meeting_type": line.meeting_type,
                "target_group": line.target_group,
                "outcome": WORDS[line.outcome],
                "held_within": line.outcome is Outcome.HELD,
            }
            for line in lines_of(staff)
        ]
        if lines:
            act.session.execute(sa.insert(EvaluationLine), lines)
        return trial.id
