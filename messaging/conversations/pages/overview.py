"""The list a caseworker works from: who waits, the most pressing first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import queries, wording
from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.errors import NotFound
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime, current_shell

PAGE = 25

inbox = pages("inbox", __name__)


@inbox.get("/")
def start() -> Response:
    """Lead to the list."""
    return redirect(url_for("inbox.overview"))


@inbox.get("/conversations")
def overview() -> str:
    """Show what waits, the most pressing first."""
    runtime, actor = current_runtime(), signed_in()
    shown, now = request.args.get("show", Waiting.FOR_US), runtime.clock.now()
    listing = _listing(shown)
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=shown, kinds=queries.LISTING_KINDS)
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


def _meeting_soon(now: datetime) -> sa.ColumnElement[datetime] | None:
    """Ask the room of the meetings, which this one does not know."""
    ask = current_shell().meeting_soon
    return ask(Conversation.id, now) if ask else None


def _listing(word: str) -> Waiting | queries.Listing:
    listings: dict[str, Waiting | queries.Listing] = {
        listing.value: listing for listing in (*Waiting, *queries.Listing)
    }
    if word not in listings:
        raise NotFound("there is no such list")
    return listings[word]
