"""The page of the citizen's card: who she is to us, how she is best met, and her case."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from messaging.cases import closing, wording
from messaging.cases.queries import approved_languages, open_card
from messaging.clock import COPENHAGEN
from messaging.conversations import wording as message_wording
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.errors import InvalidInput
from messaging.people import helper_wording, preferring
from messaging.people import wording as people_wording
from messaging.people.card_models import Medium
from messaging.people.preferences import Wanted
from messaging.people.visibility import find_citizen
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

Answer = Response | tuple[str, int]
NOTHING: ImmutableMultiDict[str, str] = ImmutableMultiDict()

card_pages = pages("card", __name__)


@card_pages.get("/citizens/<uuid:citizen_id>")
def show(citizen_id: uuid.UUID) -> str:
    """Show the card."""
    return draw_card(citizen_id)


@card_pages.post("/citizens/<uuid:citizen_id>/preferences")
def prefer(citizen_id: uuid.UUID) -> Response:
    """Note how the citizen is best met."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        wanted = _read_wanted(approved_languages(act.session))
        preferring.note_preferences(act, citizen_id=citizen_id, wanted=wanted)
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(citizen_id, _("Det er noteret, hvordan borgeren helst vil mødes."))


@card_pages.post("/citizens/<uuid:citizen_id>/close")
def close(citizen_id: uuid.UUID) -> Answer:
    """Close the case: stop what is planned, and tell the citizen."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    reason = request.form.get("reason", "").strip()
    try:
        with runtime.act(actor) as act:
            closed = closing.close_case(
                act, citizen_id=citizen_id, reason=reason, office=Office.from_config(settings_now(runtime))
            )
    except InvalidInput:
        return draw_card(citizen_id, wrong=wording.NO_REASON, form=request.form), 422
    except closing.AlreadyClosed:
        return back_to_card(citizen_id, wording.ALREADY_CLOSED)
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
    if closed.unreachable is None:
        return back_to_card(citizen_id, _("Sagen er lukket, og borgeren får besked pr. sms."))
    why = message_wording.REASONS[closed.unreachable]
    sentence = _(
        "Sagen er lukket. Borgeren kunne ikke få besked pr. sms: %(why)s Ring, eller skriv i Digital Post.", why=why
    )
    return back_to_card(citizen_id, sentence)


@card_pages.post("/citizens/<uuid:citizen_id>/reopen")
def reopen(citizen_id: uuid.UUID) -> Answer:
    """Open the case again."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    try:
        with runtime.act(actor) as act:
            closing.reopen_case(act, citizen_id=citizen_id, reason=request.form.get("reason", "").strip())
    except InvalidInput:
        return draw_card(citizen_id, wrong=wording.NO_REASON, form=request.form), 422
    except closing.NotClosed:
        return back_to_card(citizen_id, wording.NOT_CLOSED)
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(citizen_id, _("Sagen er åben igen. Det, der blev stoppet, starter ikke af sig selv."))


def draw_card(citizen_id: uuid.UUID, *, wrong: str | None = None, form: ImmutableMultiDict[str, str] = NOTHING) -> str:
    """Draw the card, with what is wrong with the form that was sent."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        card = open_card(act, citizen_id=citizen_id, today=act.now.astimezone(COPENHAGEN).date())
    return render_template(
        "cases/card.html",
        card=card,
        citizen=card.citizen,
        wrong=wrong,
        form=form,
        words=wording,
        people_words=people_wording,
        helper_words=helper_wording,
        shortest=closing.SHORTEST,
        longest=closing.LONGEST,
    )


def back_to_card(citizen_id: uuid.UUID, sentence: str) -> Response:
    """Lead back to the card, with a sentence on it."""
    flash_once(sentence)
    return redirect(url_for("card.show", citizen_id=citizen_id), code=303)


def _read_wanted(languages: list[str]) -> Wanted:
    """Return what the form says. Raises InvalidInput for what it does not offer."""
    language, interpreter = request.form.get("language", ""), request.form.get("interpreter", "")
    try:
        medium = Medium(request.form.get("medium", ""))
    except ValueError:
        raise InvalidInput("there is no such medium", field="medium") from None
    if language not in languages:
        raise InvalidInput("there are no texts in this language", field="language")
    if interpreter and interpreter not in wording.LANGUAGES:
        raise InvalidInput("there is no such language", field="interpreter")
    return Wanted(medium=medium, language=language, interpreter=interpreter or None)
