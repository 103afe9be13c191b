"""Who is away, and who covers: reported by a caseworker for herself, by a team leader for somebody in her unit."""

import uuid
from datetime import date, time
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput, NotFound
from messaging.people import absences, covering, transferring, wording, working_hours
from messaging.people.absence_models import AbsenceReason
from messaging.people.absences import AlreadyAway, DeputyAway, Report
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime

if TYPE_CHECKING:
    from messaging.runtime import Runtime

absence = pages("absence", __name__)

Answer = str | Response | tuple[str, int]


@absence.get("/absences")
def overview() -> str:
    """Show who is away now and later, and the form to report it."""
    return _overview(_reporter())


@absence.post("/absences")
def report() -> Answer:
    """Note that somebody is away; a team leader is led on to the day's meetings if that is today."""
    runtime, actor = current_runtime(), _reporter()
    try:
        asked = _report(actor)
        with runtime.act(actor) as act:
            row = absences.report_absence(act, asked)
            absence_id, begun = row.id, row.since <= act.now
    except (AlreadyAway, DeputyAway) as error:
        return _overview(actor, wrong=str(wording.NOT_REPORTED[error.code])), 409
    except InvalidInput as error:
        return _overview(actor, wrong=str(wording.NOT_REPORTED.get(error.field or "", wording.WRONG_DAYS))), 422
    flash_once(_("Fraværet er noteret."))
    if begun:
        return redirect(url_for("morning.overview", absence_id=absence_id), code=303)
    return redirect(url_for("absence.overview"), code=303)


@absence.post("/absences/<uuid:absence_id>/end")
def end(absence_id: uuid.UUID) -> Response:
    """Note that somebody is back; the deputy sees nothing more."""
    with current_runtime().act(_reporter()) as act:
        absences.end_absence(act, absence_id=absence_id)
    flash_once(_("Fraværet er afsluttet. Vikaren kan ikke længere se samtalerne."))
    return redirect(url_for("absence.overview"), code=303)


@absence.post("/working-hours")
def set_hours() -> Answer:
    """Let one's own weekly hours be as the form says; a day with nothing in it is no working day."""
    actor = _reporter()
    if actor.role is not Role.CASEWORKER:
        raise NotFound("nobody else has working hours")
    try:
        with current_runtime().act(actor) as act:
            working_hours.set_hours(act, week=_week())
    except InvalidInput:
        return _overview(actor, wrong=_("Skriv for hver dag, hvornår den begynder og slutter. Intet er ændret.")), 422
    flash_once(_("Dine arbejdstider er gemt."))
    return redirect(url_for("absence.overview"), code=303)


def panel(runtime: "Runtime", actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw, beside a thread, through whose hands the citizen has gone and who has covered; nothing if nobody else."""
    with runtime.database.read() as session:
        transfers = transferring.transfers_of(session, runtime.vault, citizen_id=citizen_id)
        spans = covering.cover_spans(session, citizen_id=citizen_id)
    html = render_template(
        "people/hands.html",
        transfers=transfers,
        spans=spans,
        cover=actor.covered.get(citizen_id),
        now=runtime.clock.now(),
        words=wording,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def _overview(actor: Actor, *, wrong: str | None = None) -> str:
    runtime = current_runtime()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        listed = absences.list_absences(session, actor, now=now)
        staff = absences.list_staff(session, actor)
        covers = absences.covers_for(session, actor, now=now)
        week = working_hours.hours_of(session, actor.id) if actor.id else {}
    return render_template(
        "people/absences.html",
        listed=listed,
        staff=staff,
        covers=covers,
        week=week,
        is_leader=actor.role is Role.TEAM_LEADER,
        today=now.astimezone(COPENHAGEN).date(),
        wrong=wrong,
        words=wording,
        form=request.form,
    )


def _report(actor: Actor) -> Report:
    """Read the form. Raises InvalidInput."""
    deputy = request.form.get("deputy", "")
    first_day = _day("first_day")
    return Report(
        caseworker_id=form_id("caseworker") if actor.role is Role.TEAM_LEADER else actor.id or form_id("caseworker"),
        deputy_id=form_id("deputy") if deputy else None,
        first_day=first_day,
        last_day=_day("last_day") if request.form.get("last_day") else first_day,
        reason=_reason(),
    )


def _week() -> working_hours.Week:
    """Read the hours of each weekday. Raises InvalidInput."""
    week = {}
    for day in working_hours.WEEKDAYS:
        begins, ends = (request.form.get(f"{name}_{day}", "").strip() for name in ("begins", "ends"))
        if begins or ends:
            week[day] = (_time(begins), _time(ends))
    return week


def _time(word: str) -> time:
    try:
        return time.fromisoformat(word).replace(tzinfo=None)
    except ValueError:
        raise InvalidInput("the form holds no such time", field="hours") from None


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None


def _reason() -> AbsenceReason:
    try:
        return AbsenceReason(request.form.get("reason", AbsenceReason.UNPLANNED))
    except ValueError:
        raise InvalidInput("there is no such reason", field="reason") from None


def _reporter() -> Actor:
    actor = signed_in()
    if actor.role not in {Role.CASEWORKER, Role.TEAM_LEADER}:
        raise NotFound("nobody else reports absence")
    return actor
