"""The line between a phone and the service, as tests cut it and spoil it."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, runtime_checkable

from flask import Flask
from playwright.sync_api import BrowserContext

ENOUGH = 30
"""Seconds in which everything arrives that is under way."""
OUTBOX = "/app/outbox"
WORKER = "/app/service-worker.js"


@runtime_checkable
class SupportsClose(Protocol):
    """What has to be closed when it has been carried."""

    def close(self) -> None: ...


class Line:
    """Carries requests to the service while it holds, or loses them and their answers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.is_cut = False
        self.answers_to_lose = 0
        """How many answers a proxy replaces by its own 502, after the service has done what was asked."""
        self.edition = b""
        """Stands behind the service worker, which is another one by it."""
        self.sent: list[str] = []
        """What was asked of the outbox, in its order."""
        self._under_way = 0
        self._arrives = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Carry one request."""
        with self._arrives:
            if self.is_cut:
                raise ConnectionAbortedError
            self._under_way += 1
        with ExitStack() as arriving:
            arriving.callback(self._arrived)
            answer = self._carry(environ, start_response)
            if not isinstance(answer, list):
                return _stream(answer, arriving.pop_all())
            return answer

    def close(self) -> None:
        """Carry nothing more, and wait for what is under way: the service must not be taken down around a request."""
        with self._arrives:
            self.is_cut = True
            assert self._arrives.wait_for(lambda: not self._under_way, timeout=ENOUGH)

    def _arrived(self) -> None:
        with self._arrives:
            self._under_way -= 1
            self._arrives.notify_all()

    def _carry(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        told: list[Any] = []
        answer = self.app(environ, lambda *head: told.append(head))
        status, headers, *_ = told[0]
        if dict(headers).get("Content-Type", "").startswith("text/event-stream"):
            start_response(status, headers)
            return answer
        content = b"".join(answer)
        if isinstance(answer, SupportsClose):  # by us: the server leaves a file open if the browser goes in the midst
            answer.close()
        if path not in {OUTBOX, WORKER}:
            start_response(status, headers)
            return [content]
        if path == WORKER:
            headers = [(name, value) for name, value in headers if name != "Content-Length"]
            start_response(status, headers)
            return [content, self.edition]
        self.sent.append(status[:3])
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            start_response("502 Bad Gateway", [("Content-Type", "text/html")])
            return [b"<h1>502 Bad Gateway</h1>"]
        start_response(status, headers)
        return [content]

    @contextmanager
    def away(self, *contexts: BrowserContext) -> Iterator[None]:
        """Let there be no connection."""
        self._cut(contexts, is_cut=True)
        try:
            yield
        finally:
            self._cut(contexts, is_cut=False)

    def _cut(self, contexts: Sequence[BrowserContext], *, is_cut: bool) -> None:
        self.is_cut = is_cut
        for context in contexts:
            context.set_offline(is_cut)


def _stream(answer: Iterable[bytes], arriving: ExitStack) -> Iterator[bytes]:
    """Carry an answer bit by bit, for as long as anybody takes it: of one who is gone the server tells nothing."""
    with arriving:
        if isinstance(answer, SupportsClose):
            arriving.callback(answer.close)
        yield from answer
