"""Pairing as the citizen meets it: the address behind the QR code, and the six digits of the installed app."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import pairing
from messaging.citizen_app.devices import name_of
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.doors import app_pages, find_here, let_in
from messaging.people.actors import SYSTEM
from messaging.web.language import now as _
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

Answer = Response | str | tuple[str, int]

start_pages = app_pages("app_start", __name__, public=True)


@start_pages.get("/start/<token>")
def show(token: str) -> Answer:
    """Ask whether this phone is to be let in. Fetching the address takes nothing: only the button does."""
    runtime = current_runtime()
    with runtime.database.read() as session:
        is_open = pairing.is_open(session, runtime.vault, token=token, now=runtime.clock.now())
    if not is_open and find_here() is not None:
        return redirect(url_for("app_thread.show"))
    return render_template("citizen_app/start.html", token=token) if is_open else _over()


@start_pages.post("/start/<token>")
def take(token: str) -> Answer:
    """Let this phone in."""
    runtime = current_runtime()
    try:
        with runtime.act(SYSTEM) as act:
            session_token = pairing.take(act, token=token, device_name=name_of(request.user_agent.string))
    except pairing.NoLonger:
        return _over()
    runtime.waker.wake(Lane.JOURNAL)
    return let_in(session_token, opened=Opened.PAIRED, to=url_for("app_start.done", token=token))


@start_pages.get("/start/<token>/done")
def done(token: str) -> Answer:
    """Say that the phone is in, and how to put the app on its home screen."""
    if find_here() is None:
        return redirect(url_for("app_ways.show"))
    return render_template("citizen_app/started.html", token=token)


@start_pages.get("/start/<token>/open")
def ask_digits(token: str) -> Answer:
    """Open the installed app: on to the thread if it is in already, else ask once for the six digits."""
    if find_here() is not None:
        return redirect(url_for("app_thread.show"))
    runtime = current_runtime()
    with runtime.database.read() as session:
        asks = pairing.asks_digits(session, runtime.vault, token=token, now=runtime.clock.now())
    if not asks:
        return redirect(url_for("app_ways.show"))
    return render_template("citizen_app/digits.html", token=token)


@start_pages.post("/start/<token>/open")
def install(token: str) -> Answer:
    """Let the installed app in by the six digits."""
    runtime = current_runtime()
    try:
        with runtime.act(SYSTEM) as act:
            told = pairing.install(act, token=token, digits=request.form.get("code", ""))
    except pairing.NoLonger:
        return _over()
    if isinstance(told, pairing.WrongDigits):
        return _ask_again(token, left=told.left)
    return let_in(told, opened=Opened.PAIRED)


def _ask_again(token: str, *, left: int) -> tuple[str, int]:
    if left == 0:
        return _over()
    wrong = _("Tallene passer ikke. Se på skærmen hos din sagsbehandler, og prøv igen.")
    return render_template("citizen_app/digits.html", token=token, wrong=wrong), 422


def _over() -> tuple[str, int]:
    """Used, run out or made up: the same page."""
    return render_template("citizen_app/start_over.html"), 410
