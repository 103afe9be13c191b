"""The lists a caseworker works from: who waits, the most pressing first, and who or what else wants doing."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import inbox_lists, list_wording, listed_messages, wording
from messaging.conversations.answer_time import AnswerTime, Promise, is_first_morning
from messaging.conversations.inbox_lists import ListedConversation, Listing
from messaging.conversations.list_wording import Step
from messaging.conversations.listed_messages import ListedMessage
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OpenHours
from messaging.conversations.opening_times import settings_now
from messaging.conversations.states import Waiting
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.arm_models import Arm
from messaging.people.models import Citizen, Role
from messaging.runtime import Runtime
from messaging.trial.queries import arms_of
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime, current_shell

PAGE = 25
YES = "yes"
"""What the address says in `papers` when only threads with a document are to be shown."""

inbox = pages("inbox", __name__)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as it is drawn: the conversation, the message it is about, and why it stands here and what to do."""

    conversation: ListedConversation
    message: ListedMessage | None
    why: str
    step: Step | None
    answer: AnswerTime | None
    """Until when she is to be answered, if she waits for us."""
    has_app: bool
    """Whether the app reaches her where SMS does not; asked only in the list of those."""
    heading: str | None = None
    """What stands above the row, where a block begins."""


@inbox.get("/")
def start() -> Response:
    """Lead to the list."""
    return redirect(url_for("inbox.overview"))


@inbox.get("/conversations")
def overview() -> str:
    """Show what waits, the most pressing first."""
    runtime, actor = current_runtime(), signed_in()
    shown, now = _listing(request.args.get("show", Waiting.FOR_US)), runtime.clock.now()
    papers = request.args.get("papers") == YES
    listing = f"{shown} with papers" if papers else shown
    after: Any = read_cursor(
        runtime.vault, request.args.get("cursor"), listing=listing, kinds=inbox_lists.LISTING_KINDS
    )
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
            with_papers=papers,
        )
        counts = inbox_lists.count_lists(session, actor, now=now, with_papers=papers)
        ids = [one.id for one in found[:PAGE]]
        messages = listed_messages.find_messages(session, runtime.vault, actor, shown=shown, now=now, ids=ids)
        why = listed_messages.why_each_unreachable(session, ids) if shown is Listing.UNREACHABLE else {}
        apps = current_shell().apps_of(session, ids) if shown is Listing.UNREACHABLE else {}
        arms = arms_of(session, ids) if shown is Listing.UNREACHABLE else {}
    _note_words_read(runtime, actor, messages.values())
    promise = Promise.from_config(settings_now(runtime))
    rows = [
        _row(
            one,
            messages.get(one.id),
            why.get(one.id),
            app_knocks=apps.get(one.id),
            arm=arms.get(one.id),
            promise=promise,
            now=now,
        )
        for one in found[:PAGE]
    ]
    return render_template(
        "conversations/overview.html",
        rows=_in_blocks(rows, runtime) if shown is Waiting.FOR_US and after is None else rows,
        more=write_cursor(runtime.vault, listing=listing, key=found[PAGE - 1].key) if len(found) > PAGE else None,
        shown=shown,
        papers=YES if papers else None,
        counts=counts,
        lists=_names(actor),
        empty=list_wording.NONE_WITH_PAPERS if papers else list_wording.EMPTY[shown],
        words=wording,
        now=now,
        explain=getattr(runtime.channel, "explain", wording.explain),
    )


def _row(
    conversation: ListedConversation,
    message: ListedMessage | None,
    obstacle: str | None,
    *,
    app_knocks: bool | None,
    arm: Arm | None,
    promise: Promise | None,
    now: datetime,
) -> Row:
    if obstacle is not None:
        step = list_wording.step_to_reach(obstacle, app_knocks=app_knocks, arm=arm)
        why = list_wording.UNREACHABLE[obstacle]
    else:
        step, why = list_wording.step_to_deliver(message) if message else None, ""
    waits = promise is not None and conversation.waiting is Waiting.FOR_US
    answer = promise.answer_time(conversation.waiting_since, now=now) if promise and waits else None
    return Row(
        conversation=conversation,
        message=message,
        why=why,
        step=step,
        answer=answer,
        has_app=app_knocks is not None,
    )


def _in_blocks(rows: list[Row], runtime: Runtime) -> list[Row]:
    """After a day on which nobody read, head the replies to today's meetings; signs of danger stay above them."""
    now, hours = runtime.clock.now(), Office.from_config(settings_now(runtime)).hours
    meets_today = [_meets_on(now.astimezone(hours.zone).date(), row.conversation, hours) for row in rows]
    if True not in meets_today or not is_first_morning(now, hours):
        return rows
    begins = {meets_today.index(block): name for block, name in list_wording.BLOCKS.items() if block in meets_today}
    return [replace(row, heading=begins.get(place)) for place, row in enumerate(rows)]


def _meets_on(day: date, conversation: ListedConversation, hours: OpenHours) -> bool | None:
    """Whether the citizen has a meeting that day; None for signs of danger, which stand in no block."""
    if conversation.danger_since:
        return None
    return conversation.meeting_at is not None and conversation.meeting_at.astimezone(hours.zone).date() == day


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
