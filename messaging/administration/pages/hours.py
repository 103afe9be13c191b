"""When the office answers, when reminders leave, and days that are closed; each from a day on."""

from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration.pages.doors import reader, superuser
from messaging.clock import COPENHAGEN
from messaging.conversations import opening_times
from messaging.conversations.opening_times import Hours, NewTimes
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.models import Role
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

hour_pages = pages("hours", __name__)

Answer = str | Response | tuple[str, int]


@hour_pages.get("/administration/hours")
def overview() -> str:
    """Show the hours that hold, those to come, and the days that are closed."""
    reader()
    return _overview()


@hour_pages.post("/administration/hours")
def set_times() -> Answer:
    """Let other hours hold from a day on."""
    runtime, actor = current_runtime(), superuser()
    try:
        new = NewTimes(
            id=form_id("times_id"),
            first_day=_day("first_day"),
            office=_hours("office"),
            weekdays=_hours("weekdays"),
            weekends=_hours("weekends"),
        )
        with runtime.act(actor) as act:
            opening_times.set_times(act, new)
    except InvalidInput as error:
        return _overview(wrong=_wrong(error)), 422
    return _done(_("Åbningstiderne er gemt. De virker overalt inden for et minut fra den dag, de gælder."))


@hour_pages.post("/administration/closed-days")
def close_day() -> Answer:
    """Let a day be closed, or open again."""
    runtime, actor = current_runtime(), superuser()
    closes = request.form.get("do") != "open"
    try:
        day = _day("day")
        with runtime.act(actor) as act:
            if closes:
                opening_times.close_day(act, day=day)
            else:
                opening_times.open_day(act, day=day)
    except InvalidInput as error:
        return _overview(wrong=_wrong(error)), 422
    return _done(_("Dagen er lukket.") if closes else _("Dagen er åben igen."))


def _overview(*, wrong: str | None = None) -> str:
    runtime = current_runtime()
    now = runtime.clock.now()
    today = now.astimezone(COPENHAGEN).date()
    with runtime.database.read() as session:
        settings = opening_times.settings_at(session, runtime.config, at=now)
        noted = opening_times.list_times(session)
        closed = opening_times.list_closed(session, since=today)
    return render_template(
        "administration/hours.html",
        settings=settings,
        coming=[row for row in noted if row.first_day > today],
        closed=closed,
        from_settings=[day for day in runtime.config.closed_days if day >= today],
        today=today,
        new_id=new_id,
        wrong=wrong,
        may_change=reader().role is Role.SUPERUSER,
    )


def _done(sentence: str) -> Response:
    current_runtime().settings.drop("now")
    flash_once(sentence)
    return redirect(url_for("hours.overview"), code=303)


def _wrong(error: InvalidInput) -> str:
    if error.field in {"first_day", "day"}:
        return _("Vælg en dag fra i dag og højst to år frem. Intet er ændret.")
    return _("Tiderne skal begynde, før de slutter. Skriv hele timer fra 0 til 24. Intet er ændret.")


def _hours(name: str) -> Hours:
    try:
        return int(request.form.get(f"{name}_opens", "")), int(request.form.get(f"{name}_closes", ""))
    except ValueError:
        raise InvalidInput("the form holds no such hours", field=name) from None


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None
