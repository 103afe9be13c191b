"""All that is not a message: the page "Mere"."""

from flask import render_template

from messaging.citizen_app.pages.doors import app_pages
from messaging.citizen_app.pages.navigation import MORE
from messaging.web.shell import current_runtime

more = app_pages("app_more", __name__)


@more.get("/more")
def show() -> str:
    """Show what else there is."""
    runtime = current_runtime()
    return render_template("citizen_app/more.html", entries=[entry for entry in MORE if entry.is_there(runtime)])
