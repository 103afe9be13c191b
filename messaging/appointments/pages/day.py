"""The page of the day: outcomes by one tap, today's meetings, and the reminders of the next working day."""

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from messaging.appointments import day, holding, queries, wording
from messaging.appointments.planning import reminder_rules
from messaging.appointments.states import OPEN
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime, current_shell

meetings = pages("meetings", __name__)


@meetings.get("/meetings")
def overview() -> str:
    """Show what the day holds."""
    runtime, actor = current_runtime(), signed_in()
    vault, now = runtime.vault, runtime.clock.now()
    office, rules = Office.from_config(settings_now(runtime)), reminder_rules(settings_now(runtime))
    today, until = queries.working_days_ahead(now, hours=office.hours)
    with runtime.database.read() as session:
        without = day.lacking_outcome(session, vault, actor, now=now)
        coming = day.coming(session, vault, actor, since=today, until=until)
        reminders = day.coming_reminders(
            session,
            vault,
            actor,
            now=now,
            until=until,
            rules=rules,
            office=office,
            apps_of=current_shell().apps_of,
        )
    if day.shows_content(without, reminders):
        with runtime.act(actor) as act:
            day.note_reading(act, without, reminders)
    return render_template(
        "appointments/day.html",
        without=without,
        coming=[meeting for meeting in coming if meeting not in without],
        reminders=reminders,
        open_states=OPEN,
        words=wording,
    )


@meetings.post("/reminders/<uuid:reminder_id>/hold")
def hold(reminder_id: uuid.UUID) -> Response:
    """Hold a reminder back."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        queries.find_reminder(act.session, actor, reminder_id)
        holding.hold_reminder(act, reminder_id=reminder_id)
    flash_once(_("Påmindelsen sendes ikke, før du slipper den."))
    return redirect(url_for("meetings.overview", _anchor="reminders"), code=303)


@meetings.post("/reminders/<uuid:reminder_id>/let-go")
def let_go(reminder_id: uuid.UUID) -> Response:
    """Let a held reminder be sent after all."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        queries.find_reminder(act.session, actor, reminder_id)
        holding.let_go(act, reminder_id=reminder_id)
    flash_once(_("Påmindelsen sendes som planlagt."))
    return redirect(url_for("meetings.overview", _anchor="reminders"), code=303)
