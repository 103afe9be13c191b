"""The citizens one looks after, and their numbers."""

import uuid
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.errors import InvalidInput, NotFound
from messaging.people import stating, wishes, wording
from messaging.people.actors import Actor
from messaging.people.models import Role, Standing
from messaging.people.numbers import last_digits
from messaging.people.queries import describe, find_point, list_citizens, name_citizens, note_listing
from messaging.people.visibility import ReasonMissing, find_citizen, find_known
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import SAFE, flash_once, form_answer, local_path, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

if TYPE_CHECKING:
    from messaging.runtime import Runtime

PAGE = 100
LISTING = "caseload"

citizens = pages("citizens", __name__)


@citizens.get("/citizens")
def overview() -> str:
    """Show whom one looks after; by name within a page: nothing can sort sealed names unopened."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=(uuid.UUID,))
    with runtime.database.read() as session:
        rows = list_citizens(session, actor, after=after[0] if after else None, limit=PAGE + 1)
        names = name_citizens(session, runtime.vault, [row.id for row in rows[:PAGE]])
    with runtime.act(actor) as act:
        note_listing(act, count=len(names))
    return render_template(
        "people/citizens.html",
        names=sorted(names.items(), key=lambda named: named[1]),
        more=write_cursor(runtime.vault, listing=LISTING, key=(rows[PAGE - 1].id,)) if len(rows) > PAGE else None,
    )


def numbers_panel(runtime: "Runtime", actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw the numbers of a citizen, and what a human may decide about each."""
    with runtime.database.read() as session:
        view = describe(session, runtime.vault, [find_citizen(session, actor, citizen_id)])[0]
    numbers = [number for number in view.numbers if number.standing is not Standing.ENDED]
    html = render_template(
        "people/numbers.html", citizen_id=citizen_id, numbers=numbers, digits=last_digits, words=wording
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/release")
def release_number(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Let messages go to a number again."""
    with current_runtime().act(signed_in()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
        wishes.release_number(act, number_id=point.number_id)
    return _decided(citizen_id, _("Der kan igen sendes sms til nummeret."))


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/shared")
def mark_shared(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Say whether others use the number too."""
    shared = form_answer("shared")
    with current_runtime().act(signed_in()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
        wishes.mark_shared(act, number_id=point.number_id, shared=shared)
    return _decided(citizen_id, wording.NOW_SHARED if shared else wording.NOW_OWN)


@citizens.get("/citizens/<uuid:citizen_id>/reason")
def ask_reason(citizen_id: uuid.UUID) -> str:
    """Ask a team leader why she opens a citizen's content."""
    return _ask_reason(citizen_id, next_=local_path(request.args.get("next")))


@citizens.post("/citizens/<uuid:citizen_id>/reason")
def state_reason(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Open a citizen's content to a team leader who says why."""
    reason, next_ = request.form.get("reason", "").strip(), local_path(request.form.get("next"))
    try:
        with current_runtime().act(_team_leader()) as act:
            stating.state_reason(act, citizen_id=citizen_id, reason=reason)
    except InvalidInput:
        return _ask_reason(citizen_id, next_=next_, reason=reason, wrong=True), 422
    return redirect(next_ or url_for("conversations.thread", citizen_id=citizen_id), code=303)


def ask_first(error: ReasonMissing) -> Response:
    """Lead a team leader who wants to see content to the form that asks why, and from there back."""
    next_ = request.path if request.method in SAFE else None
    return redirect(url_for("citizens.ask_reason", citizen_id=error.citizen_id, next=next_), code=303)


def _ask_reason(citizen_id: uuid.UUID, *, next_: str | None, reason: str = "", wrong: bool = False) -> str:
    runtime, actor = current_runtime(), _team_leader()
    with runtime.database.read() as session:
        find_known(session, actor, citizen_id)
        name = name_citizens(session, runtime.vault, [citizen_id])[citizen_id]
    return render_template(
        "people/reason.html",
        citizen_id=citizen_id,
        name=name,
        next=next_,
        reason=reason,
        wrong=wrong,
        shortest=stating.SHORTEST,
        longest=stating.LONGEST,
        minutes=int(stating.LASTS.total_seconds() // 60),
    )


def _team_leader() -> Actor:
    actor = signed_in()
    if actor.role is not Role.TEAM_LEADER:
        raise NotFound("nobody else is asked for a reason")
    return actor


def _decided(citizen_id: uuid.UUID, sentence: str) -> Response:
    current_runtime().waker.wake(Lane.JOURNAL)
    flash_once(sentence)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id), code=303)
