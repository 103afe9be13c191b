"""The chase list: meetings that have begun and of which the employment system has told nothing."""

from flask import render_template

from messaging.administration.pages.doors import reader
from messaging.attendance.queries import list_missing, missing_by_unit
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

SHOWN = 200

missing_outcomes = pages("missing_outcomes", __name__)


@missing_outcomes.get("/administration/missing-outcomes")
def overview() -> str:
    """Show how many there are by unit, and the oldest of them by the ids their sources gave them."""
    reader()
    runtime = current_runtime()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        units = missing_by_unit(session, at=now)
        meetings = list_missing(session, at=now, limit=SHOWN)
    return render_template("administration/missing_outcomes.html", units=units, meetings=meetings)
