"""The ways into the app, and the way out."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import sessions
from messaging.citizen_app.pages.doors import UNSENT, app_pages, find_here, show_out
from messaging.web.pages import local_path
from messaging.web.shell import current_runtime

ways = app_pages("app_ways", __name__, public=True)


@ways.get("/login")
def show() -> Response | str:
    """Show the ways in to somebody who is not."""
    next_ = local_path(request.args.get("next"))
    if find_here() is not None:
        return redirect(next_ or url_for("app_thread.show"))
    return render_template("citizen_app/ways.html", next=next_, is_unsent=UNSENT in request.args)


@ways.post("/sign-out")
def sign_out() -> Response:
    """Sign this browser out; nothing of ours is left in it."""
    runtime, here = current_runtime(), find_here()
    if here is not None:
        with runtime.act(here.actor) as act:
            sessions.end_session(act, session_id=here.session_id)
    return show_out(url_for("app_ways.show"))
