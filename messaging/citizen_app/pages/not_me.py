"""Where somebody says that the messages on this phone are not hers: asked once, done at once, no more shown."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app.not_me import close_for_wrong_person
from messaging.citizen_app.pages.doors import app_pages, citizen_here, show_out
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

not_me = app_pages("app_not_me", __name__)
closed = app_pages("app_closed", __name__, public=True)


@not_me.get("/not-me")
def ask() -> str:
    """Ask once, without a word of anybody's."""
    return render_template("citizen_app/not_me.html")


@not_me.post("/not-me")
def close() -> Response:
    """Close this phone's access and tell a human."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        close_for_wrong_person(act, here)
    runtime.waker.wake(Lane.JOURNAL)
    return show_out(url_for("app_closed.show"))


@closed.get("/closed")
def show() -> str:
    """Thank her, and say that nothing more is to be done."""
    return render_template("citizen_app/closed.html")
