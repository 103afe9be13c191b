"""The outermost layer of the web application: every answer passes here, also those Flask never saw.

It adds the security headers, gives the request an id, counts it and writes one line of log: method, route, status and
time. Paths, queries, headers and bodies are never written: they may hold personal data.
"""

import sys
import time
from collections.abc import Callable, Iterable
from secrets import token_hex
from typing import Any, BinaryIO

import orjson
import structlog

from messaging.web.metrics import Metrics

REQUEST_ID = "borgerdialog.request_id"
ROUTE = "borgerdialog.route"
UNMATCHED = "unmatched"

Headers = list[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def json_log(file: BinaryIO | None = None) -> Any:
    """Return a logger that writes one JSON object a line. Give it only plain facts."""
    return structlog.wrap_logger(
        structlog.BytesLogger(file or sys.stdout.buffer),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer(_dumps)],
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=True,
    )


class Edge:
    """Wraps a WSGI application."""

    def __init__(self, application: Wsgi, *, headers: Headers, log: Any, metrics: Metrics) -> None:
        self._application = application
        self._headers = headers
        self._log = log
        self._metrics = metrics

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        began = time.perf_counter()
        request_id = environ[REQUEST_ID] = token_hex(8)
        code = "500"

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            nonlocal code
            code = status[:3]
            headers.extend(self._headers)
            headers.append(("X-Request-Id", request_id))
            if not any(name.lower() == "cache-control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return self._application(environ, start)
        finally:
            seconds = time.perf_counter() - began
            method, route = environ["REQUEST_METHOD"], environ.get(ROUTE, UNMATCHED)
            self._metrics.count(method, route, code, seconds=seconds)
            self._log.info(
                "request", id=request_id, method=method, route=route, status=code, ms=round(seconds * 1000, 2)
            )


def _dumps(event: dict[str, Any], **_: Any) -> bytes:
    return orjson.dumps(event)
