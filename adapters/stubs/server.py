"""A small HTTP/1.1 server whose answers can go wrong on the wire: reset, cut, hang, half an answer, garbage.

An ordinary web server hides its sockets too well for that. Each connection has a thread; routes are plain functions
from `Request` to `Reply`.
"""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from adapters.stubs.faults import Ending

_LARGEST_BODY = 8_000_000
_IDLE_SECONDS = 120
_HALF_AN_ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; `target` is path and query as they came, `groups` what the route's pattern caught."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    groups: Mapping[str, str] = field(default_factory=dict)

    def query(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next(iter(parse_qs(urlsplit(self.target).query, keep_blank_values=True).get(name, [])), None)

    def form(self) -> dict[str, str]:
        """The form in the body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The JSON in the body; ValueError if it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, or with `ending` the way in which there is none."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: Ending | None = None
    hang_seconds: float = 60


Route = tuple[str, re.Pattern[str], Callable[[Request], Reply]]


def route(method: str, pattern: str, answer: Callable[[Request], Reply]) -> Route:
    """A route for a method and a whole path; named groups of the pattern are handed on, decoded."""
    return method, re.compile(pattern), answer


def json_reply(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status=status, headers={"content-type": "application/json", **(headers or {})}, body=body)


class StubServer(ThreadingHTTPServer):
    """Listens from the start and answers by `routes` once it serves. Port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, *, host: str, port: int) -> None:
        self.routes: Sequence[Route] = ()
        self.stopping = threading.Event()
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def answer(self, request: Request) -> Reply:
        """The reply of the first route that fits."""
        path = urlsplit(request.target).path
        for method, pattern, answer in self.routes:
            if request.method == method and (found := pattern.fullmatch(path)):
                groups = {name: unquote(value) for name, value in found.groupdict().items()}
                return answer(
                    Request(
                        method=method, target=request.target, headers=request.headers, body=request.body, groups=groups
                    )
                )
        return json_reply({"error": "not found"}, status=404)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no news; nothing of a request is ever printed."""


class _Handler(BaseHTTPRequestHandler):
    server: StubServer
    protocol_version = "HTTP/1.1"
    server_version = "borgerdialog-stub"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > _LARGEST_BODY:
            self._write(json_reply({"error": "too large"}, status=413))
            self.close_connection = True
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        try:
            reply = self.server.answer(request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reply = json_reply({"error": f"{type(error).__name__}: {error}"}, status=400)
        self._write(reply) if reply.ending is None else self._end(reply)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the names the standard library calls

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _end(self, reply: Reply) -> None:
        """Leave the caller without a proper answer. Only a 500 and garbage leave the connection whole."""
        match reply.ending:
            case Ending.ERROR:
                self._write(json_reply({"code": 20500, "message": "internal error", "status": 500}, status=500))
                return
            case Ending.GARBAGE:
                self._write(Reply(status=reply.status, body=b"<html>\x00 not what was promised"))
                return
            case Ending.HANG:
                self.server.stopping.wait(reply.hang_seconds)
            case Ending.HALF:
                self.wfile.write(
                    b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"
                )
            case Ending.RST:
                # Closing with nothing to linger for makes the kernel reset the connection.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Nothing is logged: the path of a callback holds a secret, and bodies hold what citizens write."""
