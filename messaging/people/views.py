"""Signing in and out, and the citizens one looks after."""

import uuid
from typing import TYPE_CHECKING, Any

from flask import current_app, redirect, render_template, request, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from messaging.people import signing_in
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.queries import list_citizens, name_citizens
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.pages import cookie_name, pages, signed_in
from messaging.web.shell import current_runtime, current_shell

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


def sign_in_pages() -> "Blueprint":
    """Return the pages of signing in; each application counts tries by itself."""
    blueprint = pages("sign_in", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.get("/sign-in")
    def show() -> str:
        return render_template("people/sign_in.html", failed=False)

    @blueprint.post("/sign-in")
    def sign_in() -> Response | tuple[str, int]:
        runtime, initials = current_runtime(), request.form.get("initials", "")
        if not limiter.hit(TRIES, request.remote_addr or "", _digest(runtime, initials)):
            raise TooManyRequests
        token = _begin_session(runtime, initials=initials, password=request.form.get("password", ""))
        if token is None:
            return render_template("people/sign_in.html", failed=True), 403
        answer = redirect(url_for(current_shell().home), code=303)
        answer.set_cookie(
            cookie_name(runtime.config),
            token,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return answer

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


def actor_of_cookie(runtime: "Runtime", token: str) -> Actor | None:
    """Return the member of staff whose token this is, and note now and then that the session is in use."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        found = signing_in.session_actor(session, runtime.vault, token=token, now=now)
    if found is None:
        return None
    actor, seen_at = found
    if now - seen_at > signing_in.SEEN_AGAIN:
        with runtime.database.write() as session:
            signing_in.note_seen(session, runtime.vault, token=token, now=now)
    return actor


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
        return signing_in.sign_in(act, account=account)


def _digest(runtime: "Runtime", initials: str) -> str:
    return runtime.vault.fingerprint(initials.strip().lower().encode(), purpose="sign-in tries").hex()
