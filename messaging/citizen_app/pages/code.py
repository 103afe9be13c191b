"""Signing in by a code on SMS: a number is asked for, then the code. What is answered never tells who is known here."""

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import codes
from messaging.citizen_app.code_limits import MOST_TRIES
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.doors import app_pages, let_in
from messaging.citizen_app.sessions import begin_session
from messaging.people.actors import SYSTEM
from messaging.web.language import many
from messaging.web.language import now as _
from messaging.web.pages import local_path
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

UNDER_WAY = "login_code"
"""Where the browser's signed cookie keeps what binds a code to it."""
AGAIN_SECONDS = 3600
TOKEN = re.compile(r"[\w-]{36,64}", re.ASCII)
"""What each form for a number holds of its own, so that one sent twice asks once."""

Answer = Response | tuple[str, int] | str

code_pages = app_pages("app_code", __name__, public=True)


@code_pages.get("/login/code")
def show() -> Answer:
    """Ask for the number."""
    return _ask_number(next_=local_path(request.args.get("next")))


@code_pages.post("/login/code")
def ask() -> Answer:
    """Note that a code is wanted. Whether one is sent is decided afterwards, and not told here."""
    runtime, next_ = current_runtime(), local_path(request.form.get("next"))
    try:
        number = codes.read_allowed(request.form.get("number", ""), prefixes=runtime.config.code_prefixes)
    except codes.NoSuchNumber:
        sentence = _("Skriv dit danske mobilnummer med 8 tal. Har du ikke et, så brug MitID, eller ring til os.")
        return _ask_number(next_=next_, wrong=sentence), 422
    token = request.form.get("token", "")
    if not TOKEN.fullmatch(token):
        token = codes.new_token()
    with runtime.act(SYSTEM) as act:
        may_ask = codes.ask_for_code(act, token=token, number=number, address=request.remote_addr or "")
    if not may_ask:
        return _too_many()
    session[UNDER_WAY] = {"token": token, "next": next_}
    runtime.waker.wake(Lane.UPKEEP)
    return redirect(url_for("app_code.enter"), code=303)


@code_pages.get("/login/code/enter")
def enter() -> Answer:
    """Ask for the code."""
    runtime, token = current_runtime(), _held().get("token", "")
    with runtime.database.read() as session_:
        has_code = codes.has_code(session_, runtime.vault, token=token, now=runtime.clock.now())
    return _ask_code() if has_code else redirect(url_for("app_code.show"))


@code_pages.post("/login/code/enter")
def sign_in() -> Answer:
    """Let in whose code this is."""
    runtime, held, told = current_runtime(), _held(), None
    try:
        with runtime.act(SYSTEM) as act:
            tried = codes.try_code(act, token=held.get("token", ""), code=request.form.get("code", ""))
            if tried.citizen_id is not None:
                told = begin_session(act, citizen_id=tried.citizen_id, opened=Opened.CODE)
    except codes.CodeOver:
        return _over(_("Koden virker ikke mere. Få en ny kode her."))
    if told is not None:
        session.pop(UNDER_WAY, None)
        return let_in(told, opened=Opened.CODE, to=local_path(held.get("next")))
    if tried.left == 0:
        return _over(_("Koden var forkert %(tries)s gange. Få en ny kode her.", tries=MOST_TRIES))
    wrong = many(
        "Koden passer ikke. Se efter i din sms. Du kan prøve %(num)s gang til.",
        "Koden passer ikke. Se efter i din sms. Du kan prøve %(num)s gange til.",
        tried.left,
    )
    return _ask_code(wrong=wrong), 422


def _ask_number(*, next_: str | None, wrong: str | None = None) -> str:
    return render_template("citizen_app/code_number.html", token=codes.new_token(), next=next_, wrong=wrong)


def _ask_code(*, wrong: str | None = None) -> str:
    return render_template("citizen_app/code_enter.html", wrong=wrong)


def _over(sentence: str) -> Answer:
    session.pop(UNDER_WAY, None)
    return _ask_number(next_=None, wrong=sentence), 422


def _too_many() -> Response:
    answer = Response(render_template("citizen_app/code_later.html"), status=429, content_type="text/html")
    answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def _held() -> Mapping[str, Any]:
    held = session.get(UNDER_WAY)
    return held if isinstance(held, dict) else {}
