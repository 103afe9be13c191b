"""How much contact there was beside the meetings, how fast it went, and who reminded: counts of the last weeks."""

from datetime import timedelta

from flask import render_template

from messaging.administration import wording
from messaging.administration.pages.doors import reader
from messaging.evaluation.waiting import arms_apart
from messaging.volumes import around_meetings, contacts, times
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

SHOWN = timedelta(weeks=12)

volume_pages = pages("volumes", __name__)


@volume_pages.get("/administration/volumes")
def overview() -> str:
    """Show the last twelve weeks."""
    reader()
    runtime = current_runtime()
    now = runtime.clock.now()
    since, until = now - SHOWN, now
    with runtime.database.read() as session:
        apart = arms_apart(session, at=now)
        return render_template(
            "administration/volumes.html",
            apart=apart,
            contacts=contacts.contacts(session, since=since, until=until, apart=apart.now),
            calls=contacts.calls(session, since=since, until=until),
            times=times.times(session, since=since, until=until),
            resummons=around_meetings.resummons(session, since=since, until=until, apart=apart.now),
            coverage=around_meetings.coverage(session, since=since, until=until),
            kinds=contacts.KINDS,
            heads=[wording.CONTACTS[kind] for kind in contacts.KINDS],
            words=wording,
            since=since,
        )
