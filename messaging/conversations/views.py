"""The pages of conversations: the list, and the thread with its reply."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import later, opening, queries, resolving, sending, settling, wording
from messaging.conversations.models import Author, Conversation, Direction, Kind, Message
from messaging.conversations.segments import Segments, make_gsm, measure
from messaging.conversations.states import Waiting
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.numbers import last_digits
from messaging.people.queries import describe
from messaging.people.reaching import reach
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.vault.vault import Vault
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.idempotency import take_key
from messaging.web.pages import flash_once, form_answer, form_id, looks_by_itself, pages, signed_in
from messaging.web.shell import current_runtime, current_shell
from messaging.work.lanes import Lane

PAGE = 25
THREAD_PAGE = 40
HIGHEST_SEQ = 2**31 - 1
"""What the databases hold; a form may say anything."""

conversations = pages("conversations", __name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What stands in the reply form. `id` makes a form that is sent twice one message.

    `seen` is the place in the thread up to which its writer has seen it; None where this page shows her all.
    """

    id: uuid.UUID = field(default_factory=new_id)
    seen: int | None = None
    text: str = field(default="", repr=False)
    later: str = ""
    """When it is to be sent, as the form says it; empty for now."""
    size: Segments | None = None
    wrong: str | None = None


@conversations.get("/")
def start() -> Response:
    """Lead to the list."""
    return redirect(url_for("conversations.overview"))


@conversations.get("/conversations")
def overview() -> str:
    """Show what waits, the most pressing first."""
    runtime, actor = current_runtime(), signed_in()
    shown, now = request.args.get("show", Waiting.FOR_US), runtime.clock.now()
    listing = _listing(shown)
    after = _place(runtime.vault, listing=shown, kinds=queries.LISTING_KINDS)
    with runtime.database.read() as session:
        rows = queries.list_conversations(
            session,
            runtime.vault,
            actor,
            shown=listing,
            now=now,
            after=after,
            limit=PAGE + 1,
            meeting_soon=_meeting_soon(now) if listing is Waiting.FOR_US else None,
        )
        counts = queries.count_waiting(session, actor) | queries.count_listed(session, actor, now=now)
    return render_template(
        "conversations/overview.html",
        rows=rows[:PAGE],
        more=write_cursor(runtime.vault, listing=shown, key=rows[PAGE - 1].key) if len(rows) > PAGE else None,
        shown=shown,
        counts=counts,
        words={**wording.WAITING, **wording.LISTINGS},
    )


@conversations.get("/conversations/<uuid:citizen_id>")
def thread(citizen_id: uuid.UUID) -> str:
    """Show a thread with its reply form."""
    return _show_thread(citizen_id, Draft())


@conversations.post("/conversations/<uuid:citizen_id>/messages")
def reply(citizen_id: uuid.UUID) -> Response | str | tuple[str, int]:
    """Send what was written, or only say how long it is."""
    text = make_gsm(request.form.get("text", "").replace("\r\n", "\n")).strip()
    draft_id = form_id("message_id")
    if request.form.get("action") == "measure":
        measured = Draft(id=draft_id, seen=_seen(), text=text, later=_later(), size=measure(text))
        return _show_thread(citizen_id, measured)
    try:
        _send(citizen_id, draft_id, text, due_at=later.read_time(_later(), now=current_runtime().clock.now()))
    except (sending.NotReachable, opening.NotAllSeen, InvalidInput) as error:
        wrong = Draft(text=text, later=_later(), wrong=f"Ikke sendt. {_why_not_sent(error)}")
        return _show_thread(citizen_id, wrong), 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@conversations.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/cancel")
def cancel(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response:
    """Call back a message that has not left yet."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        _find_own_message(act, citizen_id, message_id)
        sending.cancel_message(act, message_id=message_id)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once("Beskeden er trukket tilbage.")
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@conversations.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/decide")
def decide(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response:
    """Say what became of a message of which nobody else can tell."""
    runtime, actor = current_runtime(), signed_in()
    was_sent = form_answer("was_sent")
    try:
        with runtime.act(actor) as act:
            lane = _find_own_message(act, citizen_id, message_id)
            resolving.decide(
                act, message_id=message_id, was_sent=was_sent, waits=runtime.config.waits, chance=runtime.chance
            )
    except resolving.StillLookedFor:
        flash_once(wording.STILL_LOOKED_FOR)
    else:
        runtime.waker.wake(lane, Lane.JOURNAL)
        flash_once(wording.DECIDED_SENT if was_sent else wording.DECIDED_NOT_SENT)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@conversations.post("/conversations/<uuid:citizen_id>/settle")
def settle(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Close what waits without an answer."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            opening.require_seen(act, citizen_id=citizen_id, up_to=_seen())
            settled = settling.settle(act, citizen_id=citizen_id)
    except opening.NotAllSeen:
        return _show_thread(citizen_id, Draft(wrong=f"Ikke afsluttet. {wording.NOT_ALL_SEEN}")), 409
    if settled:
        flash_once("Samtalen er afsluttet.")
    return redirect(url_for("conversations.overview"), code=303)


def _show_thread(citizen_id: uuid.UUID, draft: Draft) -> str:
    runtime, actor = current_runtime(), signed_in()
    before = _place(runtime.vault, listing=str(citizen_id), kinds=(int,))
    citizen = _open(runtime, actor, citizen_id)
    with runtime.database.read() as session:
        messages = queries.newest_messages(
            session, runtime.vault, citizen_id, before=before[0] if before else None, limit=THREAD_PAGE + 1
        )
        view = describe(session, runtime.vault, [citizen])[0]
        obstacle = sending.why_unreachable(reach(session, citizen_id), Kind.TEXT)
        standing = session.get(Conversation, citizen_id)
    shown = messages[-THREAD_PAGE:]
    return render_template(
        "conversations/thread.html",
        citizen=view,
        messages=shown,
        earlier=_earlier(runtime.vault, citizen_id, shown) if len(messages) > THREAD_PAGE else None,
        standing=standing,
        draft=draft,
        seen=draft.seen if draft.seen is not None else _last_seq(shown),
        digits=last_digits(view.number_in_use.number) if view.number_in_use else None,
        obstacle=wording.REASONS[obstacle] if obstacle else None,
        now=runtime.clock.now(),
        longest=sending.LONGEST,
        words=wording,
        explain=getattr(runtime.channel, "explain", wording.explain),
        notes=_notes([message.id for message in shown if message.direction is Direction.IN]),
        panels=[panel(runtime, actor, citizen_id) for panel in current_shell().panels],
    )


def _open(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Citizen:
    """Open the thread. A page that is open already and finds nothing unread opens it no second time."""
    if looks_by_itself():
        with runtime.database.read() as session:
            citizen = find_citizen(session, actor, citizen_id)
            if not opening.is_any_unread(session, citizen_id):
                return citizen
    with runtime.act(actor) as act:
        return opening.open_thread(act, citizen_id=citizen_id)


def _meeting_soon(now: datetime) -> sa.ColumnElement[datetime] | None:
    """Ask the room of the meetings, which this one does not know."""
    ask = current_shell().meeting_soon
    return ask(Conversation.id, now) if ask else None


def _notes(message_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Ask the other rooms what they have to say beside these messages."""
    said = [notes(current_runtime(), message_ids) for notes in current_shell().notes]
    return {message_id: [notes[message_id] for notes in said if message_id in notes] for message_id in message_ids}


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
            opening.require_seen(act, citizen_id=citizen_id, up_to=_seen())
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


def _seen() -> int:
    """Return up to which place the thread was seen, as the form says; a form that does not say has seen nothing."""
    return max(0, min(request.form.get("seen", default=0, type=int), HIGHEST_SEQ))


def _last_seq(shown: list[queries.ThreadMessage]) -> int:
    return max((message.seq or 0 for message in shown), default=0)


def _earlier(vault: Vault, citizen_id: uuid.UUID, shown: list[queries.ThreadMessage]) -> str:
    return write_cursor(vault, listing=str(citizen_id), key=(shown[0].seq or 0,))


def _place(vault: Vault, *, listing: str, kinds: tuple[type, ...]) -> Any:
    return read_cursor(vault, request.args.get("cursor"), listing=listing, kinds=kinds)


def _listing(word: str) -> Waiting | queries.Listing:
    listings: dict[str, Waiting | queries.Listing] = {
        listing.value: listing for listing in (*Waiting, *queries.Listing)
    }
    if word not in listings:
        raise NotFound("there is no such list")
    return listings[word]


def _find_own_message(act: Act, citizen_id: uuid.UUID, message_id: uuid.UUID) -> Lane:
    """Return the lane of a message of ours to this citizen. Raises NotFound."""
    find_citizen(act.session, act.actor, citizen_id)
    chosen = sa.select(Message.lane).filter_by(id=message_id, conversation_id=citizen_id, direction=Direction.OUT)
    lane = act.session.scalar(chosen)
    if lane is None:
        raise NotFound("there is no such message")
    return lane
