"""How a citizen wants to be met, in her own words: asked on one page, kept on her card."""

from collections.abc import Collection

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from messaging.cases.queries import approved_languages
from messaging.cases.wording import LANGUAGES as INTERPRETERS
from messaging.citizen_app import wishing
from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.errors import InvalidInput
from messaging.people.card_models import Medium
from messaging.people.preferences import DANISH, Wanted
from messaging.web import language
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_answer
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

app_wishes = app_pages("app_wishes", __name__)


@app_wishes.get("/wishes")
def show() -> str:
    """Show what we know of how she wants to be met."""
    return _draw()


@app_wishes.post("/wishes")
def wish() -> Response | tuple[str, int]:
    """Note what she wants, and show the app in the language she reads from now on."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.database.read() as session:
        sms, wanted = form_answer("sms"), _read(approved_languages(session))
    try:
        with runtime.act(here.actor) as act:
            wishing.note_wishes(act, citizen_id=here.citizen_id, sms=sms, wanted=wanted)
    except InvalidInput as error:
        if error.field != "medium":
            raise
        return _draw(form=request.form, wrong=_("Du har sagt nej til sms. Vælg så appen, eller at vi ringer.")), 422
    runtime.waker.wake(Lane.JOURNAL, Lane.INTERACTIVE)
    language.choose(wanted.language)
    flash_once(_("Tak. Det er skrevet ned.") if sms else _("Du får ikke flere sms’er. Du skal stadig møde op."))
    return redirect(url_for("app_wishes.show"), code=303)


def _read(languages: Collection[str]) -> Wanted:
    """Return what the form says. Raises InvalidInput for what it does not offer."""
    try:
        medium = Medium(request.form.get("medium", ""))
    except ValueError:
        raise InvalidInput("there is no such medium", field="form") from None
    language_, interpreter = request.form.get("language", ""), request.form.get("interpreter", "")
    if language_ not in languages:
        raise InvalidInput("there are no texts in this language", field="language")
    if interpreter and interpreter not in INTERPRETERS:
        raise InvalidInput("there is no such language", field="interpreter")
    return Wanted(medium=medium, language=language_, interpreter=interpreter or None)


def _draw(*, form: ImmutableMultiDict[str, str] | None = None, wrong: str | None = None) -> str:
    runtime, here = current_runtime(), citizen_here()
    with runtime.database.read() as session:
        known = wishing.wishes_of(session, here.citizen_id)
        languages = approved_languages(session)
    shown = form or {
        "sms": "no" if known.sms.opted_out else "yes",
        "medium": known.wanted.medium,
        "language": known.wanted.language,
        "interpreter": known.wanted.interpreter or "",
    }
    return render_template(
        "citizen_app/wishes.html",
        shown=shown,
        reach=known.sms,
        choices=languages,
        names=INTERPRETERS,
        spoken={code: name for code, name in INTERPRETERS.items() if code != DANISH},
        wrong=wrong,
    )
