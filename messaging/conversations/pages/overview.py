"""The lists a caseworker works from: who waits, the most pressing first, and who or what else wants doing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import inbox_lists, list_wording, listed_messages, wording
from messaging.conversations.inbox_lists import ListedConversation, Listing
from messaging.conversations.list_wording import Step
from messaging.conversations.listed_messages import ListedMessage
from messaging.conversations.states import Waiting
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.models import Citizen, Role
from messaging.runtime import Runtime
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime, current_shell

PAGE = 25

inbox = pages("inbox", __name__)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as it is drawn: the conversation, the message it is about, and why it stands here and what to do."""

    conversation: ListedConversation
    message: ListedMessage | None
    why: str
    step: Step | None


@inbox.get("/")
def start() -> Response:
    """Lead to the list."""
    return redirect(url_for("inbox.overview"))


@inbox.get("/conversations")
def overview() -> str:
    """Show what waits, the most pressing first."""
    runtime, actor = current_runtime(), signed_in()
    shown, now = _listing(request.args.get("show", Waiting.FOR_US)), runtime.clock.now()
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=shown, kinds=inbox_lists.LISTING_KINDS)
    with runtime.database.read() as session:
        found = inbox_lists.list_conversations(
            session,
            runtime.vault,
            actor,
            shown=shown,
            now=now,
            after=after,
            limit=PAGE + 1,
            meeting_soon=_meeting_soon(now) if shown is Waiting.FOR_US else None,
        )
        counts = inbox_lists.count_lists(session, actor, now=now)
        ids = [one.id for one in found[:PAGE]]
        messages = listed_messages.find_messages(session, runtime.vault, actor, shown=shown, now=now, ids=ids)
        why = listed_messages.why_each_unreachable(session, ids) if shown is Listing.UNREACHABLE else {}
    _note_words_read(runtime, actor, messages.values())
    return render_template(
        "conversations/overview.html",
        rows=[_row(one, messages.get(one.id), why.get(one.id)) for one in found[:PAGE]],
        more=write_cursor(runtime.vault, listing=shown, key=found[PAGE - 1].key) if len(found) > PAGE else None,
        shown=shown,
        counts=counts,
        lists=_names(actor),
        empty=list_wording.EMPTY[shown],
        words=wording,
        now=now,
        explain=getattr(runtime.channel, "explain", wording.explain),
    )


def _row(conversation: ListedConversation, message: ListedMessage | None, obstacle: str | None) -> Row:
    if obstacle is not None:
        step, why = list_wording.STEPS_TO_REACH.get(obstacle), list_wording.UNREACHABLE[obstacle]
    else:
        step, why = list_wording.step_to_deliver(message) if message else None, ""
    return Row(conversation=conversation, message=message, why=why, step=step)


def _note_words_read(runtime: Runtime, actor: Actor, messages: Collection[ListedMessage]) -> None:
    if messages:
        with runtime.act(actor) as act:
            listed_messages.note_words_read(act, messages)


def _names(actor: Actor) -> dict[Waiting | Listing, str]:
    if actor.role is Role.TEAM_LEADER:
        return {**list_wording.LISTS, Listing.ALL: list_wording.ALL_OF_THE_UNIT}
    return list_wording.LISTS


def _meeting_soon(now: datetime) -> sa.ColumnElement[datetime] | None:
    """Ask the room of the meetings, which this one does not know."""
    ask = current_shell().meeting_soon
    return ask(Citizen.id, now) if ask else None


def _listing(word: str) -> Waiting | Listing:
    listings: dict[str, Waiting | Listing] = {listing.value: listing for listing in (*Waiting, *Listing)}
    if word not in listings:
        raise NotFound("there is no such list")
    return listings[word]
