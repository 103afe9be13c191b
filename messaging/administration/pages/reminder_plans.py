"""Which reminders meetings get: the plans that hold, and the way from a draft through a signature to an end."""

import uuid
from datetime import date

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from messaging.administration import plan_wording, text_wording
from messaging.administration.group_wording import groups_in_words
from messaging.administration.pages.doors import reader, superuser
from messaging.appointments import laying_plans, plan_overview, plan_texts
from messaging.appointments.laying_plans import KeptFromSms, NewPlan, NewStep
from messaging.appointments.plan_hours import OutsideHours, OwnHours
from messaging.appointments.planning import reminder_rules
from messaging.appointments.plans import Scope
from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import OpenHours
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotAllowed
from messaging.people.models import Role, Unit
from messaging.trial.target_groups import read_list
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

plan_pages = pages("reminder_plans", __name__)

Answer = str | Response | tuple[str, int]


@plan_pages.get("/administration/reminder-plans")
def overview() -> str:
    """Show the plans that hold or wait, what holds where there is none, and a form for the next."""
    reader()
    return _overview()


@plan_pages.post("/administration/reminder-plans")
def write() -> Answer:
    """Keep a plan until somebody else signs it."""
    actor = superuser()
    try:
        new = _new_plan()
        with current_runtime().act(actor) as act:
            laying_plans.write_plan(act, new, service=_service())
    except InvalidInput as error:
        return _overview(wrong=_wrong(error)), 422
    return _done(_("Planen er gemt. En anden superbruger skal skrive under, før den bruges."))


@plan_pages.post("/administration/reminder-plans/<uuid:plan_id>/sign")
def sign(plan_id: uuid.UUID) -> Answer:
    """Let somebody else's plan hold from its first day."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            laying_plans.sign_plan(act, plan_id=plan_id, service=_service())
    except (Conflict, NotAllowed, InvalidInput) as error:
        return _overview(wrong=_not_done(error)), 409
    return _done(_("Planen er skrevet under. Kommende møder følger den fra dens første dag."))


@plan_pages.post("/administration/reminder-plans/<uuid:plan_id>/withdraw")
def withdraw(plan_id: uuid.UUID) -> Answer:
    """Let a plan that nobody has signed wait no longer."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            laying_plans.withdraw_plan(act, plan_id=plan_id)
    except Conflict as error:
        return _overview(wrong=_not_done(error)), 409
    return _done(_("Planen er trukket tilbage."))


@plan_pages.post("/administration/reminder-plans/<uuid:plan_id>/end")
def end(plan_id: uuid.UUID) -> Answer:
    """Let a plan hold until a day and no longer."""
    actor = superuser()
    try:
        last_day = _needed_day("last_day")
        with current_runtime().act(actor) as act:
            laying_plans.end_plan(act, plan_id=plan_id, last_day=last_day)
    except InvalidInput as error:
        return _overview(wrong=_wrong(error)), 422
    except Conflict as error:
        return _overview(wrong=_not_done(error)), 409
    return _done(_("Planen slutter den dag."))


def _new_plan() -> NewPlan:
    form = request.form
    return NewPlan(
        id=form_id("plan_id"),
        scope=Scope(
            unit_id=_unit(),
            meeting_type=form.get("meeting_type", "").strip() or None,
            target_group=form.get("target_group") or None,
        ),
        first_day=_needed_day("first_day"),
        last_day=_day("last_day"),
        steps=[step for number in range(laying_plans.MOST_STEPS) if (step := _step(number)) is not None],
        most_per_day=_number("most_per_day"),
        most_per_meeting=_number("most_per_meeting"),
        stops_when_confirmed=form.get("stops_when_confirmed") == "yes",
        combines=form.get("combines") == "yes",
        hours=OwnHours(
            opens=_number("opens", field="hours"),
            closes=_number("closes", field="hours"),
            spares_weekends=form.get("spares_weekends") == "yes",
        ),
        ways=form.get("ways", "").split(),
    )


def _step(number: int) -> NewStep | None:
    days = _number(f"days_{number}", field="steps")
    if days is None:
        return None
    texts = request.form.getlist(f"texts_{number}")
    return NewStep(days=days, hour=_number(f"hour_{number}", field="steps"), texts=tuple(texts))


def _number(name: str, *, field: str | None = None) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise InvalidInput("the form holds no such number", field=field or name) from None


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None


def _needed_day(name: str) -> date:
    day = _day(name)
    if day is None:
        raise InvalidInput("the form holds no day", field=name)
    return day


def _unit() -> uuid.UUID | None:
    text = request.form.get("unit", "")
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise InvalidInput("there is no such unit", field="unit") from None


def _wrong(error: InvalidInput) -> str:
    return _in_full(error) or str(plan_wording.WRONG.get(error.field or "", plan_wording.WRONG["steps"]))


def _not_done(error: Conflict | NotAllowed | InvalidInput) -> str:
    return _in_full(error) or str(plan_wording.NOT_DONE[error.code])


def _in_full(error: Conflict | NotAllowed | InvalidInput) -> str | None:
    """Return what is wrong in words that name it, of what is not told by its field or code alone."""
    if isinstance(error, KeptFromSms):
        return plan_wording.kept_from_sms(error.texts)
    return plan_wording.outside_hours(error.service) if isinstance(error, OutsideHours) else None


def _service() -> OpenHours:
    return reminder_rules(settings_now(current_runtime())).hours


def _done(sentence: str) -> Response:
    flash_once(sentence)
    return redirect(url_for("reminder_plans.overview"), code=303)


def _units(session: Session) -> dict[str, str]:
    return {str(unit.id): unit.name for unit in session.scalars(sa.select(Unit).order_by(Unit.name))}


def _overview(*, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), reader()
    now = runtime.clock.now()
    today = now.astimezone(COPENHAGEN).date()
    settings = settings_now(runtime)
    with runtime.database.read() as session:
        return render_template(
            "administration/reminder_plans.html",
            plans=plan_overview.list_plans(session, today=today),
            default=reminder_rules(settings).steps,
            service=reminder_rules(settings).hours,
            words=plan_wording,
            units=_units(session),
            types=plan_overview.known_types(session),
            groups=groups_in_words(read_list(session).from_day(today)),
            texts=plan_texts.reminder_texts(session, day=today),
            names=text_wording.KEYS,
            missing=plan_texts.texts_missing(session, at=now),
            unsent=plan_texts.count_unsent(session, at=now),
            may_change=actor.role is Role.SUPERUSER,
            me=actor.id,
            steps=range(laying_plans.MOST_STEPS),
            today=today,
            form=request.form if wrong else {},
            new_id=new_id,
            wrong=wrong,
        )
