"""The page on which a message that has not left yet is changed."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.clock import COPENHAGEN
from messaging.conversations import later, sending, sending_in_app, wording
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.editing import ChangedMeanwhile, Edit, HasLeft, edit_message, find_editable
from messaging.conversations.models import Message
from messaging.conversations.opening import open_text
from messaging.conversations.pages.composer import draw_hold, draw_size, may_write_in_app, require_app
from messaging.conversations.pages.writing import (
    IN_APP,
    later_words,
    note_refusal,
    plain_text,
    too_long,
    typed_text,
)
from messaging.conversations.rerouting import send_in_app_instead
from messaging.conversations.states import MessageState
from messaging.conversations.writing import WouldBeHeld
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.covering import note_opening
from messaging.people.reaching import APP, reach
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

editing = pages("editing", __name__)


@editing.get("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit")
def show(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response | str:
    """Show what a message says and when it is to leave, so that both can be changed."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            message = find_editable(act, citizen_id=citizen_id, message_id=message_id)
            _note_reading(act, message, citizen_id)
            text, seen, due = open_text(runtime.vault, message, owner=citizen_id), message.state_since, _due(message)
            in_app = message.medium == APP
            app = not in_app and may_write_in_app(act.session, citizen_id, reach(act.session, citizen_id))
            reason = message.reason if message.state is MessageState.HELD else None
    except HasLeft:
        return _gone(citizen_id)
    held = draw_hold(citizen_id, reason, app=app) if reason else ""
    return _draw(citizen_id, message_id, in_app=in_app, app=app, text=text, seen=seen.isoformat(), due=due, held=held)


@editing.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/edit")
def change(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response | str | tuple[str, int]:
    """Let a message say something else, or leave at another time."""
    runtime, actor = current_runtime(), signed_in()
    in_app = _is_for_app(runtime, message_id)
    goes_there = not in_app and request.form.get("action") == IN_APP
    text, due = typed_text() if in_app or goes_there else plain_text(), later_words()
    try:
        edit = Edit(
            message_id=message_id,
            citizen_id=citizen_id,
            text=text,
            due_at=later.read_time(due, now=runtime.clock.now()),
            seen=_seen(),
        )
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            if goes_there:
                _send_in_app(act, edit)
            else:
                edit_message(act, edit)
    except HasLeft:
        return _gone(citizen_id)
    except ChangedMeanwhile:
        flash_once(_("En anden har rettet beskeden imens. Se, hvad der står nu."))
        return redirect(url_for("editing.show", citizen_id=citizen_id, message_id=message_id), code=303)
    except (sending.NotReachable, InvalidInput) as error:
        if isinstance(error, sending.Withheld):
            note_refusal(error)
        return _draw_again(citizen_id, message_id, error, text=text, in_app=in_app, due=due), 422
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
    flash_once(_("Beskeden går i appen i stedet for som sms.") if goes_there else _("Beskeden er rettet."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _send_in_app(act: Act, edit: Edit) -> None:
    require_app(act.session, edit.citizen_id)
    is_sensitive = request.form.get("sensitive") == "yes"
    send_in_app_instead(act, edit, content_class=ContentClass.SENSITIVE if is_sensitive else ContentClass.LOGIN_ONLY)


def _draw_again(
    citizen_id: uuid.UUID,
    message_id: uuid.UUID,
    error: sending.NotReachable | InvalidInput,
    *,
    text: str,
    in_app: bool,
    due: str,
) -> str:
    with current_runtime().database.read() as session:
        app = not in_app and may_write_in_app(session, citizen_id, reach(session, citizen_id))
    held = draw_hold(citizen_id, error.reason, app=app) if isinstance(error, WouldBeHeld) else ""
    wrong = "" if held else _("Ikke rettet. %(why)s", why=_why(error, in_app=in_app))
    seen = request.form.get("seen", "")
    return _draw(citizen_id, message_id, in_app=in_app, app=app, text=text, seen=seen, due=due, wrong=wrong, held=held)


def _draw(
    citizen_id: uuid.UUID,
    message_id: uuid.UUID,
    *,
    in_app: bool,
    app: bool,
    text: str,
    seen: str,
    due: str,
    wrong: str = "",
    held: str = "",
) -> str:
    return render_template(
        "conversations/edit.html",
        citizen_id=citizen_id,
        message_id=message_id,
        text=text,
        seen=seen,
        due=due,
        wrong=wrong,
        held=held,
        size=draw_size(text) if text and not in_app else "",
        longest=sending_in_app.LONGEST if in_app or app else sending.LONGEST,
        in_app=in_app,
        app=app and held,
        sensitive=request.form.get("sensitive") == "yes",
    )


def _is_for_app(runtime: Runtime, message_id: uuid.UUID) -> bool:
    """Whether a message goes into the app, where its words stay as they were typed."""
    with runtime.database.read() as session:
        return session.scalar(sa.select(Message.medium).filter_by(id=message_id)) == APP


def _gone(citizen_id: uuid.UUID) -> Response:
    flash_once(_("Beskeden kan ikke rettes mere: den er sendt, på vej eller trukket tilbage."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _note_reading(act: Act, message: Message, citizen_id: uuid.UUID) -> None:
    act.audit("message.opened", object_kind="message", object_id=message.id)
    note_opening(act, citizen_id=citizen_id)


def _due(message: Message) -> str:
    """Return the time as the form says it; nothing for a message that is held and was to leave at once."""
    if message.state is not MessageState.SCHEDULED:
        return ""
    return message.due_at.astimezone(COPENHAGEN).strftime("%Y-%m-%dT%H:%M")


def _seen() -> datetime:
    try:
        return datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        raise InvalidInput("the form does not say what its writer has seen", field="seen") from None


def _why(error: sending.NotReachable | InvalidInput, *, in_app: bool) -> str:
    if isinstance(error, sending.NotReachable):
        return wording.REASONS[error.reason]
    if error.field == later.FIELD:
        return wording.NOT_THEN
    return too_long(in_app=in_app)
