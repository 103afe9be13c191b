"""The service's end of every webhook, reduced to what contract cases need: it keeps each request as it came."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from adapters.contract import WebhookRequest


class HookReceiver(ThreadingHTTPServer):
    """Keeps requests and answers them with the next of `answers`, or 204."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[WebhookRequest] = []
        self.answers: list[int] = []
        self.arrived = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def wait_for(
        self, count: int, *, where: Callable[[WebhookRequest], bool] = lambda _: True, seconds: float = 5
    ) -> list[WebhookRequest]:
        """The requests that fit, as soon as there are `count` of them; as many as came by the end of the wait."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                fitting = [request for request in self.received if where(request)]
                if len(fitting) >= count or not self.arrived.wait(deadline - time.monotonic()):
                    return fitting


class _Handler(BaseHTTPRequestHandler):
    server: HookReceiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        path, _, query = self.path.partition("?")
        request = WebhookRequest(
            method="POST",
            path=path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers["content-length"])),
        )
        with self.server.arrived:
            self.server.received.append(request)
            status = self.server.answers.pop(0) if self.server.answers else 204
            self.server.arrived.notify_all()
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@contextmanager
def receiving_hooks() -> Iterator[HookReceiver]:
    receiver = HookReceiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
