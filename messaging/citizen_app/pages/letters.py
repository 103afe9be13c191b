"""Where the letters of the app are made larger, and where it is said how the phone reads aloud."""

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app.letters import KEPT_FOR, KEPT_IN, chosen_letters, letters_of
from messaging.citizen_app.pages.doors import app_pages
from messaging.citizen_app.wording import LETTERS
from messaging.errors import InvalidInput
from messaging.web.language import now as _
from messaging.web.pages import flash_once

letter_pages = app_pages("app_letters", __name__, public=True)


@letter_pages.get("/letters")
def show() -> str:
    """Show the sizes there are, each in its own."""
    return render_template("citizen_app/letters.html", sizes=LETTERS, chosen=letters_of(request.cookies))


@letter_pages.post("/letters")
def choose() -> Response:
    """Let this browser keep a size. Raises InvalidInput for one there is none of."""
    size = chosen_letters(request.form.get("letters", ""))
    if size is None:
        raise InvalidInput("there are no letters of this size", field="letters")
    flash_once(_("Telefonen husker dit valg."))
    answer = redirect(url_for("app_letters.show"), code=303)
    answer.set_cookie(
        KEPT_IN,
        size,
        max_age=KEPT_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
        path="/",
    )
    return answer
