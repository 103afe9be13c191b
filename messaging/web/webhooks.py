"""The one door for all providers: `POST /hooks/<channel>`. It hands the request on as it came and answers.

This is the busiest route; it uses no session, no cookie and no form parser, and believes nothing of what it carries.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from adapters.contract import ChannelAnswer, WebhookRequest
from messaging.web.shell import current_runtime

if TYPE_CHECKING:
    from messaging.runtime import Runtime

LARGEST = 64 * 1024

Take = Callable[["Runtime", str, WebhookRequest], ChannelAnswer]


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


def webhooks(take: Take) -> Blueprint:
    """Return the blueprint of the door; `take` verifies, stores, commits and says what to answer."""
    blueprint = Blueprint("hooks", __name__)

    @blueprint.post("/hooks/<channel>")
    def receive(channel: str) -> Response:
        request.max_content_length = LARGEST
        asked = webhook_request(request.environ, body=request.get_data(cache=False))
        answer = take(current_runtime(), channel, asked)
        return Response(answer.body, status=answer.status, content_type=answer.content_type)

    return blueprint
