"""Asking for the report, and keeping the last one: a page shows what was made, and waits for no calculation.

A run is asked for, begun by one process, and finished with a report or an error. Only the newest few are kept.
"""

import json
import uuid
from importlib.util import find_spec

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.evaluation.document import Report, report_of
from messaging.evaluation.models import EvaluationRun
from messaging.people.acting import Act

PACKAGES = ("matplotlib", "numpy", "scipy", "statsmodels")
"""What the figures are made with: the extra `evaluation`."""
KEPT = 5
STOPPED = "stopped"
"""The error of a run whose process ended without a word."""


def can_calculate() -> bool:
    """Whether the packages that the figures are made with are installed here."""
    return all(find_spec(package) is not None for package in PACKAGES)


def ask(act: Act) -> EvaluationRun:
    """Ask for the report; if it is being made already, that is the answer."""
    run = under_way(act.session)
    if run is None:
        run = EvaluationRun(asked_at=act.now)
        act.session.add(run)
        act.session.flush()
        act.audit("evaluation.report_asked", object_kind="evaluation_run", object_id=run.id)
    return run


def under_way(session: Session) -> EvaluationRun | None:
    """Return the run that is asked for or being made."""
    unfinished = sa.and_(EvaluationRun.finished_at.is_(None), EvaluationRun.error.is_(None))
    return session.scalar(sa.select(EvaluationRun).where(unfinished).order_by(EvaluationRun.id).limit(1))


def last_run(session: Session) -> EvaluationRun | None:
    """Return the newest run, whatever became of it."""
    return session.scalar(sa.select(EvaluationRun).order_by(EvaluationRun.id.desc()).limit(1))


def last_report(session: Session) -> tuple[uuid.UUID, Report] | None:
    """Return the newest report that was made, with the id of its run."""
    run = session.scalar(
        sa.select(EvaluationRun)
        .where(EvaluationRun.report.is_not(None))
        .order_by(EvaluationRun.finished_at.desc(), EvaluationRun.id.desc())
        .limit(1)
    )
    return None if run is None or run.report is None else (run.id, report_of(json.loads(run.report)))


def begin(act: Act) -> uuid.UUID | None:
    """Take up the run that is asked for, unless somebody else has; return its id."""
    run = under_way(act.session)
    if run is None or run.begun_at is not None:
        return None
    run.begun_at = act.now
    return run.id


def tell(act: Act, run_id: uuid.UUID, *, done: int, total: int) -> None:
    """Note how far a run is."""
    act.session.execute(sa.update(EvaluationRun).filter_by(id=run_id).values(done=done, total=total))


def finish(act: Act, run_id: uuid.UUID, report: Report) -> None:
    """Keep the report of a run, and let the oldest runs go."""
    told = json.dumps(report.as_json(), ensure_ascii=False)
    done = sa.update(EvaluationRun).filter_by(id=run_id)
    act.session.execute(done.values(report=told, finished_at=act.now))
    newest = sa.select(EvaluationRun.id).order_by(EvaluationRun.id.desc()).limit(KEPT)
    kept = act.session.scalars(newest).all()
    act.session.execute(sa.delete(EvaluationRun).where(EvaluationRun.id.not_in(kept)))


def fail(act: Act, run_id: uuid.UUID, *, error: str) -> None:
    """Note that a run has come to nothing. `error` is a code."""
    act.session.execute(sa.update(EvaluationRun).filter_by(id=run_id).values(error=error, finished_at=act.now))
