"""Signing in and out, the citizens one looks after, and their numbers."""

import uuid
from typing import TYPE_CHECKING, Any

from flask import current_app, redirect, render_template, request, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from messaging.people import registering, signing_in, wishes, wording
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Standing
from messaging.people.numbers import last_digits
from messaging.people.queries import describe, find_point, find_proposed, list_citizens, name_citizens
from messaging.people.visibility import find_citizen
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import cookie_name, flash_once, form_answer, local_path, pages, signed_in
from messaging.web.shell import current_runtime, current_shell
from messaging.work.lanes import Lane

if TYPE_CHECKING:
    from flask import Blueprint

    from messaging.runtime import Runtime

TRIES = parse("10 per 15 minutes")
"""Per network address and initials: enough for a forgetful Monday, too little for guessing."""


PAGE = 100
LISTING = "caseload"

citizens = pages("citizens", __name__)


@citizens.get("/citizens")
def overview() -> str:
    """Show whom one looks after; by name within a page: nothing can sort sealed names unopened."""
    runtime, actor = current_runtime(), signed_in()
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=(uuid.UUID,))
    with runtime.database.read() as session:
        rows = list_citizens(session, actor, after=after[0] if after else None, limit=PAGE + 1)
        names = name_citizens(session, runtime.vault, [row.id for row in rows[:PAGE]])
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


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/accept")
def accept_number(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Use a number that somebody proposed."""
    with current_runtime().act(signed_in()) as act:
        point = find_proposed(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
        registering.accept_number(act, contact_point_id=point.id)
    return _decided(citizen_id, "Nummeret bruges fra nu af.")


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/release")
def release_number(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Let messages go to a number again."""
    with current_runtime().act(signed_in()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
        wishes.release_number(act, number_id=point.number_id)
    return _decided(citizen_id, "Der kan igen sendes sms til nummeret.")


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/shared")
def mark_shared(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Say whether others use the number too."""
    shared = form_answer("shared")
    with current_runtime().act(signed_in()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
        wishes.mark_shared(act, number_id=point.number_id, shared=shared)
    return _decided(citizen_id, wording.NOW_SHARED if shared else wording.NOW_OWN)


def sign_in_pages() -> "Blueprint":
    """Return the pages of signing in; each application counts tries by itself."""
    blueprint = pages("sign_in", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.get("/sign-in")
    def show() -> str:
        return _show_form(next_=local_path(request.args.get("next")))

    @blueprint.post("/sign-in")
    def sign_in() -> Response | tuple[str, int]:
        runtime, initials = current_runtime(), request.form.get("initials", "")
        if not limiter.hit(TRIES, request.remote_addr or "", _digest(runtime, initials)):
            raise TooManyRequests
        next_ = local_path(request.form.get("next"))
        token = _begin_session(runtime, initials=initials, password=request.form.get("password", ""))
        if token is None:
            return _show_form(next_=next_, failed=True), 403
        return _let_in(token, next_=next_)

    @blueprint.post("/sign-out")
    def sign_out() -> Response:
        runtime = current_runtime()
        name = cookie_name(runtime.config)
        with runtime.act(SYSTEM) as act:
            signing_in.sign_out(act, token=request.cookies.get(name, ""))
        answer = redirect(url_for("sign_in.show"), code=303)
        answer.delete_cookie(name, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    return blueprint


def actor_of_cookie(runtime: "Runtime", token: str, *, in_use: bool = True) -> Actor | None:
    """Return the member of staff whose token this is, and note now and then that the session is in use if it is."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        found = signing_in.session_actor(
            session, runtime.vault, token=token, now=now, limits=signing_in.Limits.from_config(runtime.config)
        )
    if found is None:
        return None
    actor, seen_at = found
    if in_use and now - seen_at > signing_in.SEEN_AGAIN:
        with runtime.database.write() as session:
            signing_in.note_seen(session, runtime.vault, token=token, now=now)
    return actor


def _show_form(*, next_: str | None, failed: bool = False) -> str:
    """Show the sign-in form. A browser that still holds a cookie has been signed out by time, and is told so."""
    runtime = current_runtime()
    token = request.cookies.get(cookie_name(runtime.config))
    timed_out = token is not None and actor_of_cookie(runtime, token) is None
    return render_template("people/sign_in.html", next=next_, failed=failed, timed_out=timed_out and not failed)


def _let_in(token: str, *, next_: str | None) -> Response:
    """Give the browser its new token and lead it to where it wanted to go."""
    answer = redirect(next_ or url_for(current_shell().home), code=303)
    answer.set_cookie(
        cookie_name(current_runtime().config),
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def _decided(citizen_id: uuid.UUID, sentence: str) -> Response:
    current_runtime().waker.wake(Lane.JOURNAL)
    flash_once(sentence)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id), code=303)


def _begin_session(runtime: "Runtime", *, initials: str, password: str) -> str | None:
    with runtime.database.read() as session:
        named = signing_in.find_account(session, initials)
    account = signing_in.check_password(named, password)
    if account is None:
        if named is not None:
            with runtime.act(SYSTEM) as act:
                act.audit("staff.sign_in_failed", object_kind="caseworker", object_id=named.caseworker_id)
        return None
    with runtime.act(Actor(kind=ActorKind.STAFF, id=account.caseworker_id)) as act:
        signing_in.end_session(act, token=request.cookies.get(cookie_name(runtime.config), ""))
        return signing_in.sign_in(act, account=account)


def _digest(runtime: "Runtime", initials: str) -> str:
    return runtime.vault.fingerprint(initials.strip().lower().encode(), purpose="sign-in tries").hex()
