"""Threats: marking a message in its thread, and the leader's list of incidents, which shows no content."""

import uuid
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import marking_threats
from messaging.conversations import threats as incidents
from messaging.conversations.pages.composer import Draft
from messaging.conversations.pages.thread import show_thread
from messaging.errors import InvalidInput, NotFound
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

if TYPE_CHECKING:
    from messaging.runtime import Runtime

PAGE = 50
LISTING = "incidents"

threats = pages("threats", __name__)


@threats.post("/conversations/<uuid:citizen_id>/received/<uuid:received_id>/threat")
def mark(citizen_id: uuid.UUID, received_id: uuid.UUID) -> Response | tuple[str, int]:
    """Mark what a citizen wrote as a threat."""
    runtime, note = current_runtime(), request.form.get("note", "")
    try:
        with runtime.act(signed_in()) as act:
            marking_threats.mark_threat(act, citizen_id=citizen_id, message_id=received_id, note=note)
    except InvalidInput:
        return _not_kept(citizen_id, _("Ikke markeret. Skriv kort, hvad der skete"))
    except marking_threats.AlreadyMarked:
        wrong = _("Beskeden er markeret som trussel i forvejen. Din tekst er ikke gemt. Gem den her som intern note.")
        return show_thread(citizen_id, Draft(), note=note.strip(), note_wrong=wrong), 409
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Markeret som trussel. Teamlederen kan se hændelsen. Samtalen er stadig åben."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor=f"message-{received_id}"), code=303)


@threats.post("/conversations/<uuid:citizen_id>/threats/<uuid:threat_id>/take-back")
def take_back(citizen_id: uuid.UUID, threat_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take a mark back."""
    runtime = current_runtime()
    try:
        with runtime.act(signed_in()) as act:
            why = request.form.get("why", "")
            marking_threats.take_back(act, citizen_id=citizen_id, threat_id=threat_id, why=why)
    except InvalidInput:
        return _not_kept(citizen_id, _("Markeringen står endnu. Skriv, hvorfor den skal væk"))
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Markeringen er taget tilbage."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@threats.get("/incidents")
def overview() -> str:
    """Show a leader which incidents there were in her unit."""
    runtime, actor = current_runtime(), signed_in()
    if actor.role is not Role.TEAM_LEADER:
        raise NotFound("there is no such page")
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=(uuid.UUID,))
    with runtime.database.read() as session:
        found = incidents.list_incidents(
            session, runtime.vault, actor, after=after[0] if after else None, limit=PAGE + 1
        )
    shown = found[:PAGE]
    more = write_cursor(runtime.vault, listing=LISTING, key=(shown[-1].id,)) if len(found) > PAGE else None
    return render_template("conversations/incidents.html", incidents=shown, more=more)


@threats.post("/incidents/<uuid:threat_id>/noticed")
def notice(threat_id: uuid.UUID) -> Response:
    """Let a leader say that she knows of an incident."""
    with current_runtime().act(signed_in()) as act:
        marking_threats.take_notice(act, threat_id=threat_id)
    return redirect(url_for("threats.overview"), code=303)


def count_unnoticed(runtime: "Runtime", actor: Actor) -> int:
    """Return how many incidents nobody has taken notice of."""
    with runtime.database.read() as session:
        return incidents.count_unnoticed(session, actor)


def _not_kept(citizen_id: uuid.UUID, why: str) -> tuple[str, int]:
    lengths = _("(%(least)s-%(most)s tegn).", least=marking_threats.SHORTEST, most=marking_threats.LONGEST)
    return show_thread(citizen_id, Draft(), wrong=f"{why} {lengths}"), 422
