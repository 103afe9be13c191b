"""The base of the REST API: bearer keys with scopes, shapes in and out, and a description that tells every answer.

A route says in its decorators what it needs, takes and gives, and calls one verb.
"""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

import flask_smorest
import marshmallow as ma
import orjson
from flask import Flask, Request, Response, g, render_template, request
from flask.json.provider import JSONProvider
from flask_smorest.blueprint import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized, UnsupportedMediaType
from werkzeug.routing import BaseConverter

from messaging.errors import InvalidInput
from messaging.web.problems import PROBLEM_JSON
from messaging.web.shapes import ProblemShape, Shape
from messaging.web.shell import current_shell

if TYPE_CHECKING:
    from messaging.people.actors import Actor

PREFIX = "/api/v1"
SCHEME = "key"
IDEMPOTENCY_HEADER = "Idempotency-Key"
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")

View = TypeVar("View", bound=Callable[..., Any])


class JsonParser(FlaskParser):
    """Reads JSON strictly: UTF-8, no half characters, limited depth; anything else is a 400, another type a 415."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002
        """Return the body as values."""
        if not req.is_json:
            raise UnsupportedMediaType
        try:
            return orjson.loads(req.get_data())
        except orjson.JSONDecodeError:
            pass  # raised below, outside: this error would carry the body with it
        raise BadRequest


class WholeConverter(BaseConverter):
    """Any text in a path, whatever it begins with or holds: also slashes, which servers decode, and line breaks."""

    regex = r"[\s\S]+?"
    part_isolating = False


class OrjsonProvider(JSONProvider):
    """Writes answers with orjson, which takes a fifth of the time of the standard library's."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return the object as JSON."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Return what JSON says."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer that holds the arguments as JSON."""
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


class Api(flask_smorest.Api):
    """The description of the API. Errors are answered by `problems.py`, for the whole application alike."""

    DEFAULT_ERROR_RESPONSE_NAME = ""  # every route tells all its answers; there is no "anything else"

    def _register_error_handlers(self) -> None:
        """Leave the errors to `problems.py`."""

    def _register_responses(self) -> None:
        self.spec.components.schema(ProblemShape.__name__, schema=ProblemShape)
        # Told by its name: each status would read the class anew.
        refers = {"$ref": f"#/components/schemas/{ProblemShape.__name__}"}
        for status in HTTPStatus:
            content = {PROBLEM_JSON: {"schema": refers}}
            response = {"description": status.phrase, "content": content}
            self.spec.components.response(status.name, response, lazy=True)


class ApiBlueprint(Blueprint):
    """A blueprint whose routes each name the scope they need."""

    ARGUMENTS_PARSER = JsonParser()

    def __init__(self, name: str, import_name: str, *, description: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            f"{name}-api", import_name, url_prefix=PREFIX, description=description
        )
        self._prepare_doc_cbks.append(_describe_errors)  # type: ignore[arg-type]

    def needs(self, scope: str, *, errors: tuple[int, ...] = ()) -> Callable[[View], View]:
        """Let only keys with this scope in; `errors` are the statuses this route has beside those all have."""

        def decorate(view: Any) -> Any:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                require_scope(scope)
                return view(*args, **kwargs)

            described = {**getattr(view, "_apidoc", {}), "needs": {"scope": scope, "errors": errors}}
            guarded._apidoc = described  # type: ignore[attr-defined]  # noqa: SLF001  where flask-smorest looks
            return guarded

        return decorate

    def takes(self, shape: type[Shape] | Shape, *, where: str = "json") -> Callable[[View], View]:
        """Hand the route what came in the body, or in the `query`, in this shape."""
        ready = (
            shape() if isinstance(shape, type) else shape
        )  # making one anew for each request costs more than using it
        return cast("Callable[[View], View]", self.arguments(ready, location=where))  # type: ignore[no-untyped-call]

    def keyed(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Hand the route the caller's own key of this request. Raises InvalidInput without a usable one."""

        @wraps(view)
        def with_key(*args: Any, **kwargs: Any) -> Any:
            key = request.headers.get(IDEMPOTENCY_HEADER, "")
            if not IDEMPOTENCY_KEY.fullmatch(key):
                raise InvalidInput("must be 1 to 200 visible ASCII characters", field=IDEMPOTENCY_HEADER)
            return view(*args, key=key, **kwargs)

        schema = {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY.pattern}$"}
        told = {"in": "header", "name": IDEMPOTENCY_HEADER, "required": True, "schema": schema}
        return cast("Callable[..., Any]", self.doc(parameters=[told])(with_key))  # type: ignore[no-untyped-call]

    def gives_file(self, status: int) -> Callable[[View], View]:
        """Answer with a file of whatever type it is."""
        described = self.response(  # type: ignore[no-untyped-call]
            status, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
        )
        return cast("Callable[[View], View]", described)

    def gives(self, status: int, shape: type[Shape]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Answer with this status and shape."""
        return cast("Callable[[Callable[..., Any]], Callable[..., Any]]", self.response(status, shape))  # type: ignore[no-untyped-call]

    def gives_also(self, status: int, shape: type[Shape]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Tell of another status with which the route may answer in this shape."""
        described = self.alt_response(status, schema=shape, success=True)  # type: ignore[no-untyped-call]
        return cast("Callable[[Callable[..., Any]], Callable[..., Any]]", described)


def require_scope(scope: str) -> None:
    """Find out who calls. Raises Unauthorized without a live key, Forbidden if the key does not hold the scope."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    actor = current_shell().actor_of_key(secret) if scheme.lower() == "bearer" else None
    if actor is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    if scope not in actor.scopes:
        raise Forbidden
    g.actor = actor


def calling_actor() -> "Actor":
    """Return who calls this route."""
    actor: Actor = g.actor
    return actor


def create_api(app: Flask) -> Api:
    """Describe the API of this application at `/api/v1/openapi.json` and show it at `/api/v1/docs`."""
    app.config.update(
        API_TITLE="Borgerdialog",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.url_map.converters["whole"] = WholeConverter
    api = Api(app)  # type: ignore[no-untyped-call]
    api.spec.components.security_scheme(SCHEME, {"type": "http", "scheme": "bearer"})
    app.add_url_rule(f"{PREFIX}/docs", "api_docs", lambda: render_template("web/api_docs.html"))
    return api


def _describe_errors(doc: dict[str, Any], info: dict[str, Any], *, spec: Any, **_: Any) -> dict[str, Any]:  # noqa: ARG001
    needs = info["needs"]
    statuses = {401, 403, 503, *needs["errors"]}
    if "requestBody" in doc:
        statuses |= {400, 413, 415, 422}
    responses = doc.setdefault("responses", {})
    for status in sorted(statuses):
        responses.setdefault(str(status), HTTPStatus(status).name)
    doc["security"] = [{SCHEME: []}]
    doc["description"] = f"Scope: `{needs['scope']}`"
    return doc
