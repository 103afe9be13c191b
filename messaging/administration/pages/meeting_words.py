"""What citizens read of places and meeting types, with what is missing, and the way from a draft to its use."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import text_wording
from messaging.administration.pages.doors import reader, superuser
from messaging.appointments import approving_words, guiding, words_overview
from messaging.appointments.guidance_models import OF_TYPES, GuidanceKind
from messaging.appointments.models import WordKind
from messaging.appointments.wording import FORMS
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotAllowed
from messaging.people.models import Role
from messaging.web.language import later
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

word_pages = pages("meeting_words", __name__)

Answer = str | Response | tuple[str, int]

WRONG = {
    "name": later("Skriv stedet, som det står i bookingsystemet."),
    "words": later("Skriv højst 60 tegn, uden links, numre og andet, der ikke må stå i en sms."),
    "text": later("Skriv højst 300 tegn, uden links, numre og andet, der ikke må stå i en sms."),
    "next_step": later("Skriv næste skridt: højst 60 tegn, uden links, numre og andet, der ikke må stå i en sms."),
}


@word_pages.get("/administration/meeting-words")
def overview() -> str:
    """Show all words, and the places and types of coming meetings that have none."""
    reader()
    return _overview()


@word_pages.post("/administration/meeting-words")
def write() -> Answer:
    """Keep words until somebody else approves them."""
    actor, form = superuser(), request.form
    try:
        new = approving_words.NewWords(
            id=form_id("draft_id"),
            kind=_kind(),
            name=form.get("name", ""),
            words=form.get("words", ""),
            next_step=form.get("next_step", ""),
        )
        with current_runtime().act(actor) as act:
            approving_words.write_words(act, new)
    except InvalidInput as error:
        return _overview(wrong=str(WRONG.get(error.field or "", WRONG["words"]))), 422
    return _done(_("Udkastet er gemt. En anden superbruger skal godkende det."))


@word_pages.post("/administration/meeting-words/<uuid:words_id>/approve")
def approve(words_id: uuid.UUID) -> Answer:
    """Let somebody else's words be used from now on."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            approving_words.approve_words(act, draft_id=words_id)
    except (Conflict, NotAllowed) as error:
        return _overview(wrong=str(text_wording.NOT_DONE[error.code])), 409
    return _done(_("Ordene er godkendt og bruges fra nu af."))


@word_pages.post("/administration/meeting-words/<uuid:words_id>/withdraw")
def withdraw(words_id: uuid.UUID) -> Answer:
    """Let a draft wait no longer."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            approving_words.withdraw_words(act, draft_id=words_id)
    except Conflict as error:
        return _overview(wrong=str(text_wording.NOT_DONE[error.code])), 409
    return _done(_("Udkastet er trukket tilbage."))


@word_pages.post("/administration/meeting-guidance")
def write_guidance() -> Answer:
    """Keep a text for the app until somebody else approves it."""
    actor, form = superuser(), request.form
    try:
        new = guiding.NewGuidance(
            id=form_id("draft_id"), kind=_guidance_kind(), name=form.get("name", ""), text=form.get("text", "")
        )
        with current_runtime().act(actor) as act:
            guiding.write_guidance(act, new)
    except InvalidInput as error:
        return _overview(wrong=str(WRONG["name" if error.field == "name" else "text"])), 422
    return _done(_("Udkastet er gemt. En anden superbruger skal godkende det."))


@word_pages.post("/administration/meeting-guidance/<uuid:guidance_id>/approve")
def approve_guidance(guidance_id: uuid.UUID) -> Answer:
    """Let somebody else's text be read from now on."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            guiding.approve_guidance(act, draft_id=guidance_id)
    except (Conflict, NotAllowed) as error:
        return _overview(wrong=str(text_wording.NOT_DONE[error.code])), 409
    return _done(_("Teksten er godkendt og vises fra nu af."))


@word_pages.post("/administration/meeting-guidance/<uuid:guidance_id>/withdraw")
def withdraw_guidance(guidance_id: uuid.UUID) -> Answer:
    """Let a text that waits wait no longer."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            guiding.withdraw_guidance(act, draft_id=guidance_id)
    except Conflict as error:
        return _overview(wrong=str(text_wording.NOT_DONE[error.code])), 409
    return _done(_("Udkastet er trukket tilbage."))


def _guidance_kind() -> GuidanceKind:
    try:
        return GuidanceKind(request.form.get("kind", ""))
    except ValueError:
        raise InvalidInput("there is no such kind", field="text") from None


def _kind() -> WordKind:
    try:
        return WordKind(request.form.get("kind", ""))
    except ValueError:
        raise InvalidInput("there is no such kind", field="words") from None


def _done(sentence: str) -> Response:
    flash_once(sentence)
    return redirect(url_for("meeting_words.overview"), code=303)


def _overview(*, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), reader()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        return render_template(
            "administration/meeting_words.html",
            places=words_overview.list_places(session),
            types=words_overview.list_types(session, at=now),
            waiting=words_overview.list_waiting(session),
            nameless=words_overview.places_without_words(session, at=now),
            neutral=words_overview.types_without_words(session, at=now),
            guidance=guiding.list_valid(session, at=now),
            guidance_waiting=guiding.list_drafts(session),
            guidance_kinds=text_wording.GUIDANCE,
            of_types=OF_TYPES,
            forms=FORMS,
            longest_guidance=guiding.LONGEST,
            may_change=actor.role is Role.SUPERUSER,
            me=actor.id,
            form=request.form if wrong else {},
            asked=request.args,
            longest=approving_words.LONGEST,
            new_id=new_id,
            wrong=wrong,
        )
