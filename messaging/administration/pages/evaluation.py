"""The evaluation of the trial, for whoever leads it: the last report that was made, and how far the next one is."""

from flask import Response, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from messaging.administration.pages.doors import reader, superuser
from messaging.clock import COPENHAGEN
from messaging.errors import Conflict
from messaging.evaluation.asking import ask, can_calculate, last_report, last_run, under_way
from messaging.evaluation.forms import body_of, write
from messaging.people.models import Role
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

TYPES = {".pdf": "application/pdf", ".html": "text/html; charset=utf-8", ".csv": "text/csv; charset=utf-8"}

evaluation_pages = pages("evaluation_pages", __name__)


@evaluation_pages.get("/administration/evaluation")
def overview() -> str:
    """Show the last report. Nothing is calculated here."""
    actor = reader()
    with current_runtime().database.read() as session:
        made, run, last = last_report(session), under_way(session), last_run(session)
    return render_template(
        "administration/evaluation.html",
        report=made[1] if made else None,
        body=Markup(body_of(made[1])) if made else None,  # noqa: S704  our own template, already escaped
        run=run,
        failed=last.error if last else None,
        may_ask=actor.role is Role.SUPERUSER,
        can_calculate=can_calculate(),
    )


@evaluation_pages.post("/administration/evaluation")
def ask_for_it() -> WerkzeugResponse:
    """Let the worker make the report anew."""
    actor = superuser()
    with current_runtime().act(actor) as act:
        ask(act)
    return redirect(url_for("evaluation_pages.overview"), code=303)


@evaluation_pages.get("/administration/evaluation.pdf")
def printed() -> Response:
    """Give the report on paper."""
    return _file(".pdf")


@evaluation_pages.get("/administration/evaluation.html")
def as_page() -> Response:
    """Give the report as a page that stands by itself."""
    return _file(".html")


@evaluation_pages.get("/administration/evaluation.csv")
def as_table() -> Response:
    """Give the report's figures for a spreadsheet."""
    return _file(".csv")


def _file(ending: str) -> Response:
    actor, runtime = reader(), current_runtime()
    with runtime.database.read() as session:
        made = last_report(session)
    if made is None:
        raise Conflict("no report has been made yet")
    run_id, report = made
    content = write(report, ending)
    with runtime.act(actor) as act:
        act.audit("evaluation.report_taken", object_kind="evaluation_run", object_id=run_id, facts={"form": ending[1:]})
    name = f"evaluering-{report.made_at.astimezone(COPENHAGEN):%Y-%m-%d}{ending}"
    return Response(
        content, content_type=TYPES[ending], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
