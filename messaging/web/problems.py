"""What goes wrong, told in two ways: problem+json (RFC 9457) to systems, a calm Danish page to people.

Every error of ours has one status here. What nobody foresaw becomes a 500 with the request's id and nothing else; the
log gets the kind of error and the lines of code it passed, never its words, which may hold content.
"""

import traceback
from http import HTTPStatus
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from adapters.errors import WebhookRejected
from messaging.errors import BorgerdialogError, Conflict, DatabaseBusy, InvalidInput, NotAllowed, NotFound
from messaging.web.edge import REQUEST_ID

PROBLEM_JSON = "application/problem+json"
FOR_SYSTEMS = ("/api/", "/hooks/", "/health/", "/metrics")
RETRY_SECONDS = 2

STATUS: dict[type[BorgerdialogError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    InvalidInput: 422,
    DatabaseBusy: 503,
}

PAGES: dict[int, tuple[str, str]] = {
    400: ("Forespørgslen kunne ikke læses", "Gå tilbage og prøv igen."),
    403: ("Det har du ikke adgang til", "Log eventuelt ind igen, eller spørg din leder om adgang."),
    404: ("Siden findes ikke", "Den kan være flyttet, eller også har du ikke adgang til den."),
    405: ("Det kan man ikke her", "Gå tilbage og prøv igen."),
    409: ("Det kan ikke lade sig gøre nu", "Noget har ændret sig i mellemtiden. Gå tilbage, og indlæs siden igen."),
    413: ("Det er for stort", "Det, du sendte, er større, end vi kan tage imod."),
    422: ("Noget mangler eller kan ikke bruges", "Gå tilbage, og ret det, du skrev."),
    429: ("For mange forsøg", "Vent et par minutter, og prøv så igen."),
    503: ("Systemet er optaget", "Intet er gået tabt. Vent et øjeblik, og prøv igen."),
}
UNFORESEEN = ("Der skete en fejl hos os", "Intet af det, du har sendt før, er gået tabt. Prøv igen om lidt.")


def handle_errors(app: Flask, *, log: Any) -> None:
    """Let the application answer every error in one form."""

    def unforeseen(error: Exception) -> Response:
        log.error("failure", id=request.environ.get(REQUEST_ID), error=type(error).__name__, at=_frames(error))
        return answer(500)

    app.logger.disabled = True  # it would write paths and the words of errors
    app.register_error_handler(BorgerdialogError, _ours)
    app.register_error_handler(WebhookRejected, _rejected)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(sa.exc.DataError, _unstorable)
    app.register_error_handler(Exception, unforeseen)


def answer(status: int, *, detail: str | None = None, code: str | None = None, **more: Any) -> Response:
    """Return the answer to an error; `more` are further members of the problem, such as `errors`."""
    if request.path.startswith(FOR_SYSTEMS):
        return _problem(status, detail=detail, code=code, **more)
    title, advice = PAGES.get(status, UNFORESEEN)
    page = render_template("web/error.html", title=title, advice=advice, id=request.environ.get(REQUEST_ID))
    return Response(page, status=status)


def http_error(error: HTTPException) -> Response:
    """Answer an error of the framework. What it says may repeat the request, so only its kind is told."""
    if isinstance(error, SecurityError):
        return _problem(400, detail="this is not our name", code="wrong_host")  # no page: its links need a host
    status = error.code or 500
    data = getattr(error, "data", None) or {}  # of the argument parser: the fields that do not fit
    response = answer(status, errors=data.get("messages"), code=data.get("code"))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _problem(status: int, *, detail: str | None, code: str | None, **more: Any) -> Response:
    phrase = HTTPStatus(status).phrase
    problem = {
        "type": "about:blank",
        "title": phrase,
        "status": status,
        "code": code or phrase.lower().replace(" ", "_"),
        "detail": detail,
        "request_id": request.environ.get(REQUEST_ID),
        **more,
    }
    body = orjson.dumps({name: value for name, value in problem.items() if value is not None})
    return Response(body, status=status, content_type=PROBLEM_JSON)


def _ours(error: BorgerdialogError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == 500:
        raise error
    field = getattr(error, "field", None)
    reason = getattr(error, "reason", None)
    response = answer(status, detail=str(error), code=error.code, field=field, reason=reason)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _rejected(error: WebhookRejected) -> Response:
    return answer(error.status, code=error.code)


def _unstorable(_error: sa.exc.DataError) -> Response:
    return answer(422, detail="a value cannot be stored", code="invalid_input")


def _frames(error: Exception) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
