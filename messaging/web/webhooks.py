"""The one door for all providers: `POST /hooks/<channel>`. It hands the request on as it came and answers.

This is the busiest route, and it needs nothing of a web framework: no session, no cookie, no form parser. So it stands
before Flask as a small application of its own, which halves what a request costs beside its real work.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wsgi import get_input_stream

from adapters.contract import ChannelAnswer, WebhookRequest
from messaging.web.edge import REQUEST_ID, ROUTE, Wsgi
from messaging.web.problems import PROBLEM_JSON, problem_of

if TYPE_CHECKING:
    from messaging.runtime import Runtime

PREFIX = "/hooks/"
LARGEST = 64 * 1024

Take = Callable[["Runtime", str, WebhookRequest], ChannelAnswer]
"""Verifies, stores, commits and says what to answer."""


class WsgiHeaders(Mapping[str, str]):
    """The headers of a WSGI request under their names in lower case, without copying them."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        key = name.upper().replace("-", "_")
        value: str = self._environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_" + key]
        return value

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
                yield key.removeprefix("HTTP_").replace("_", "-").lower()

    def __len__(self) -> int:
        return sum(1 for _ in self)


def webhook_request(environ: dict[str, Any], *, body: bytes) -> WebhookRequest:
    """Return the request as it came: path and query before decoding where the server tells them."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    path = raw.partition("?")[0] if raw else environ["PATH_INFO"]
    return WebhookRequest(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=WsgiHeaders(environ),
        body=body,
    )


class Door:
    """Takes what comes to the door; everything else goes on to `application`."""

    def __init__(self, application: Wsgi, *, runtime: "Runtime", take: Take, log: Any) -> None:
        self._application = application
        self._runtime = runtime
        self._take = take
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._application(environ, start_response)
        environ[ROUTE] = PREFIX + "<channel>"
        headers: list[tuple[str, str]] = []
        try:
            answer = self._receive(environ, path.removeprefix(PREFIX))
        except Exception as error:  # noqa: BLE001  every error has its answer
            answer, headers = self._refusal(error, request_id=environ.get(REQUEST_ID))
        headers += [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def _receive(self, environ: dict[str, Any], channel: str) -> ChannelAnswer:
        if not channel or "/" in channel:
            raise NotFound
        if environ["REQUEST_METHOD"] != "POST":
            raise MethodNotAllowed(valid_methods=["POST"])
        body = get_input_stream(environ, max_content_length=LARGEST).read()
        return self._take(self._runtime, channel, webhook_request(environ, body=body))

    def _refusal(self, error: Exception, *, request_id: str | None) -> tuple[ChannelAnswer, list[tuple[str, str]]]:
        problem = problem_of(error, log=self._log, request_id=request_id)
        body = problem.body(request_id=request_id)
        answer = ChannelAnswer(status=problem.status, content_type=PROBLEM_JSON, body=body)
        return answer, list(problem.headers.items())
