"""Finding one's own messages again. What is sought travels in the form only: no address and no log holds it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flask import render_template, request, url_for

from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.citizen_app.pages.thread import cursor_of
from messaging.conversations.app_thread import page_with
from messaging.conversations.search_form import NothingSought, TooCommon, TooMuch, read_search
from messaging.conversations.searching import Found, Hit, Search, find_messages, note_search
from messaging.errors import InvalidInput
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.shell import current_runtime

PAGE = 20
AFTER_HIT = 5
"""Messages shown after a hit in the thread, if there are so many."""

NOWHERE: Mapping[int, int | None] = MappingProxyType({})

app_search = app_pages("app_search", __name__)


@app_search.route("/search", methods=["GET", "POST"])
def search() -> str | tuple[str, int]:
    """Show the form, and the messages of hers that hold the words."""
    if request.method != "POST":
        return _page("", None)
    runtime, words = current_runtime(), request.form.get("words", "")
    after: Any = read_cursor(runtime.vault, request.form.get("cursor"), listing=_listing(), kinds=(uuid.UUID,))
    try:
        sought = read_search({"words": words})
    except InvalidInput as error:
        return _page(words, None, wrong=_why_not(error)), 422
    return _page(words, *_find(sought, after=after[0] if after else None))


def _find(sought: Search, *, after: uuid.UUID | None) -> tuple[Found, dict[int, int | None]]:
    """Find messages, and where each stands in the thread; they are shown only once it is noted that they are."""
    runtime, here = current_runtime(), citizen_here()
    hers = replace(sought, citizen_id=here.citizen_id, as_citizen=here.may_see)
    with runtime.database.read() as session:
        found = find_messages(session, runtime.vault, here.actor, hers, after=after, limit=PAGE)
        places = {
            hit.seq: page_with(session, citizen_id=here.citizen_id, seq=hit.seq, after=AFTER_HIT) for hit in found.hits
        }
    with runtime.act(here.actor) as act:
        note_search(act, hers, found.hits)
    return found, places


def _page(
    words: str, found: Found | None, places: Mapping[int, int | None] = NOWHERE, *, wrong: str | None = None
) -> str:
    vault = current_runtime().vault
    return render_template(
        "citizen_app/search.html",
        sought=words,
        found=found,
        wrong=wrong,
        more=write_cursor(vault, listing=_listing(), key=(found.last,)) if found and found.last else None,
        place_of=lambda hit: _address(hit, places[hit.seq]),
    )


def _address(hit: Hit, before: int | None) -> str:
    """Return the address of a message among those around it in the thread."""
    return url_for("app_thread.show", before=cursor_of(before) if before else None, _anchor=f"m{hit.seq}")


def _listing() -> str:
    return f"app search of {citizen_here().citizen_id}"


def _why_not(error: InvalidInput) -> str:
    match error:
        case NothingSought():
            return _("Skriv et ord, du husker fra beskeden.")
        case TooCommon():
            return _("Ordet står i næsten alle beskeder. Skriv et andet ord.")
        case TooMuch():
            return _("Søg på færre ord.")
    return _("Det kan ikke bruges her. Prøv et andet ord.")
