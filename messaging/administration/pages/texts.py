"""Approved texts: which there are, how each came to be, and the way from a draft to the next version."""

import uuid
from datetime import date, datetime, timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import text_wording as words
from messaging.administration import texts
from messaging.administration.pages.doors import reader, superuser
from messaging.clock import COPENHAGEN, begin_of_day
from messaging.conversations import drafting
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import TemplateDraft
from messaging.conversations.template_rules import Fault, UnfitText, Wording, faults_of, variables_allowed
from messaging.database.base import new_id
from messaging.errors import BorgerdialogError, Conflict, InvalidInput, NotAllowed
from messaging.people.models import Role
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

text_pages = pages("texts", __name__)

Answer = str | Response | tuple[str, int]
PLAIN = "-"
"""Stands in a path for the variant without a name."""


@text_pages.get("/administration/texts")
def overview() -> str:
    """Show all texts by key, with what is valid now and what waits."""
    runtime, actor = current_runtime(), reader()
    with runtime.database.read() as session:
        listed = texts.list_texts(session, at=runtime.clock.now())
    return render_template(
        "administration/texts.html", listed=listed, words=words, may_change=actor.role is Role.SUPERUSER, plain=PLAIN
    )


@text_pages.get("/administration/texts/<key>/<variant>/<language>")
def history(key: str, variant: str, language: str) -> str:
    """Show one text: how it reads, its versions, and what waits for approval."""
    actor = reader()
    return _history((key, "" if variant == PLAIN else variant, language), may_change=actor.role is Role.SUPERUSER)


@text_pages.get("/administration/texts/new")
def ask() -> str:
    """Show the form for a new version, filled with the version it follows, or for a text of one's own."""
    superuser()
    name = (request.args.get("key", ""), request.args.get("variant", ""), request.args.get("language", "da"))
    text, content_class = _present(name)
    wording = Wording(key=name[0], variant=name[1], language=name[2], content_class=content_class, text=text)
    return _form(wording, draft_id=new_id())


@text_pages.post("/administration/texts/new")
def write() -> Answer:
    """Keep a draft, or only show how it reads."""
    actor, wording, draft_id = superuser(), _wording(), form_id("draft_id")
    if request.form.get("do") == "preview":
        return _form(wording, draft_id=draft_id, faults=faults_of(wording))
    try:
        new = drafting.NewDraft(id=draft_id, wording=wording, valid_from=_first_day(), valid_to=_after_last_day())
        with current_runtime().act(actor) as act:
            drafting.write_draft(act, new)
    except UnfitText as error:
        return _form(wording, draft_id=draft_id, faults=error.faults), 422
    except InvalidInput as error:
        wrong = words.WRONG_KEY if error.field == "key" else words.WRONG_DAYS
        return _form(wording, draft_id=draft_id, wrong=str(wrong)), 422
    return _done(wording, str(words.DRAFTED))


@text_pages.post("/administration/texts/drafts/<uuid:draft_id>/approve")
def approve(draft_id: uuid.UUID) -> Answer:
    """Let a draft of somebody else's be the next version."""
    return _decide(draft_id, approved=True)


@text_pages.post("/administration/texts/drafts/<uuid:draft_id>/withdraw")
def withdraw(draft_id: uuid.UUID) -> Answer:
    """Let a draft wait no longer."""
    return _decide(draft_id, approved=False)


@text_pages.post("/administration/texts/<uuid:template_id>/end")
def end(template_id: uuid.UUID) -> Answer:
    """Use a text no more."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            wording = drafting.wording_of(drafting.end_text(act, template_id=template_id))
    except Conflict as error:
        return _refused(error)
    return _done(wording, str(words.ENDED))


def _decide(draft_id: uuid.UUID, *, approved: bool) -> Answer:
    runtime, actor = current_runtime(), superuser()
    with runtime.database.read() as session:
        wording = drafting.wording_of(texts.find_draft(session, draft_id))
    try:
        with runtime.act(actor) as act:
            if approved:
                drafting.approve_draft(act, draft_id=draft_id)
            else:
                drafting.withdraw_draft(act, draft_id=draft_id)
    except (Conflict, InvalidInput, NotAllowed) as error:
        name = wording.key, wording.variant, wording.language
        status = 409 if isinstance(error, Conflict | NotAllowed) else 422
        return _history(name, may_change=True, wrong=str(words.NOT_DONE[error.code])), status
    return _done(wording, str(words.APPROVED if approved else words.WITHDRAWN))


def _refused(error: BorgerdialogError) -> Response:
    flash_once(str(words.NOT_DONE[error.code]))
    return redirect(url_for("texts.overview"), code=303)


def _done(wording: Wording, sentence: str) -> Response:
    flash_once(sentence)
    with current_runtime().database.read() as session:
        versions, waiting = texts.search_history(session, (wording.key, wording.variant, wording.language))
    if not versions and not waiting:
        return redirect(url_for("texts.overview"), code=303)
    there = url_for("texts.history", key=wording.key, variant=wording.variant or PLAIN, language=wording.language)
    return redirect(there, code=303)


def _history(name: texts.Name, *, may_change: bool, wrong: str | None = None) -> str:
    runtime = current_runtime()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        versions, waiting = texts.history(session, name)
    shown = next((version.template for version in versions if texts.is_valid(version.template, at=now)), None)
    return render_template(
        "administration/text.html",
        key=name[0],
        variant=name[1],
        language_of_text=name[2],
        versions=versions,
        waiting=waiting,
        shown=shown,
        preview=texts.preview,
        may_change=may_change,
        now=now,
        wrong=wrong,
        words=words,
    )


def _form(wording: Wording, *, draft_id: uuid.UUID, faults: tuple[Fault, ...] = (), wrong: str | None = None) -> str:
    sentences = [str(words.FLAWS[fault.flaw]) % {"about": ", ".join(fault.about)} for fault in faults]
    return render_template(
        "administration/text_form.html",
        wording=wording,
        draft_id=draft_id,
        variables=sorted(variables_allowed(wording.key, wording.variant)),
        preview=texts.preview(wording.text, language=wording.language),
        wrong=[*sentences, *([wrong] if wrong else [])],
        today=current_runtime().clock.now().astimezone(COPENHAGEN).date(),
        form=request.form,
        words=words,
    )


def _present(name: texts.Name) -> tuple[str, ContentClass]:
    """Return the newest words of a text, to begin the next ones with."""
    runtime = current_runtime()
    with runtime.database.read() as session:
        versions, waiting = texts.search_history(session, name)
    newest: TemplateDraft | None = waiting[-1].draft if waiting else None
    if newest is not None:
        return newest.text, ContentClass(newest.content_class)
    if versions:
        return versions[0].template.text, ContentClass(versions[0].template.content_class)
    return "", ContentClass.SMS_OK


def _wording() -> Wording:
    """Read the form. Raises InvalidInput."""
    form = request.form
    variant, language = form.get("variant", ""), form.get("language", "")
    if variant not in words.VARIANTS or language not in words.LANGUAGES:
        raise InvalidInput("there is no such variant or language", field="variant")
    try:
        content_class = ContentClass(form.get("content_class", ""))
    except ValueError:
        raise InvalidInput("there is no such class", field="content_class") from None
    return Wording(
        key=form.get("key", "").strip(),
        variant=variant,
        language=language,
        content_class=content_class,
        text=form.get("text", "").strip(),
    )


def _first_day() -> datetime:
    day = _day("valid_from")
    return begin_of_day(day) if day else current_runtime().clock.now()


def _after_last_day() -> datetime | None:
    day = _day("valid_to")
    return begin_of_day(day + timedelta(days=1)) if day else None


def _day(name: str) -> date | None:
    word = request.form.get(name, "")
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None
