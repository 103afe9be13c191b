"""The two questions to citizens: by a code alone, without sign-in, cookie or script."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from messaging.citizen_app.code_limits import network_of
from messaging.errors import InvalidInput
from messaging.experience import answering, wording
from messaging.experience.codes import read_code
from messaging.experience.models import Question, Rating
from messaging.people.actors import SYSTEM
from messaging.web.language import DANISH, language, speak
from messaging.web.language import now as _
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

WRONG_CODES = parse("30 per hour")
"""Per network. Kept in memory only: a row would say who came when."""
SPOKEN = "l"
"""Names in the address the language a page is read in, for want of a cookie."""

Answer = str | Response | tuple[str, int]


def pulse_pages() -> Blueprint:
    """Return the pages; each application counts wrong codes by itself."""
    blueprint = pages("pulse", __name__, public=True)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @blueprint.before_request
    def guard() -> None:
        """Speak the language asked for; let no network guess on."""
        if SPOKEN in request.args:
            speak(request.args[SPOKEN])
        if not limiter.test(WRONG_CODES, _network()):
            raise TooManyRequests

    @blueprint.errorhandler(answering.UnknownCode)
    def tell(_error: answering.UnknownCode) -> Answer:
        limiter.hit(WRONG_CODES, _network())
        if request.endpoint == "pulse.look_up":
            return _draw("enter", wrong=_("Koden er brugt, for gammel eller skrevet forkert.")), 422
        return _draw("used"), 404

    blueprint.add_url_rule("/p", "enter", _enter)
    blueprint.add_url_rule("/p", "look_up", _look_up, methods=["POST"])
    blueprint.add_url_rule("/p/<code>", "ask", _ask)
    blueprint.add_url_rule("/p/<code>", "answer", _answer, methods=["POST"])
    blueprint.add_url_rule("/p/thanks", "thanks", _thanks)
    return blueprint


def _enter() -> str:
    return _draw("enter")


def _look_up() -> Answer:
    return redirect(_address("pulse.ask", code=_usable(request.form.get("code", ""))), code=303)


def _ask(code: str) -> str:
    return _draw("ask", code=_usable(code), questions=wording.CITIZENS, ratings=wording.RATINGS)


def _answer(code: str) -> Answer:
    try:
        with current_runtime().act(SYSTEM) as act:
            answering.answer(act, code=read_code(code) or "", answers=ratings_of(request.form))
    except InvalidInput:
        asked = {"code": _usable(code), "questions": wording.CITIZENS, "ratings": wording.RATINGS}
        return _draw("ask", wrong=_("Vælg et svar først."), **asked), 422
    return redirect(_address("pulse.thanks"), code=303)


def _thanks() -> str:
    return _draw("thanks")


def ratings_of(form: Mapping[str, str]) -> dict[Question, Rating]:
    """Return what a form answers. Raises InvalidInput for an answer that there is none of."""
    try:
        return {question: Rating(form[question]) for question in Question if question in form}
    except ValueError:
        raise InvalidInput("there is no such answer", field="answers") from None


def _usable(text: str) -> str:
    """Return a code that can be used now. Raises UnknownCode."""
    runtime, code = current_runtime(), read_code(text) or ""
    with runtime.database.read() as session:
        answering.check_code(session, runtime.vault, code, at=runtime.clock.now())
    return code


def _network() -> str:
    return network_of(current_runtime().vault, request.remote_addr or "").hex()


def _address(endpoint: str, **named: str) -> str:
    """Return the address of a page, in the language this one is read in."""
    values: dict[str, Any] = {**named, **_spoken()}
    return url_for(endpoint, **values)


def _spoken() -> dict[str, str]:
    return {} if language() == DANISH else {SPOKEN: language()}


def _draw(page: str, **shown: object) -> str:
    return render_template(
        f"experience/{page}.html", phone=current_runtime().config.unit_phone, address=_address, SPOKEN=SPOKEN, **shown
    )
