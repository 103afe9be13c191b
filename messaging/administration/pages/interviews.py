"""The interviews before, during and after: what is done and missing, and which themes came up; never who said it."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration.pages.doors import reader, superuser
from messaging.errors import Conflict, InvalidInput
from messaging.evaluation.waiting import arms_apart
from messaging.experience import interviewing, wording
from messaging.experience.interview_models import Side
from messaging.experience.interviewing import Held
from messaging.experience.models import Wave
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

interview_pages = pages("interviews", __name__)

Answer = str | Response | tuple[str, int]


@interview_pages.get("/administration/interviews")
def overview() -> str:
    """Show what is done and missing, and the themes."""
    reader()
    return _overview()


@interview_pages.post("/administration/interviews")
def record() -> Answer:
    """Count an interview, or take one out that was counted wrongly."""
    runtime, actor = current_runtime(), superuser()
    withdraws = request.form.get("do") == "withdraw"
    try:
        held, themes = _held(), interviewing.read_themes(request.form.get("themes", ""))
        with runtime.act(actor) as act:
            if withdraws:
                interviewing.withdraw(act, held, themes=themes)
            else:
                interviewing.record(act, held, interview_id=form_id("interview_id"), themes=themes)
    except InvalidInput:
        told = _("Skriv temaer med få ord og kun bogstaver, højst 10, og uden navne.")
        return _overview(wrong=told), 422
    except Conflict:
        return _overview(wrong=_("Der er intet interview med de temaer at trække fra.")), 409
    flash_once(_("Interviewet er trukket fra.") if withdraws else _("Interviewet er talt med."))
    return redirect(url_for("interviews.overview"), code=303)


def _overview(*, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), reader()
    with runtime.database.read() as session:
        found = interviewing.progress(session, at=runtime.clock.now())
        themes = interviewing.themes_of(session)
        apart = arms_apart(session, at=runtime.clock.now())
    return render_template(
        "administration/interviews.html",
        progress=found,
        missing=sum(one.missing for one in found),
        themes=themes,
        apart=apart,
        target=interviewing.TARGET,
        words=wording,
        waves=tuple(Wave),
        arms=tuple(Arm),
        sides=tuple(Side),
        interview_id=uuid.uuid4(),  # not one of ours, which tell when they were made
        may_change=actor.role is Role.SUPERUSER,
        typed=request.form if wrong else {},
        wrong=wrong,
    )


def _held() -> Held:
    form = request.form
    try:
        return Held(wave=Wave(form.get("wave", "")), arm=Arm(form.get("arm", "")), side=Side(form.get("side", "")))
    except ValueError:
        raise InvalidInput("there is no such interview", field="wave") from None
