"""The page from which superusers and auditors find what they look after."""

from flask import render_template

from messaging.administration import texts
from messaging.administration.pages.doors import reader
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

administration = pages("administration", __name__)


@administration.get("/administration")
def overview() -> str:
    """Show what there is, and what waits for somebody."""
    reader()
    with current_runtime().database.read() as session:
        waiting = texts.count_waiting(session)
    return render_template("administration/overview.html", texts_waiting=waiting)
