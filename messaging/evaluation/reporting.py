"""Making the report: what is kept is read, judged if its time has come, and drawn."""

from datetime import datetime

from sqlalchemy.orm import Session

from messaging.errors import Conflict, NotFound
from messaging.evaluation import chapters
from messaging.evaluation.baseline_chapter import before_the_trial
from messaging.evaluation.document import Report
from messaging.evaluation.given import Given
from messaging.evaluation.judging import judge
from messaging.evaluation.loading import load
from messaging.evaluation.models import EvaluationExtract
from messaging.evaluation.moments_in_words import day, month
from messaging.evaluation.permutation import Progress, untold
from messaging.evaluation.plan_file import fixed_plan
from messaging.evaluation.waiting import may_compare, opens_at
from messaging.runtime import Runtime
from messaging.trial.models import Design, Trial
from messaging.trial.running import latest

TITLE = "Evaluering af forsøget med sms og app"
MILESTONE = "Rapporten går kun til en milepæl undervejs. Grupperne sammenlignes kun for hele forsøget."
DESIGNS = {
    Design.CASEWORKER: "Der er trukket lod blandt sagsbehandlerne.",
    Design.CITIZEN: "Der er trukket lod blandt hver sagsbehandlers borgere.",
}


def make_report(
    runtime: Runtime, *, through: str | None = None, plan: str | None = None, progress: Progress = untold
) -> Report:
    """Return the report as it stands now, or by the meetings up to and with the month `through` (`2028-01`).

    `plan`: the text of a plan that must be the one that was locked. `progress` hears how many comparisons of how many
    are made. Raises NotFound without an extract or a baseline, Conflict if the extract is deleted or the plan another.
    """
    at = runtime.clock.now()
    with runtime.database.read() as session:
        trial = latest(session)
        if trial is None:
            return _before(session, at)
        extract = session.get(EvaluationExtract, trial.id)
        if extract is None:
            raise NotFound("there is no extract yet; evaluate extract makes one")
        if extract.deleted_at is not None:
            raise Conflict("the extract of this trial has been deleted: its time is over")
        fixed = fixed_plan(session, runtime.vault, trial, given=plan)
        loaded = load(session, trial, through=through)
    compares = may_compare(trial, at=at, through=through)
    judgement = judge(loaded.extract, fixed.plan, progress=progress) if compares else None
    with runtime.database.read() as session:
        given = Given(
            session=session,
            trial=trial,
            at=at,
            through=through,
            loaded=loaded,
            plan=fixed.plan,
            judgement=judgement,
        )
        sections = chapters.draw(given)
    return Report(
        title=TITLE if through is None else f"{TITLE}, til og med {month(through)}",
        about=(
            _of_trial(trial),
            *(() if compares else (_not_yet(trial) if at < opens_at(trial) else MILESTONE,)),
            f"Tallene er fra {day(extract.filled_at)}, og udtrækket slettes {day(extract.delete_at)}.",
            fixed.about,
        ),
        warnings=() if fixed.warning is None else (fixed.warning,),
        made_at=at,
        compares=compares,
        sections=sections,
    )


def _of_trial(trial: Trial) -> str:
    span = f"Forsøget løber fra {day(trial.locked_at)} til {day(trial.ends_at)}."
    ended = trial.ended_at
    early = ended is not None and ended < trial.ends_at
    return f"{DESIGNS[trial.design]} {span}" + (f" Det blev standset {day(ended)}." if early and ended else "")


def _not_yet(trial: Trial) -> str:
    return (
        f"Grupperne sammenlignes først {day(opens_at(trial))}. Den, der ser efter hver måned, finder før eller "
        "siden en forskel ved et tilfælde."
    )


def _before(session: Session, at: datetime) -> Report:
    section = before_the_trial(session)
    if section is None:
        raise NotFound("there has been no trial, and nothing is known of the time before one")
    return Report(
        title="Før forsøget med sms og app",
        about=("Forsøget er ikke begyndt.",),
        warnings=(),
        made_at=at,
        compares=False,
        sections=(section,),
    )
