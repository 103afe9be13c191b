"""Writing to a citizen: the form under the thread, sent once however often it is sent."""

import uuid
from dataclasses import replace
from datetime import datetime

from flask import redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from messaging.conversations import later, opening, sending, sending_in_app, wording, writing_wording
from messaging.conversations.by_hand import Filled, Shelf
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.conversations.pages.composer import Draft, draw_size, require_app
from messaging.conversations.pages.thread import seen_up_to, show_thread
from messaging.conversations.recipients import recipients_of
from messaging.conversations.rendering import UnusableText
from messaging.conversations.segments import make_gsm
from messaging.conversations.templates import NoValidTemplate
from messaging.conversations.writing import FirstContact, Letter, WouldBeHeld, write_to
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.people.visibility import find_citizen
from messaging.trial.withholding import note_withheld
from messaging.web.idempotency import take_key
from messaging.web.language import now as _
from messaging.web.pages import form_id, pages, signed_in
from messaging.web.shell import current_runtime, current_shell
from messaging.work.lanes import Lane

writing = pages("writing", __name__)

OVERRIDE = "override"
IN_APP = "send_app"
"""What the form says when its text is to go into the app."""


@writing.post("/conversations/<uuid:citizen_id>/messages")
def reply(citizen_id: uuid.UUID) -> Response | str | tuple[str, int]:
    """Send what was written, or only draw it anew: measured, made plain, or with an approved text put in."""
    action = request.form.get("action")
    draft = _draft(in_app=action == IN_APP)
    if action == "measure":
        return show_thread(citizen_id, draft)
    if action == "plain":
        return show_thread(citizen_id, replace(draft, text=make_gsm(draft.text, drop_emoji=True).strip()))
    if action == "template":
        return _put_in(citizen_id, draft)
    try:
        _send(citizen_id, draft, in_app=action == IN_APP)
    except sending.Withheld as error:
        note_refusal(error)
        wrong = _("Ikke sendt. %(why)s", why=wording.REASONS[error.reason])
        return show_thread(citizen_id, replace(draft, id=new_id(), seen=None, wrong=wrong)), 409
    except FirstContact:
        return show_thread(citizen_id, replace(draft, seen=None, asks_once_more=True)), 409
    except WouldBeHeld as error:
        return show_thread(citizen_id, replace(draft, id=new_id(), seen=None, held=error.reason)), 422
    except (sending.NotReachable, opening.NotAllSeen, InvalidInput) as error:
        wrong = _("Ikke sendt. %(why)s", why=_why_not_sent(error, in_app=action == IN_APP))
        answer = show_thread(citizen_id, replace(draft, id=new_id(), seen=None, wrong=wrong))
        return answer, 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@writing.post("/messages/measure")
def measure() -> Markup:
    """Say of a text that is being written how long it is, what it costs and how it reads. Nothing is kept."""
    text = plain_text()
    return draw_size(text) if text else Markup("")


def plain_text() -> str:
    """Return the text of the form as it would be sent by SMS."""
    return make_gsm(typed_text()).strip()


def typed_text() -> str:
    """Return the text of the form as it was typed, and as it goes into the app."""
    return request.form.get("text", "").replace("\r\n", "\n").strip()


def _draft(*, in_app: bool) -> Draft:
    return Draft(
        id=form_id("message_id"),
        seen=seen_up_to(),
        text=typed_text() if in_app else plain_text(),
        later=later_words(),
        sensitive=request.form.get("sensitive") == "yes",
        template=request.form.get("template", ""),
        override=request.form.get("override", "").strip(),
    )


def _put_in(citizen_id: uuid.UUID, draft: Draft) -> str | tuple[str, int]:
    """Draw the form with the chosen text as it reads for this citizen; one with a hole is refused."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.database.read() as session:
            find_citizen(session, actor, citizen_id)
            filled = _fill(session, citizen_id, draft.template, at=_read_at(draft))
    except UnusableText as error:
        return show_thread(citizen_id, replace(draft, wrong=writing_wording.missing(error.field or ""))), 422
    except (NoValidTemplate, InvalidInput):
        return show_thread(citizen_id, replace(draft, wrong=str(writing_wording.NO_TEMPLATE))), 422
    return show_thread(citizen_id, replace(draft, text=filled.text))


def _fill(session: Session, citizen_id: uuid.UUID, key: str, *, at: datetime) -> Filled:
    people = recipients_of(
        current_runtime(),
        session,
        [citizen_id],
        writer_id=signed_in().id,
        meetings_of=current_shell().meetings_of,
        at=at,
    )
    return Shelf(session, at=current_runtime().clock.now()).fill(key, people[citizen_id])


def _read_at(draft: Draft) -> datetime:
    """Return when the citizen reads it: words such as `i morgen` must be true then."""
    now = current_runtime().clock.now()
    return later.read_time(draft.later, now=now) or now


def _send(citizen_id: uuid.UUID, draft: Draft, *, in_app: bool) -> None:
    """Write the message unless this form was sent before: a double click is one message."""
    runtime, actor = current_runtime(), signed_in()
    due_at = later.read_time(draft.later, now=runtime.clock.now())
    app_class = (ContentClass.SENSITIVE if draft.sensitive else ContentClass.LOGIN_ONLY) if in_app else None
    way = f"\0{app_class}" if app_class else ""
    content = f"{due_at.isoformat() if due_at else ''}\0{draft.text}{way}".encode()
    fingerprint = runtime.vault.fingerprint(citizen_id.bytes + content, purpose="reply form")
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        sent_before = take_key(
            act.session,
            scope=f"reply form of {actor.id}",
            key=str(draft.id),
            fingerprint=fingerprint,
            object_id=draft.id,
            at=act.now,
        )
        if sent_before is None:
            if in_app:
                require_app(act.session, citizen_id)
            letter = Letter(
                id=draft.id,
                text=draft.text,
                due_at=due_at,
                confirmed=_confirmed(),
                filled=_as_it_reads(act.session, citizen_id, draft),
                in_app=app_class,
                override=draft.override or None,
            )
            office = Office.from_config(settings_now(runtime))
            write_to(act, letter, citizen_id=citizen_id, seen=draft.seen or 0, office=office)
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)


def note_refusal(error: sending.Withheld) -> None:
    """Write down what an arm of the trial withheld; the transaction it was written in is gone."""
    with current_runtime().act(signed_in()) as act:
        note_withheld(act, error.refusal)
    current_runtime().waker.wake(Lane.JOURNAL)


def _as_it_reads(session: Session, citizen_id: uuid.UUID, draft: Draft) -> Filled | None:
    """Return the approved text the form says it began with; None if there was none or it cannot be filled in now."""
    if not draft.template:
        return None
    try:
        return _fill(session, citizen_id, draft.template, at=_read_at(draft))
    except (NoValidTemplate, UnusableText):
        return None


def _confirmed() -> uuid.UUID | None:
    return form_id("confirmed") if request.form.get("confirmed") else None


def _why_not_sent(error: sending.NotReachable | opening.NotAllSeen | InvalidInput, *, in_app: bool) -> str:
    if isinstance(error, opening.NotAllSeen):
        return wording.NOT_ALL_SEEN
    if isinstance(error, sending.NotReachable):
        return wording.REASONS[error.reason]
    if error.field == OVERRIDE:
        return _("Skriv en grund på 5 til 500 tegn.")
    if error.field == later.FIELD:
        return wording.NOT_THEN
    if error.field == "text":
        return too_long(in_app=in_app)
    return _("Beskeden er sendt én gang allerede med et andet indhold. Intet er sendt nu.")


def too_long(*, in_app: bool) -> str:
    """Say how long a message may be."""
    most = sending_in_app.LONGEST if in_app else sending.LONGEST
    return _("Skriv en besked på højst %(most)s tegn.", most=most)


def later_words() -> str:
    """Return when the form wants the message sent, in its own words; empty for now."""
    return request.form.get(later.FIELD, "").strip()
