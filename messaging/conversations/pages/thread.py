"""The page of a thread: its messages, what may be done about each, and what stands beside it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import noting, opening, resolving, sending, settling, wording
from messaging.conversations.attaching import documents_among
from messaging.conversations.contact import last_contact, last_spoken
from messaging.conversations.content_gate import mask_cpr
from messaging.conversations.entries import Entry, read_page
from messaging.conversations.models import Conversation, Direction, Message
from messaging.conversations.pages.composer import Draft, draw_composer, may_write_in_app
from messaging.conversations.pages.shown_once import go_and_show, take_shown
from messaging.conversations.queries import ThreadMessage
from messaging.conversations.resending import ways_again
from messaging.conversations.search_wording import template_name
from messaging.conversations.threats import threats_among
from messaging.database.base import new_id
from messaging.documents import wording as document_wording
from messaging.errors import InvalidInput, NotFound
from messaging.people import wording as people_wording
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.markers import Marker
from messaging.people.models import Citizen
from messaging.people.numbers import last_digits
from messaging.people.queries import describe
from messaging.people.reaching import APP, reach
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.vault.vault import Vault
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import LIVE, flash_once, form_answer, looks_by_itself, pages, signed_in
from messaging.web.shell import current_runtime, current_shell
from messaging.work.lanes import Lane

PAGE = 25
THREAD_PAGE = 40
HIGHEST_SEQ = 2**31 - 1
"""What the databases hold; a form may say anything."""

OPENED_LASTS = timedelta(hours=12)
"""How long a page that stays open proves that it was opened; then it is opened anew."""

conversations = pages("conversations", __name__)


@conversations.get("/conversations/<uuid:citizen_id>")
def thread(citizen_id: uuid.UUID) -> str:
    """Show a thread with its reply form."""
    return show_thread(citizen_id, Draft(), with_number=take_shown(citizen_id))


@conversations.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/cancel")
def cancel(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response:
    """Call back a message that has not left yet."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        _find_own_message(act, citizen_id, message_id)
        sending.cancel_message(act, message_id=message_id)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Beskeden er trukket tilbage."))
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
            opening.require_seen(act, citizen_id=citizen_id, up_to=seen_up_to())
            settled = settling.settle(act, citizen_id=citizen_id)
    except opening.NotAllSeen:
        return show_thread(citizen_id, Draft(wrong=_("Ikke afsluttet. %(why)s", why=wording.NOT_ALL_SEEN))), 409
    if settled:
        flash_once(_("Samtalen er afsluttet."))
    return redirect(url_for("inbox.overview"), code=303)


@conversations.post("/conversations/<uuid:citizen_id>/unread")
def mark_unread(citizen_id: uuid.UUID) -> Response:
    """Put the thread back into the list as unread."""
    with current_runtime().act(signed_in()) as act:
        opening.mark_unread(act, citizen_id=citizen_id)
    flash_once(_("Samtalen er markeret som ulæst."))
    return redirect(url_for("inbox.overview"), code=303)


@conversations.post("/conversations/<uuid:citizen_id>/received/<uuid:received_id>/number")
def show_number(citizen_id: uuid.UUID, received_id: uuid.UUID) -> Response:
    """Show the thread once with one message as it was written, the personal number in it too."""
    with current_runtime().act(signed_in()) as act:
        opening.show_number(act, citizen_id=citizen_id, message_id=received_id)
    return go_and_show(citizen_id, received_id, anchor="message")


def show_thread(
    citizen_id: uuid.UUID,
    draft: Draft,
    *,
    note: str = "",
    note_wrong: str | None = None,
    wrong: str | None = None,
    with_number: uuid.UUID | None = None,
) -> str:
    """Draw the thread with what stands in its form, and in the form of a note.

    `wrong` says what else could not be done; `with_number` is a message or note whose personal number is to be shown.
    """
    runtime, actor = current_runtime(), signed_in()
    before = _place(runtime.vault, listing=str(citizen_id), kinds=(int,))
    citizen = _open(runtime, actor, citizen_id)
    with runtime.database.read() as session:
        page = read_page(
            session,
            runtime.vault,
            citizen_id=citizen_id,
            before=before[0] if before else None,
            size=THREAD_PAGE,
            now=runtime.clock.now(),
        )
        threats = threats_among(
            session, runtime.vault, citizen_id=citizen_id, message_ids=[message.id for message in page.messages]
        )
        papers = documents_among(session, runtime.vault, [message.id for message in page.messages])
        view = describe(session, runtime.vault, [citizen])[0]
        standing = session.get(Conversation, citizen_id)
        seen = draft.seen if draft.seen is not None else _last_seq(page.messages)
        person = reach(session, citizen_id)
        contact = last_contact(session, citizen_id, person) if person.contact_point_id else None
        spoken = last_spoken(session, citizen_id)
        app = may_write_in_app(session, citizen_id, person)
        again = ways_again(session, page.messages, person=person, app=app)
        composer = draw_composer(
            session, view, draft, seen=seen, person=person, app=app, contact=contact, spoken=spoken
        )
    return render_template(
        "conversations/thread.html",
        citizen=view,
        opened=write_cursor(runtime.vault, listing=_opening_of(actor, citizen_id), key=(runtime.clock.now(),)),
        page=page,
        earlier=_earlier(runtime.vault, citizen_id, page.messages) if page.has_earlier else None,
        standing=standing,
        composer=composer,
        seen=seen,
        contact=contact,
        spoken=spoken,
        digits=last_digits(view.number_in_use.number) if view.number_in_use else None,
        now=runtime.clock.now(),
        words=wording,
        explain=getattr(runtime.channel, "explain", wording.explain),
        words_from=template_name,
        remarks=_remarks([message.id for message in page.messages]),
        with_number=with_number,
        texts=_shown_texts(page.entries, with_number),
        again=again,
        threats=threats,
        papers=papers,
        paper_words=document_wording,
        wrong=wrong,
        note=note,
        note_id=new_id(),
        note_wrong=note_wrong,
        longest_note=noting.LONGEST,
        markers=people_wording.MARKERS,
        panels=[panel(runtime, actor, citizen_id) for panel in current_shell().panels],
    )


def _open(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Citizen:
    """Open the thread. A page that is open already, and proves it, opens it no second time if nothing is unread."""
    if looks_by_itself() and _is_opened_already(runtime, actor, citizen_id):
        with runtime.database.read() as session:
            citizen = find_citizen(session, actor, citizen_id)
            if not opening.is_any_unread(session, citizen_id):
                return citizen
    with runtime.act(actor) as act:
        return opening.open_thread(act, citizen_id=citizen_id)


def _is_opened_already(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> bool:
    """Whether the page shows that this reader has opened the thread: without it anybody could read unnoted."""
    proof, listing = request.headers.get(LIVE), _opening_of(actor, citizen_id)
    try:
        opened: Any = read_cursor(runtime.vault, proof, listing=listing, kinds=(datetime,))
    except InvalidInput:
        return False
    return opened is not None and runtime.clock.now() - opened[0] < OPENED_LASTS


def _opening_of(actor: Actor, citizen_id: uuid.UUID) -> str:
    return f"thread of {citizen_id} opened by {actor.id}"


def _remarks(message_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Ask the other rooms what they have to say beside these messages."""
    said = [notes(current_runtime(), message_ids) for notes in current_shell().notes]
    return {message_id: [notes[message_id] for notes in said if message_id in notes] for message_id in message_ids}


def _shown_texts(entries: Sequence[Entry], with_number: uuid.UUID | None) -> dict[uuid.UUID, str]:
    """What a citizen or a note says may hold a personal number, which stays hidden until somebody asks for it."""
    return {
        entry.id: entry.text if entry.id == with_number or _is_ours(entry) else mask_cpr(entry.text)
        for entry in entries
        if not isinstance(entry, Marker)
    }


def _is_ours(entry: Entry) -> bool:
    """Whether we wrote it to go by SMS: if a personal number stands in it, it was held back and is to be mended."""
    return isinstance(entry, ThreadMessage) and entry.direction is Direction.OUT and entry.medium != APP


def seen_up_to() -> int:
    """Return up to which place the thread was seen, as the form says; a form that does not say has seen nothing."""
    return max(0, min(request.form.get("seen", default=0, type=int), HIGHEST_SEQ))


def _last_seq(shown: Sequence[ThreadMessage]) -> int:
    return max((message.seq or 0 for message in shown), default=0)


def _earlier(vault: Vault, citizen_id: uuid.UUID, shown: Sequence[ThreadMessage]) -> str:
    return write_cursor(vault, listing=str(citizen_id), key=(shown[0].seq or 0,))


def _place(vault: Vault, *, listing: str, kinds: tuple[type, ...]) -> Any:
    return read_cursor(vault, request.args.get("cursor"), listing=listing, kinds=kinds)


def _find_own_message(act: Act, citizen_id: uuid.UUID, message_id: uuid.UUID) -> Lane:
    """Return the lane of a message of ours to this citizen. Raises NotFound."""
    find_citizen(act.session, act.actor, citizen_id)
    chosen = sa.select(Message.lane).filter_by(id=message_id, conversation_id=citizen_id, direction=Direction.OUT)
    lane = act.session.scalar(chosen)
    if lane is None:
        raise NotFound("there is no such message")
    return lane
