"""Passkeys as the citizen meets them: offered on a phone that is in, and asked for at the door."""

import uuid

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as WerkzeugResponse

from messaging.citizen_app import passkeys
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.doors import app_pages, citizen_here, let_in
from messaging.citizen_app.passkeys import Question, Site
from messaging.people.actors import SYSTEM
from messaging.web.language import now as _
from messaging.web.pages import flash_once, local_path
from messaging.web.shell import current_runtime

BEGINNINGS = parse("60 per 15 minutes")
"""Per network address: each leaves a row."""
TO_REGISTER, TO_SIGN_IN = "passkey_register", "passkey_sign_in"
"""Where the browser's signed cookie keeps which challenge it was given."""

Answer = WerkzeugResponse | str | tuple[str, int]

app_passkeys = app_pages("app_passkeys", __name__)


@app_passkeys.get("/passkey")
def show() -> str:
    """Offer to make a passkey on this phone, or to delete the one it has."""
    here = citizen_here()
    with current_runtime().database.read() as session_:
        has_one = passkeys.passkeys_of(session_, here) > 0
    return render_template("citizen_app/passkey.html", has_one=has_one, may_register=passkeys.may_register(here))


@app_passkeys.post("/passkey/question")
def question() -> Response:
    """Hand the script what it needs to make a passkey."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        asked = passkeys.ask_to_register(act, here, Site.from_config(runtime.config), asked=_asked(TO_REGISTER))
    return _hand_over(asked, TO_REGISTER)


@app_passkeys.post("/passkey")
def register() -> Answer:
    """Keep the passkey that the phone has made."""
    runtime, here, asked = current_runtime(), citizen_here(), _asked(TO_REGISTER)
    session.pop(TO_REGISTER, None)
    with runtime.act(here.actor) as act:
        is_kept = passkeys.register(
            act, here, Site.from_config(runtime.config), asked=asked, answer=request.form.get("answer", "")
        )
    flash_once(
        _("Næste gang kan du logge ind med fingeraftryk eller ansigt.")
        if is_kept
        else _("Det lykkedes ikke. Du kan prøve igen.")
    )
    return redirect(url_for("app_passkeys.show"), code=303)


@app_passkeys.post("/passkey/end")
def end() -> Answer:
    """Delete what this phone could come in by."""
    here = citizen_here()
    with current_runtime().act(here.actor) as act:
        passkeys.end_passkeys(act, here)
    flash_once(_("Fingeraftryk og ansigt virker ikke her mere."))
    return redirect(url_for("app_passkeys.show"), code=303)


def passkey_door() -> Blueprint:
    """Return the pages by which one comes in; each application counts by itself."""
    blueprint = app_pages("app_passkey_door", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.get("/login/passkey")
    def ask() -> str:
        return _door(next_=local_path(request.args.get("next")))

    @blueprint.post("/login/passkey/question")
    def question() -> Response:
        if not limiter.hit(BEGINNINGS, request.remote_addr or ""):
            raise TooManyRequests
        runtime = current_runtime()
        with runtime.act(SYSTEM) as act:
            asked = passkeys.ask_to_sign_in(act, Site.from_config(runtime.config), asked=_asked(TO_SIGN_IN))
        return _hand_over(asked, TO_SIGN_IN)

    blueprint.add_url_rule("/login/passkey", "sign_in", _sign_in, methods=["POST"])
    return blueprint


def _sign_in() -> Answer:
    runtime, asked = current_runtime(), _asked(TO_SIGN_IN)
    session.pop(TO_SIGN_IN, None)
    next_ = local_path(request.form.get("next"))
    with runtime.act(SYSTEM) as act:
        token = passkeys.sign_in(
            act, Site.from_config(runtime.config), asked=asked, answer=request.form.get("answer", "")
        )
    if token is None:
        return _door(
            next_=next_, wrong=_("Telefonen blev ikke genkendt. Prøv igen, eller log ind på en anden måde.")
        ), 403
    return let_in(token, opened=Opened.PASSKEY, to=next_)


def _door(*, next_: str | None, wrong: str | None = None) -> str:
    return render_template("citizen_app/passkey_door.html", next=next_, wrong=wrong)


def _hand_over(asked: Question, name: str) -> Response:
    session[name] = str(asked.id)
    return Response(asked.options, content_type="application/json", headers={"Cache-Control": "no-store"})


def _asked(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(session.get(name, ""))
    except (ValueError, AttributeError, TypeError):
        return None
