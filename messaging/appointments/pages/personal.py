"""A caseworker's own line in a reminder about to be sent: the whole text is shown as it will be sent."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.appointments import day, personalising, queries, wording
from messaging.appointments.holding import NotWaiting
from messaging.appointments.planning import reminder_rules
from messaging.appointments.readers import add
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.conversations.pages.composer import draw_size
from messaging.conversations.segments import make_gsm
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime, current_shell

personal_lines = pages("personal_lines", __name__)


@personal_lines.get("/reminders/<uuid:reminder_id>/line")
def edit(reminder_id: uuid.UUID) -> str | Response:
    """Show the reminder as it will be sent, and the form of the line."""
    with current_runtime().act(signed_in()) as act:
        reminder = _opened(act, reminder_id)
    if reminder is None:
        return _back(_("Påmindelsen er sendt eller trukket tilbage i mellemtiden."))
    return _draw(reminder, line=reminder.line or reminder.left_behind or "")


@personal_lines.post("/reminders/<uuid:reminder_id>/line")
def save(reminder_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Add the line, or show how the reminder would be with it."""
    line = request.form.get("line", "")
    with current_runtime().act(signed_in()) as act:
        reminder = _opened(act, reminder_id)
    if reminder is None:
        return _back(_("Påmindelsen er sendt eller trukket tilbage i mellemtiden. Linjen er ikke gemt."))
    if request.form.get("action") == "show":
        return _draw(reminder, line=line)
    try:
        with current_runtime().act(signed_in()) as act:
            queries.find_reminder(act.session, act.actor, reminder_id)
            personalising.add_line(act, reminder_id=reminder_id, line=line)
    except InvalidInput as error:
        return _draw(reminder, line=line, wrong=wording.LINE_REFUSED.get(error.field or "")), 422
    except personalising.SharedNumber:
        return _back(_("Nummeret er delt af flere borgere. Linjen er ikke gemt."))
    except NotWaiting:
        return _back(_("Påmindelsen er sendt eller trukket tilbage i mellemtiden. Linjen er ikke gemt."))
    return _back(_("Din linje sendes med påmindelsen."))


@personal_lines.post("/reminders/<uuid:reminder_id>/line/remove")
def remove(reminder_id: uuid.UUID) -> Response:
    """Take the line out again."""
    with current_runtime().act(signed_in()) as act:
        queries.find_reminder(act.session, act.actor, reminder_id)
        personalising.remove_line(act, reminder_id=reminder_id)
    return _back(_("Linjen er fjernet. Påmindelsen sendes i de godkendte ord."))


def _opened(act: Act, reminder_id: uuid.UUID) -> day.ComingReminder | None:
    """Read a reminder as it would be sent now, and note that it was read. Raises NotFound."""
    runtime = current_runtime()
    settings = settings_now(runtime)
    queries.find_reminder(act.session, act.actor, reminder_id)
    act.audit("reminder.opened", object_kind="reminder", object_id=reminder_id)
    return day.one_reminder(
        act.session,
        act.vault,
        act.actor,
        reminder_id=reminder_id,
        now=act.now,
        rules=reminder_rules(settings),
        office=Office.from_config(settings),
        apps_of=current_shell().apps_of,
    )


def _draw(reminder: day.ComingReminder, *, line: str, wrong: str | None = None) -> str:
    plain = make_gsm(" ".join(line.split()))
    whole = add(reminder.approved, plain) if reminder.approved and plain else reminder.approved
    return render_template(
        "appointments/personal.html",
        reminder=reminder,
        line=line,
        whole=whole,
        size=draw_size(whole) if whole else "",
        longest=personalising.LONGEST,
        wrong=wrong,
    )


def _back(sentence: str) -> Response:
    flash_once(sentence)
    return redirect(url_for("meetings.overview", _anchor="reminders"), code=303)
