"""A system that lays out a file of meetings: it keeps what it was asked, and answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class FeedServer(ThreadingHTTPServer):
    """Answers with `body` under `etag`, or only with `status` and `headers` if that is not 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, str]] = []
        self.body = b""
        self.etag: str | None = None
        self.status = 200
        self.headers: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def lays_out(self, body: bytes, *, etag: str | None = None) -> None:
        """Have this file from now on."""
        self.status, self.body, self.etag = 200, body, etag


class _Handler(BaseHTTPRequestHandler):
    server: FeedServer

    def do_GET(self) -> None:
        server = self.server
        server.asked.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
        known = server.etag is not None and self.headers.get("if-none-match") == server.etag
        status = 304 if known and server.status == 200 else server.status
        self.send_response(status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        if server.etag and status == 200:
            self.send_header("ETag", server.etag)
        body = server.body if status == 200 else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """Run one on this machine while the block lasts."""
    with FeedServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
