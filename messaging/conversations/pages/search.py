"""The page on which messages are found again. What is sought travels in forms only: no address and no log holds it."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from messaging.conversations import search_wording
from messaging.conversations.search_form import FIELDS, NothingSought, TooCommon, TooMuch, read_search
from messaging.conversations.searching import Found, Hit, Search, find_messages, note_search
from messaging.conversations.wording import MEDIA
from messaging.errors import InvalidInput
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.queries import name_citizens
from messaging.people.visibility import visible_to
from messaging.runtime import Runtime
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime

PAGE = 25
CHOICES = 200
AFTER_HIT = 20
"""Messages shown after a hit in its thread, if there are so many."""

search_pages = pages("search", __name__)


@search_pages.route("/search", methods=["GET", "POST"])
def search() -> str | tuple[str, int]:
    """Show the form, and the messages that fit what was sent with it."""
    if request.method != "POST":
        return _page({}, None)
    runtime, actor = current_runtime(), signed_in().on_her_own
    form = {name: request.form.get(name, "") for name in FIELDS}
    after: Any = read_cursor(runtime.vault, request.form.get("cursor"), listing=_listing(actor), kinds=(uuid.UUID,))
    try:
        sought = read_search(form)
    except InvalidInput as error:
        return _page(form, None, wrong=_why_not(error)), 422
    return _page(form, _find(runtime, actor, sought, after=after[0] if after else None))


def _find(runtime: Runtime, actor: Actor, sought: Search, *, after: uuid.UUID | None) -> Found:
    """Find messages; they are shown only once it is noted that they are."""
    with runtime.database.read() as session:
        found = find_messages(session, runtime.vault, actor, sought, after=after, limit=PAGE)
    with runtime.act(actor) as act:
        note_search(act, sought, found.hits)
    return found


def _page(form: Mapping[str, str], found: Found | None, *, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.database.read() as session:
        names = _names(session, runtime, actor, {hit.citizen_id for hit in found.hits} if found else set())
    return render_template(
        "conversations/search.html",
        form=form,
        found=found,
        wrong=wrong,
        names=names,
        choices=sorted(names.items(), key=lambda choice: choice[1]),
        more=write_cursor(runtime.vault, listing=_listing(actor), key=(found.last,)) if found and found.last else None,
        place_of=_place_of,
        words=search_wording,
        media=MEDIA,
    )


def _names(session: Session, runtime: Runtime, actor: Actor, shown: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of those who can be chosen and of those who were found."""
    choices = session.scalars(sa.select(Citizen.id).where(visible_to(actor)).order_by(Citizen.id).limit(CHOICES))
    return name_citizens(session, runtime.vault, list({*choices, *shown}))


def _place_of(hit: Hit) -> str:
    """Return the address of a message among those around it in its thread."""
    cursor = write_cursor(current_runtime().vault, listing=str(hit.citizen_id), key=(hit.seq + AFTER_HIT + 1,))
    return url_for("conversations.thread", citizen_id=hit.citizen_id, cursor=cursor, _anchor=f"message-{hit.id}")


def _listing(actor: Actor) -> str:
    return f"search of {actor.id}"


def _why_not(error: InvalidInput) -> str:
    match error:
        case NothingSought():
            return _("Skriv et ord, eller vælg, hvad beskeden skal passe med.")
        case TooCommon():
            return _("Ordene står i næsten alle beskeder. Skriv et ord, der er mere særligt.")
        case TooMuch():
            return _("Søg på færre ord.")
    return _("Noget i felterne kan ikke bruges. Se på datoerne.")
