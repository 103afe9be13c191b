"""What goes wrong, told in two ways: problem+json (RFC 9457) to systems, a calm Danish page to people.

Every error of ours has one status here. What nobody foresaw becomes a 500 with the request's id and nothing else; the
log gets the kind of error and the lines of code it passed, never its words, which may hold content.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from adapters.errors import WebhookRejected
from messaging.errors import BorgerdialogError, Conflict, DatabaseBusy, InvalidInput, NotAllowed, NotFound
from messaging.web.edge import REQUEST_ID
from messaging.web.language import later as _
from messaging.web.shell import current_shell

PROBLEM_JSON = "application/problem+json"
FOR_SYSTEMS = ("/api/", "/hooks/", "/health/", "/metrics")
PASSED_ON = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})
RETRY_SECONDS = 2

STATUS: dict[type[BorgerdialogError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    InvalidInput: 422,
    DatabaseBusy: 503,
}

PAGES: dict[int, tuple[str, str]] = {
    400: (_("Forespørgslen kunne ikke læses"), _("Gå tilbage og prøv igen.")),
    403: (_("Det har du ikke adgang til"), _("Log eventuelt ind igen, eller spørg din leder om adgang.")),
    404: (_("Siden findes ikke"), _("Den kan være flyttet, eller også har du ikke adgang til den.")),
    405: (_("Det kan man ikke her"), _("Gå tilbage og prøv igen.")),
    409: (
        _("Det kan ikke lade sig gøre nu"),
        _("Noget har ændret sig i mellemtiden. Gå tilbage, og indlæs siden igen."),
    ),
    413: (_("Det er for stort"), _("Det, du sendte, er større, end vi kan tage imod.")),
    422: (_("Noget mangler eller kan ikke bruges"), _("Gå tilbage, og ret det, du skrev.")),
    429: (_("For mange forsøg"), _("Vent et par minutter, og prøv så igen.")),
    503: (_("Systemet er optaget"), _("Intet er gået tabt. Vent et øjeblik, og prøv igen.")),
}
UNFORESEEN = (_("Der skete en fejl hos os"), _("Intet af det, du har sendt før, er gået tabt. Prøv igen om lidt."))


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error as it is answered. `more` are further members of the problem, such as `errors` by field."""

    status: int
    code: str
    detail: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, *, request_id: str | None) -> bytes:
        """Return the problem in JSON."""
        members = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
            **self.more,
        }
        present = {name: value for name, value in members.items() if value is not None}
        # What is wrong with one item of a list is told under its place in it.
        return orjson.dumps(present, option=orjson.OPT_NON_STR_KEYS)


def problem_of(error: Exception, *, log: Any, request_id: str | None) -> Problem:
    """Return how an error is answered; one that nobody foresaw is logged."""
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if isinstance(error, WebhookRejected):
        return Problem(status=error.status, code=error.code)
    if isinstance(error, sa.exc.DataError):
        return Problem(status=422, code=InvalidInput.code, detail="a value cannot be stored")
    if isinstance(error, BorgerdialogError):
        for kind, status in STATUS.items():
            if isinstance(error, kind):
                return _of_ours(error, status)
    log.error("failure", id=request_id, error=type(error).__name__, at=_frames(error))
    if isinstance(error, sa.exc.IntegrityError):  # such as a form whose id is already something else's
        return Problem(status=409, code=Conflict.code, detail="this contradicts what is stored; nothing was changed")
    return Problem(status=500, code="internal_server_error")


def handle_errors(app: Flask, *, log: Any) -> None:
    """Let the application answer every error in one form."""

    def handle(error: Exception) -> Response:
        problem = problem_of(error, log=log, request_id=request.environ.get(REQUEST_ID))
        # Where even our own name is wrong no page can be drawn: its links need it.
        return _json(problem) if isinstance(error, SecurityError) or _is_for_systems() else _page(problem)

    app.logger.disabled = True  # it would write paths and the words of errors
    app.register_error_handler(Exception, handle)


def _of_framework(error: HTTPException) -> Problem:
    """What the framework says may repeat the request, so only its kind is told, and the fields that do not fit."""
    status = error.code or 500
    told = getattr(error, "data", None) or {}
    headers = {name: value for name, value in error.get_headers() if name in PASSED_ON}
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    return Problem(status=status, code=code, more={"errors": told.get("messages")}, headers=headers)


def _of_ours(error: BorgerdialogError, status: int) -> Problem:
    return Problem(
        status=status,
        code=error.code,
        detail=str(error),
        more={"field": getattr(error, "field", None), "reason": getattr(error, "reason", None)},
        headers={"Retry-After": str(RETRY_SECONDS)} if status == 503 else {},
    )


def _is_for_systems() -> bool:
    return request.path.startswith(FOR_SYSTEMS)


def _json(problem: Problem) -> Response:
    body = problem.body(request_id=request.environ.get(REQUEST_ID))
    return Response(body, status=problem.status, headers=dict(problem.headers), content_type=PROBLEM_JSON)


def _page(problem: Problem) -> Response:
    title, advice = PAGES.get(problem.status, UNFORESEEN)
    template = current_shell().error_page(request.path)
    told = {"title": title, "advice": advice, "status": problem.status, "id": request.environ.get(REQUEST_ID)}
    page = render_template(template, **told)
    return Response(page, status=problem.status, headers=dict(problem.headers))


def _frames(error: Exception) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
