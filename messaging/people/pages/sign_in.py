"""Signing in and out: by the municipality's own sign-in where there is one, by initials and password in any case."""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import current_app, redirect, render_template, request, session, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.wrappers import Response

from adapters.errors import SignInRefused, TryLater
from adapters.sign_in_contract import SignInProvider
from messaging.people import signing_in, wording
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.covering import CoveredBy, nobody_covered
from messaging.web.pages import cookie_name, local_path, pages
from messaging.web.shell import current_runtime, current_shell

if TYPE_CHECKING:
    from flask import Blueprint

    from messaging.runtime import Runtime

TRIES = parse("10 per 15 minutes")
"""Per network address and initials: enough for a forgetful Monday, too little for guessing."""
BEGINNINGS = parse("300 per 15 minutes")
"""Per network address, behind which a whole town hall may stand: each costs a question to the sign-in
provider or the comparing of a password, and one password may be tried on everybody's initials."""
UNDER_WAY = "sign_in"
"""Where the browser's signed cookie keeps the secrets of a sign-in under way; taken out by its first return."""

Answer = Response | str | tuple[str, int]


def sign_in_pages() -> "Blueprint":
    """Return the pages of signing in; each application counts tries by itself."""
    blueprint = pages("sign_in", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.get("/sign-in")
    def show() -> str:
        return _show_form(next_=local_path(request.args.get("next")))

    @blueprint.post("/sign-in")
    def sign_in() -> Answer:
        runtime, initials = current_runtime(), request.form.get("initials", "")
        address = request.remote_addr or ""
        if not (limiter.hit(TRIES, address, _digest(runtime, initials)) and limiter.hit(BEGINNINGS, address, "local")):
            raise TooManyRequests
        next_ = local_path(request.form.get("next"))
        token = _check_password(runtime, initials=initials, password=request.form.get("password", ""))
        if token is None:
            return _show_form(next_=next_, wrong=wording.NOT_FITTING), 403
        return _let_in(token, next_=next_)

    @blueprint.get("/sign-in/municipality")
    def leave() -> Answer:
        if not limiter.hit(BEGINNINGS, request.remote_addr or "", "municipality"):
            raise TooManyRequests
        return _send_to_provider(next_=local_path(request.args.get("next")))

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

    blueprint.add_url_rule("/sign-in/municipality/return", "come_back", _take_back)
    return blueprint


def actor_of_cookie(
    runtime: "Runtime", token: str, *, in_use: bool = True, covered_by: CoveredBy = nobody_covered
) -> Actor | None:
    """Return the member of staff whose token this is, and note now and then that the session is in use if it is."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        found = signing_in.session_actor(
            session, runtime.vault, token=token, now=now, limits=signing_in.Limits.from_config(runtime.config)
        )
        if found is None:
            return None
        actor, seen_at = replace(found[0], covered=covered_by(session, found[0], now)), found[1]
    if in_use and now - seen_at > signing_in.SEEN_AGAIN:
        with runtime.database.write() as session:
            signing_in.note_seen(session, runtime.vault, token=token, now=now)
    return actor


def _send_to_provider(*, next_: str | None) -> Answer:
    try:
        begun = _provider().begin(return_to=_return_to())
    except (SignInRefused, TryLater):
        return _show_form(next_=next_, wrong=wording.PROVIDER_SILENT), 503
    session[UNDER_WAY] = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier, "next": next_}
    return redirect(begun.url)


def _take_back() -> Answer:
    """Take the browser back from the municipality's sign-in, once for each time it was sent there."""
    provider, begun = _provider(), session.pop(UNDER_WAY, None)
    if begun is None or request.args.get("state") != begun["state"]:
        return _show_form(next_=None, wrong=wording.NOT_BEGUN_HERE), 400
    try:
        name = provider.finish(
            nonce=begun["nonce"],
            verifier=begun["verifier"],
            code=request.args.get("code", ""),
            return_to=_return_to(),
        )
    except TryLater:
        return _show_form(next_=begun["next"], wrong=wording.PROVIDER_SILENT), 503
    except SignInRefused as error:
        _note_refusal(current_runtime(), reason=error.code, staff_id=None)
        return _show_form(next_=begun["next"], wrong=wording.NOT_PROVED), 403
    token = _recognise(current_runtime(), name)
    if token is None:
        return _show_form(next_=begun["next"], wrong=wording.NO_ACCESS), 403
    return _let_in(token, next_=begun["next"])


def _show_form(*, next_: str | None, wrong: str | None = None) -> str:
    """Show the sign-in form. A browser that still holds a cookie has been signed out by time, and is told so."""
    runtime = current_runtime()
    token = request.cookies.get(cookie_name(runtime.config))
    timed_out = token is not None and actor_of_cookie(runtime, token, in_use=False) is None
    return render_template(
        "people/sign_in.html",
        next=next_,
        wrong=wrong,
        timed_out=timed_out and wrong is None,
        municipality=runtime.sign_in_provider is not None,
    )


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


def _check_password(runtime: "Runtime", *, initials: str, password: str) -> str | None:
    """Begin a session for these initials if the password is theirs."""
    with runtime.database.read() as session:
        named = signing_in.find_account(session, initials)
    account = runtime.passwords.check(named, password)
    if account is not None:
        return _begin_session(runtime, Actor(kind=ActorKind.STAFF, id=account.caseworker_id))
    with runtime.act(SYSTEM) as act:
        signing_in.note_failure(act, account=named)
    return None


def _recognise(runtime: "Runtime", name: str) -> str | None:
    """Begin a session for whom the municipality's sign-in calls this; None if it is nobody who may sign in here."""
    with runtime.database.read() as session:
        staff = signing_in.find_staff(session, name)
    if staff is not None and staff.active:
        return _begin_session(runtime, Actor(kind=ActorKind.STAFF, id=staff.id))
    _note_refusal(runtime, reason="disabled" if staff else "unknown", staff_id=staff.id if staff else None)
    return None


def _begin_session(runtime: "Runtime", actor: Actor) -> str:
    with runtime.act(actor) as act:
        signing_in.end_session(act, token=request.cookies.get(cookie_name(runtime.config), ""))
        return signing_in.sign_in(act)


def _note_refusal(runtime: "Runtime", *, reason: str, staff_id: uuid.UUID | None) -> None:
    with runtime.act(SYSTEM) as act:
        signing_in.note_refusal(act, reason=reason, staff_id=staff_id)


def _provider() -> SignInProvider[str]:
    provider = current_runtime().sign_in_provider
    if provider is None:
        raise NotFound
    return provider


def _return_to() -> str:
    return current_runtime().config.public_url + url_for("sign_in.come_back")


def _digest(runtime: "Runtime", initials: str) -> str:
    return runtime.vault.fingerprint(initials.strip().lower().encode(), purpose="sign-in tries").hex()
