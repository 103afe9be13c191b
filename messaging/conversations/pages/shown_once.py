"""A personal number that somebody has asked to see stands on the next page only: loaded again, the page hides it.

What tells the next page is kept in the signed cookie, not in an address: which message or note, whom it was shown to,
and when. It names nobody.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from messaging.errors import InvalidInput
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import looks_by_itself, signed_in
from messaging.web.shell import current_runtime

KEPT_AS = "number_shown"
LASTS = timedelta(minutes=1)
"""Time enough to follow a redirection; later the cookie opens nothing."""


def go_and_show(citizen_id: uuid.UUID, entry_id: uuid.UUID, *, anchor: str) -> Response:
    """Lead to the thread, which shows the number in this message or note once. The caller has audited it."""
    runtime = current_runtime()
    session[KEPT_AS] = write_cursor(runtime.vault, listing=_listing(citizen_id), key=(entry_id, runtime.clock.now()))
    address = url_for(
        "conversations.thread", citizen_id=citizen_id, cursor=request.args.get("cursor"), _anchor=f"{anchor}-{entry_id}"
    )
    return redirect(address, code=303)


def take_shown(citizen_id: uuid.UUID) -> uuid.UUID | None:
    """Return the message or note of this thread whose number the page shows; the next page shows it no more."""
    if looks_by_itself() or KEPT_AS not in session:
        return None
    runtime = current_runtime()
    try:
        kept: Any = read_cursor(
            runtime.vault, session[KEPT_AS], listing=_listing(citizen_id), kinds=(uuid.UUID, datetime)
        )
    except InvalidInput:
        return None  # it was for another thread, or another reader
    del session[KEPT_AS]
    entry_id, shown_at = kept
    return entry_id if runtime.clock.now() - shown_at < LASTS else None


def _listing(citizen_id: uuid.UUID) -> str:
    return f"number in the thread of {citizen_id} shown to {signed_in().id}"
