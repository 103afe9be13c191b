"""The base of the pages for citizens: who is signed in, and what stands around every page."""

from typing import Any, TypeVar

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import sessions
from messaging.citizen_app.letters import letters_of
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.navigation import FOOTER, NAVIGATION
from messaging.citizen_app.sessions import CitizenHere
from messaging.config import Config
from messaging.people.actors import SYSTEM
from messaging.people.preferences import language_of
from messaging.runtime import Runtime
from messaging.web import language
from messaging.web.pages import SAFE, local_path, looks_by_itself, page_before, same_origin
from messaging.web.shell import current_runtime

PREFIX = "/app"
UNSENT = "unsent"
"""Stands in the address of the ways in when what somebody sent got nowhere, because she was signed out."""

Answer = TypeVar("Answer", bound=Response)


def app_pages(name: str, import_name: str, *, public: bool = False) -> Blueprint:
    """Return a blueprint of the app's pages; unless `public`, only a citizen who is signed in gets anything from it."""
    blueprint = Blueprint(name, import_name, template_folder="../html", url_prefix=PREFIX)
    blueprint.before_request(same_origin)
    blueprint.before_request(_recognise if public else _require_citizen)
    return blueprint


def citizen_here() -> CitizenHere:
    """Return the citizen whose request this is."""
    here: CitizenHere = g.citizen_here
    return here


def all_here() -> list[CitizenHere]:
    """Return the sessions of hers that this browser holds: the one that asks, and the phone's own beneath a visit."""
    runtime, here = current_runtime(), citizen_here()
    tokens = (request.cookies.get(name) for name in (cookie_name(runtime.config), beneath_name(runtime.config)))
    held = (citizen_of_cookie(runtime, token) for token in tokens if token)
    return [found for found in held if found is not None and found.citizen_id == here.citizen_id]


def cookie_name(config: Config) -> str:
    """Return the name of the app's sign-in cookie. `__Host-` lets browsers refuse it without TLS."""
    return "__Host-borgerdialog-app" if config.public_url.startswith("https://") else "borgerdialog-app"


def beneath_name(config: Config) -> str:
    """Return the name of the cookie that keeps a phone in while a visit by MitID or a code lasts on it."""
    return f"{cookie_name(config)}-beneath"


def is_app_page(path: str) -> bool:
    """Whether a path is one of the app's, whose errors are told in its own layout."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def let_in(token: str, *, opened: Opened, to: str | None = None) -> Response:
    """Give the browser its token, end the session it had, and lead it to the thread or to another page of ours.

    A phone that is in stays so beneath a visit of the same citizen: MitID for one message must not cost her the app.
    """
    config = current_runtime().config
    _speak_as_she_reads(token)
    answer = redirect(to or url_for("app_thread.show"), code=303)
    _set_cookie(answer, cookie_name(config), token, lasting=sessions.LASTING[opened])
    kept = _kept_beneath(token, opened=opened)
    if kept is not None:
        _set_cookie(answer, beneath_name(config), kept, lasting=sessions.LASTING[Opened.PAIRED])
    elif beneath_name(config) in request.cookies:
        _delete_cookie(answer, beneath_name(config))
    return answer


def _speak_as_she_reads(token: str) -> None:
    """Show the app in the language a citizen reads, in a browser in which nobody has chosen another."""
    runtime = current_runtime()
    with runtime.database.read() as session:
        here = sessions.session_citizen(session, runtime.vault, token=token, now=runtime.clock.now())
        if here is not None:
            language.choose_first(language_of(session, here.citizen_id))


def show_out(to: str) -> Response:
    """Take the token from the browser with all that it kept of us, and lead it to a page of ours."""
    return leave_nothing(redirect(to, code=303))


def is_over() -> bool:
    """Whether the token of this browser, which opens nothing, was ended; one that only ran out was not."""
    runtime = current_runtime()
    token = request.cookies.get(cookie_name(runtime.config))
    if not token:
        return False
    with runtime.database.read() as session:
        return sessions.was_ended(session, runtime.vault, token=token)


def leave_nothing(answer: Answer) -> Answer:
    """Let an answer take the token from the browser with all that it kept of us."""
    config = current_runtime().config
    for name in (cookie_name(config), beneath_name(config)):
        _end(request.cookies.get(name))
        _delete_cookie(answer, name)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def find_here() -> CitizenHere | None:
    """Return whose browser asks, if she is signed in, and note now and then that her session is in use."""
    runtime = current_runtime()
    for name in (cookie_name(runtime.config), beneath_name(runtime.config)):
        token = request.cookies.get(name)
        here = citizen_of_cookie(runtime, token, in_use=not looks_by_itself()) if token else None
        if here is not None:
            return here
    return None


def citizen_of_cookie(runtime: Runtime, token: str, *, in_use: bool = True) -> CitizenHere | None:
    """Return the citizen whose token this is; one whose person is no longer known here is nobody's."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        here = sessions.session_citizen(session, runtime.vault, token=token, now=now)
    if here is not None and in_use and now - here.seen_at > sessions.SEEN_AGAIN:
        with runtime.database.write() as session:
            sessions.note_seen(session, here, now=now)
    return here


def _kept_beneath(token: str, *, opened: Opened) -> str | None:
    """Return the token of the phone's own session if a visit now lies above it; end whatever else there was."""
    runtime, kept = current_runtime(), None
    come = citizen_of_cookie(runtime, token)
    for name in (cookie_name(runtime.config), beneath_name(runtime.config)):
        before = request.cookies.get(name)
        here = citizen_of_cookie(runtime, before) if before else None
        is_phones = here is not None and sessions.LASTING[here.opened] is not sessions.VISIT
        is_hers = here is not None and come is not None and here.citizen_id == come.citizen_id
        if sessions.LASTING[opened] is sessions.VISIT and is_phones and is_hers and kept is None:
            kept = before
        else:
            _end(before)
    return kept


def _end(token: str | None) -> None:
    if token:
        with current_runtime().act(SYSTEM) as act:
            sessions.end_token(act, token=token)


def _set_cookie(answer: Response, name: str, token: str, *, lasting: sessions.Lasting) -> None:
    answer.set_cookie(
        name,
        token,
        max_age=None if lasting is sessions.VISIT else lasting.longest,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _delete_cookie(answer: Response, name: str) -> None:
    answer.delete_cookie(
        name, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax", path="/"
    )


def _recognise() -> None:
    """On a page for everybody: know who is signed in, if somebody is."""
    g.citizen_here = find_here()


def _require_citizen() -> Response | None:
    here = find_here()
    if here is None:
        asked = request.full_path if request.query_string else request.path
        if request.method in SAFE:
            led = redirect(url_for("app_ways.show", next=local_path(asked)))
        else:
            led = redirect(url_for("app_ways.show", next=page_before(), unsent="yes"), code=303)
        return leave_nothing(led) if is_over() else led
    g.citizen_here = here
    return None


def layout() -> dict[str, Any]:
    """Return what the app's layout shows, on its pages and where an error is told on one of its paths."""
    if not is_app_page(request.path):
        return {}
    config = current_runtime().config
    return {
        "app_name": config.app_name,
        "unit_phone": config.unit_phone,
        "app_navigation": NAVIGATION,
        "app_footer": FOOTER,
        "exit_address": config.exit_address,
        "letters": letters_of(request.cookies),
        "here": g.get("citizen_here"),
        "has_mitid": current_runtime().citizen_sign_in is not None,
    }
