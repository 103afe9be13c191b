"""The base of the pages for those who read along: whose browser asks, and what its cookie holds.

One browser may read along with several citizens: its cookie holds a token for each; nothing else ties them together.
"""

import uuid
from collections.abc import Callable, Sequence
from functools import wraps

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import helper_access
from messaging.citizen_app.helper_access import LASTING_OF_HELPERS, HelperHere
from messaging.citizen_app.pages.doors import PREFIX
from messaging.citizen_app.sessions import SEEN_AGAIN
from messaging.config import Config
from messaging.web.pages import same_origin
from messaging.web.shell import current_runtime

BETWEEN = "."
"""Stands between tokens, which never hold it."""
MOST = 12
"""Citizens with whom one browser reads along; the one let in longest ago falls out."""
Answer = Response | str


def helping_pages(name: str, import_name: str) -> Blueprint:
    """Return a blueprint of pages for those who read along."""
    blueprint = Blueprint(name, import_name, template_folder="../html", url_prefix=f"{PREFIX}/helping")
    blueprint.before_request(same_origin)
    return blueprint


def helper_cookie_name(config: Config) -> str:
    """Return the name of the cookie of those who read along."""
    return "__Host-borgerdialog-helping" if config.public_url.startswith("https://") else "borgerdialog-helping"


def find_helpers() -> list[HelperHere]:
    """Return for whom this browser reads along now, and note now and then that it does."""
    runtime = current_runtime()
    tokens, now = _tokens(), runtime.clock.now()
    if not tokens:
        return []
    with runtime.database.read() as session:
        found = helper_access.helpers_here(session, runtime.vault, tokens=tokens, now=now)
    if any(now - here.seen_at > SEEN_AGAIN for here in found):
        with runtime.database.write() as session:
            for here in found:
                helper_access.note_helper_seen(session, here, now=now)
    return found


def for_helper(view: Callable[[HelperHere], Answer]) -> Callable[[uuid.UUID], Answer]:
    """Give a page to who reads along under this id in this browser; all others are told that they do not."""

    @wraps(view)
    def ask(helper_id: uuid.UUID) -> Answer:
        here = next((found for found in find_helpers() if found.helper.id == helper_id), None)
        return view(here) if here is not None else redirect(url_for("helping.overview"))

    return ask


def keep(answer: Response, token: str) -> Response:
    """Let the browser keep one more token."""
    _set(answer, [*_tokens(), token][-MOST:])
    return answer


def forget(answer: Response) -> Response:
    """End what this browser holds, and take it from it."""
    runtime, here = current_runtime(), find_helpers()
    for found in here:
        with runtime.act(found.actor) as act:
            helper_access.shut_out(act, helper_id=found.helper.id)
    answer.delete_cookie(
        helper_cookie_name(runtime.config),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _tokens() -> Sequence[str]:
    kept = request.cookies.get(helper_cookie_name(current_runtime().config), "")
    return [token for token in kept.split(BETWEEN) if token][-MOST:]


def _set(answer: Response, tokens: Sequence[str]) -> None:
    answer.set_cookie(
        helper_cookie_name(current_runtime().config),
        BETWEEN.join(tokens),
        max_age=LASTING_OF_HELPERS.longest,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
