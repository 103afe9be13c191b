"""The base of the pages for staff: who is signed in, protection of forms, and what stands around every page."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Request, Response, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as WerkzeugResponse

from messaging.config import Config
from messaging.errors import InvalidInput
from messaging.web import dates
from messaging.web.language import LANGUAGES, language, set_up_languages
from messaging.web.problems import FOR_SYSTEMS
from messaging.web.sealed_spool import SealedSpool
from messaging.web.shell import NavigationEntry, current_runtime, current_shell

if TYPE_CHECKING:
    from messaging.people.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])

LIVE = "X-Live"
"""The header by which a page that is open tells that it looks by itself."""
SIMULATOR = "simulator"
"""The channel that reaches no real telephone."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path and query in visible ASCII. Browsers read a second slash, and a backslash for one, as another site's name."""
LONGEST_PATH = 1000


class PageRequest(Request):
    """A request whose files lie nowhere in clear while they are read."""

    spool_folder: Path

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  # the frame's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return cast("IO[bytes]", SealedSpool(folder=self.spool_folder))


class PageSessions(SecureCookieSessionInterface):
    """Gives pages the cookie that holds their forms' token; systems get none and do not wait for it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie, for pages only."""
        return self.session_class() if request.path.startswith(FOR_SYSTEMS) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, for pages only."""
        if not request.path.startswith(FOR_SYSTEMS):
            super().save_session(app, session, response)


def pages(name: str, import_name: str, *, public: bool = False) -> Blueprint:
    """Return a blueprint of pages; unless `public`, only those who are signed in get anything from it."""
    blueprint = Blueprint(name, import_name, template_folder="../html")
    blueprint.before_request(same_origin)
    if not public:
        blueprint.before_request(_require_sign_in)
    return blueprint


def signed_in() -> "Actor":
    """Return the member of staff whose request this is."""
    actor: Actor = g.actor
    return actor


def cookie_name(config: Config) -> str:
    """Return the name of the sign-in cookie. `__Host-` lets browsers refuse it without TLS or from a subdomain."""
    return "__Host-borgerdialog" if config.public_url.startswith("https://") else "borgerdialog"


def set_up_pages(app: Flask, config: Config) -> CSRFProtect:
    """Protect all forms of the application and give its templates what they show; return the protection."""
    app.session_interface = PageSessions()
    app.request_class = type("RequestOfPages", (PageRequest,), {"spool_folder": config.data_folder})
    set_up_languages(app)
    app.jinja_env.filters.update(
        day=dates.day,
        month=dates.month,
        full_day=dates.full_day,
        dated=dates.dated,
        moment=dates.moment,
        since=dates.since,
        day_and_time=dates.day_and_time,
    )
    app.context_processor(_layout)
    app.before_request(_allow_files)  # before the protection of forms, which reads the whole form
    app.config["REHEARSAL"] = not config.production or config.sms_channel == SIMULATOR
    return CSRFProtect(app)  # type: ignore[no-untyped-call]


def takes_files(largest: int, *, let_in: Callable[[], bool]) -> Callable[[View], View]:
    """Let a route's form be so long, if who sends it is let in; anybody else's is as short as any other."""

    def decorate(view: View) -> View:
        view.takes_files = (largest, let_in)  # type: ignore[attr-defined]
        return view

    return decorate


def staff_let_in() -> bool:
    """Whether a member of staff is signed in, before anything else of the request is looked at."""
    shell = current_shell()
    token = request.cookies.get(cookie_name(shell.runtime.config))
    return bool(token) and shell.actor_of_cookie(token or "") is not None


def local_path(value: str | None) -> str | None:
    """Return a path of ours as it was asked for; None for whatever could lead to another site."""
    if value is None or len(value) > LONGEST_PATH or not LOCAL_PATH.fullmatch(value):
        return None
    return value


def flash_once(sentence: str) -> None:
    """Show a sentence on the next page, in the language it has now.

    It is kept in a signed cookie: nothing personal may stand in it.
    """
    session["said"] = str(sentence)


def page_before() -> str | None:
    """Return the page of ours on which the form that is being answered was sent; None if the browser does not tell."""
    before = urlsplit(request.referrer or "")
    path = f"{before.path}?{before.query}" if before.query else before.path
    return local_path(path) if before.netloc == request.host else None


def looks_by_itself() -> bool:
    """Whether no human asked for this page: a page that is open looks what is new."""
    return LIVE in request.headers


def form_id(name: str) -> uuid.UUID:
    """Return the id that the form holds under this name. Raises InvalidInput."""
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("the form holds no such id", field=name) from None


def form_answer(name: str) -> bool:
    """Return the yes or no that the form holds under this name. Raises InvalidInput."""
    word = request.form.get(name)
    if word not in {"yes", "no"}:
        raise InvalidInput("the form says neither yes nor no", field=name)
    return word == "yes"


def _require_sign_in() -> WerkzeugResponse | None:
    shell = current_shell()
    token = request.cookies.get(cookie_name(shell.runtime.config))
    actor = shell.actor_of_cookie(token, in_use=not looks_by_itself()) if token else None
    if actor is None:
        return redirect(url_for(shell.sign_in, next=_where_they_were()), code=302 if request.method in SAFE else 303)
    g.actor = actor
    return None


def _allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    largest, let_in = getattr(view, "takes_files", (0, None))
    if let_in is not None and let_in():
        request.max_content_length = largest


def _where_they_were() -> str | None:
    """Return the page to come back to after signing in: the one asked for, or the one whose form was sent."""
    if request.method in SAFE:
        asked = request.full_path if request.query_string else request.path
        return None if asked == url_for(current_shell().home) else local_path(asked)
    return page_before()


def same_origin() -> None:
    """Refuse a form that another site sent, whatever token it holds. Raises Forbidden."""
    origin = request.headers.get("Origin")
    if request.method in SAFE or origin is None:
        return
    if urlsplit(origin).netloc not in {request.host, urlsplit(current_runtime().config.public_url).netloc}:
        raise Forbidden


def _layout() -> dict[str, Any]:
    shell = current_shell()
    actor = g.get("actor")
    shown = actor is not None and request.blueprint is not None
    return {
        "navigation": _navigation(actor) if shown else (),
        "home": shell.home,
        "is_signed_in": shown,
        "actor": actor,
        "said": _said(),
        "stub": next(iter(shell.runtime.config.stub_origins), None),
        "unit_name": shell.runtime.config.unit_name,
        "language": language(),
        "languages": LANGUAGES,
    }


def _navigation(actor: "Actor") -> tuple[NavigationEntry, ...]:
    """What stands at the top of the page; a page is drawn from several templates, and some entries ask the database."""
    if "navigation" not in g:
        g.navigation = tuple(entry for entry in current_shell().navigation if entry.may_see(actor))
    shown: tuple[NavigationEntry, ...] = g.navigation
    return shown


def _said() -> str | None:
    """Take what is to be shown once; each of these templates may ask."""
    if "said" not in g:
        g.said = session.pop("said", None) if "said" in session and not looks_by_itself() else None
    said: str | None = g.said
    return said
