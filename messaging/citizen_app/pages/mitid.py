"""Signing in by MitID: the way to the broker, and the way back from it."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.wrappers import Response

from adapters.errors import SignInRefused, TryLater
from adapters.sign_in_contract import CitizenProof, SignInProvider
from messaging.citizen_app import mitid
from messaging.citizen_app.pages.doors import app_pages, find_here, let_in
from messaging.people.actors import SYSTEM
from messaging.web.language import now as _
from messaging.web.pages import local_path
from messaging.web.shell import current_runtime

BEGINNINGS = parse("60 per 15 minutes")
"""Per network address, behind which a whole library may stand: each costs a question to the broker."""
UNDER_WAY = "mitid"
"""Where the browser's signed cookie keeps the secrets of a sign-in under way; taken out by its first return."""

Answer = Response | tuple[str, int]


def mitid_pages() -> Blueprint:
    """Return the pages of MitID; each application counts by itself."""
    blueprint = app_pages("app_mitid", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.get("/login/mitid")
    def leave() -> Answer:
        if not limiter.hit(BEGINNINGS, request.remote_addr or ""):
            raise TooManyRequests
        return _send_away(next_=local_path(request.args.get("next")))

    blueprint.add_url_rule("/login/mitid/return", "come_back", _take_back)
    return blueprint


def _send_away(*, next_: str | None) -> Answer:
    try:
        begun = _broker().begin(return_to=_return_to())
    except (SignInRefused, TryLater):
        return _silent()
    session[UNDER_WAY] = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier, "next": next_}
    return redirect(begun.url)


def _take_back() -> Answer:
    """Take the browser back from the broker, once for each time it was sent there."""
    broker, begun, runtime = _broker(), session.pop(UNDER_WAY, None), current_runtime()
    if begun is None or request.args.get("state") != begun["state"]:
        return _show(_("Du blev ikke logget ind"), _("Siden var gammel. Prøv igen herfra.")), 400
    try:
        proof = broker.finish(
            nonce=begun["nonce"],
            verifier=begun["verifier"],
            code=request.args.get("code", ""),
            return_to=_return_to(),
        )
    except TryLater:
        return _silent()
    except SignInRefused as error:
        with runtime.act(SYSTEM) as act:
            mitid.note_refusal(act, reason=error.code)
        return _show(_("Du blev ikke logget ind"), _("MitID gav os ikke et ja. Du kan prøve igen.")), 403
    here = find_here()
    try:
        with runtime.act(SYSTEM) as act:
            token, opened = mitid.sign_in(act, proof, beneath=here)
    except mitid.UnknownHere:
        with runtime.act(SYSTEM) as act:
            mitid.note_refusal(act, reason="unknown")
        sentence = _("Vi har ikke en sag på dig. Har du fået brev fra os, så ring, og hør hvorfor.")
        return _show(_("Vi kender dig ikke her endnu"), sentence, again=False), 403
    return let_in(token, opened=opened, to=local_path(begun["next"]))


def _silent() -> Answer:
    return _show(_("MitID svarer ikke lige nu"), _("Vent lidt, og prøv igen. Eller brug en anden måde.")), 503


def _show(title: str, sentence: str, *, again: bool = True) -> str:
    return render_template("citizen_app/mitid.html", title=title, sentence=sentence, again=again)


def _broker() -> SignInProvider[CitizenProof]:
    broker = current_runtime().citizen_sign_in
    if broker is None:
        raise NotFound
    return broker


def _return_to() -> str:
    return current_runtime().config.public_url + url_for("app_mitid.come_back")
