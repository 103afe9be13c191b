"""The work in the background: what is due, what is stuck, and who gives a sign of life."""

from flask import render_template

from messaging.administration import health, wording
from messaging.administration.pages.doors import reader
from messaging.appointments.checks import doubted_sources, feeds
from messaging.appointments.wording import FEED_ERRORS
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

background = pages("background", __name__)


@background.get("/administration/background")
def overview() -> str:
    """Show lanes, readers of the changes, the worker's loops and what was given up."""
    reader()
    runtime = current_runtime()
    with runtime.database.read() as session:
        return render_template(
            "administration/background.html",
            queues=health.queues(session, at=runtime.clock.now()),
            tails=health.tails(session),
            beats=health.heartbeats(session),
            breakers=health.breakers(session),
            feeds=feeds(session),
            feed_errors=FEED_ERRORS,
            doubted=doubted_sources(session),
            parked=health.parked_messages(session),
            words=wording,
        )
