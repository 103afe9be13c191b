"""Writing to a citizen: the form under the thread, sent once however often it is sent."""

import uuid
from datetime import datetime

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import later, opening, sending, wording
from messaging.conversations.cover_notices import tell_who_answers
from messaging.conversations.models import Author
from messaging.conversations.office import Office
from messaging.conversations.pages.composer import Draft
from messaging.conversations.pages.thread import seen_up_to, show_thread
from messaging.conversations.segments import make_gsm, measure
from messaging.errors import Conflict, InvalidInput
from messaging.people.visibility import find_citizen
from messaging.web.idempotency import take_key
from messaging.web.pages import form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

writing = pages("writing", __name__)


@writing.post("/conversations/<uuid:citizen_id>/messages")
def reply(citizen_id: uuid.UUID) -> Response | str | tuple[str, int]:
    """Send what was written, or only say how long it is."""
    text = make_gsm(request.form.get("text", "").replace("\r\n", "\n")).strip()
    draft_id = form_id("message_id")
    if request.form.get("action") == "measure":
        measured = Draft(id=draft_id, seen=seen_up_to(), text=text, later=_later(), size=measure(text))
        return show_thread(citizen_id, measured)
    try:
        _send(citizen_id, draft_id, text, due_at=later.read_time(_later(), now=current_runtime().clock.now()))
    except (sending.NotReachable, opening.NotAllSeen, InvalidInput) as error:
        wrong = Draft(text=text, later=_later(), wrong=f"Ikke sendt. {_why_not_sent(error)}")
        return show_thread(citizen_id, wrong), 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _send(citizen_id: uuid.UUID, draft_id: uuid.UUID, text: str, *, due_at: datetime | None) -> None:
    """Write the message unless this form was sent before: a double click is one message."""
    runtime, actor = current_runtime(), signed_in()
    content = f"{due_at.isoformat() if due_at else ''}\0{text}".encode()
    fingerprint = runtime.vault.fingerprint(citizen_id.bytes + content, purpose="reply form")
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        sent_before = take_key(
            act.session,
            scope=f"reply form of {actor.id}",
            key=str(draft_id),
            fingerprint=fingerprint,
            object_id=draft_id,
            at=act.now,
        )
        if sent_before is None:
            opening.require_seen(act, citizen_id=citizen_id, up_to=seen_up_to())
            tell_who_answers(act, citizen_id=citizen_id, office=Office.from_config(runtime.config))
            sending.send_message(
                act,
                citizen_id=citizen_id,
                text=text,
                author=Author.CASEWORKER,
                author_id=actor.id,
                due_at=due_at,
                message_id=draft_id,
            )
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)


def _why_not_sent(error: sending.NotReachable | opening.NotAllSeen | InvalidInput) -> str:
    if isinstance(error, opening.NotAllSeen):
        return wording.NOT_ALL_SEEN
    if isinstance(error, sending.NotReachable):
        return wording.REASONS[error.reason]
    if error.field == later.FIELD:
        return wording.NOT_THEN
    if error.field == "text":
        return f"Skriv en besked på højst {sending.LONGEST} tegn."
    return "Beskeden er sendt én gang allerede med et andet indhold. Intet er sendt nu."


def _later() -> str:
    """Return when the form wants the message sent, in its own words; empty for now."""
    return request.form.get(later.FIELD, "").strip()
