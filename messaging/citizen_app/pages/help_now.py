"""Whom one can call in need: a page for everybody, and the offer above the form of the thread."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from flask import redirect, render_template, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from messaging.citizen_app.help_numbers import HelpNumber, numbers_in_force, signs_of_late
from messaging.citizen_app.pages.doors import app_pages
from messaging.citizen_app.sessions import CitizenHere
from messaging.clock import COPENHAGEN
from messaging.web.language import language
from messaging.web.shell import current_runtime

PUT_AWAY = "help_put_away"
"""Where the browser's signed cookie keeps when the offer was put away, in seconds."""

help_pages = app_pages("app_help", __name__, public=True)


@help_pages.get("/help")
def show() -> str:
    """Show all numbers."""
    return render_template("citizen_app/help.html", numbers=numbers_in_force(on=_today(), language=language()))


@help_pages.post("/help/away")
def put_away() -> Response:
    """Put the offer away in this browser, until there is a new reason for it."""
    session[PUT_AWAY] = current_runtime().clock.now().timestamp()
    return redirect(url_for("app_thread.show", _anchor="newest"), code=303)


def offer(database_session: Session, here: CitizenHere) -> Sequence[HelpNumber]:
    """Return the numbers to offer this citizen now; none where nothing speaks for it."""
    away = session.get(PUT_AWAY)
    signs = signs_of_late(
        database_session,
        here.citizen_id,
        now=current_runtime().clock.now(),
        put_away=datetime.fromtimestamp(away, UTC) if isinstance(away, float) else None,
    )
    return numbers_in_force(on=_today(), language=language(), kinds=signs) if signs else ()


def _today() -> date:
    return current_runtime().clock.now().astimezone(COPENHAGEN).date()
