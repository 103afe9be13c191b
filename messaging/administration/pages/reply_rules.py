"""How the rules that read answers do: readings and corrections in counts, and nothing that anybody wrote."""

from datetime import timedelta

from flask import render_template

from messaging.administration.pages.doors import reader
from messaging.appointments.correcting import measure
from messaging.appointments.reading_wording import BECAUSE, MEANINGS
from messaging.appointments.wording import NOT_SPOKEN_OF
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

DAYS = 90

reply_rules = pages("reply_rules", __name__)


@reply_rules.get("/administration/reply-rules")
def overview() -> str:
    """Show per rule what it read lately, and how much of that caseworkers corrected."""
    reader()
    runtime = current_runtime()
    with runtime.database.read() as session:
        measured = measure(session, since=runtime.clock.now() - timedelta(days=DAYS))
    return render_template(
        "administration/reply_rules.html",
        measured=measured,
        days=DAYS,
        because=BECAUSE,
        meanings=MEANINGS,
        unspoken=NOT_SPOKEN_OF,
    )
