"""The page of messages whose senders are unclear: a human says whose they are."""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import assigning, opening, triage, wording
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.queries import list_citizens, name_citizens
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

PAGE = 25
CHOICES = 200
LISTING = "triage"

triage_pages = pages("triage", __name__)


@triage_pages.get("/triage")
def overview() -> str:
    """Show messages whose senders are unclear."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=triage.LISTING_KINDS)
    with runtime.act(actor) as act:
        opening.open_triage(act)
    with runtime.database.read() as session:
        rows = triage.list_triage(session, runtime.vault, actor, after=after, limit=PAGE + 1)
        own = list_citizens(session, actor, after=None, limit=CHOICES)
        choices = name_citizens(session, runtime.vault, [citizen.id for citizen in own])
    return render_template(
        "conversations/triage.html",
        rows=rows[:PAGE],
        more=write_cursor(runtime.vault, listing=LISTING, key=rows[PAGE - 1].key) if len(rows) > PAGE else None,
        choices=sorted(choices.items(), key=lambda choice: choice[1]),
        words=wording,
    )


@triage_pages.post("/triage/<uuid:message_id>")
def assign(message_id: uuid.UUID) -> Response:
    """Say whose message this is."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    citizen_id = form_id("citizen_id")
    with runtime.act(actor) as act:
        if not triage.may_have_written(act.session, actor, message_id=message_id, citizen_id=citizen_id):
            raise NotFound("there is no such message of this citizen in triage")
        find_citizen(act.session, actor, citizen_id)
        assigning.assign_message(act, message_id=message_id, citizen_id=citizen_id)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Beskeden står nu i borgerens samtale."))
    return redirect(url_for("triage.overview"), code=303)


def count_triage(runtime: Runtime, actor: Actor) -> int:
    """Return how many messages wait in triage, for the menu."""
    with runtime.database.read() as session:
        return triage.count_triage(session, actor.on_her_own)
