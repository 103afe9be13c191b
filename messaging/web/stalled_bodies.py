"""Cuts the connections of senders that stop in the middle of a request's body.

The server gives the headers ten seconds, but waits for a body for ever, with a thread. So every read that is under way
is noted, and a watch looks at the connections only while one of them takes too long: those of the same sender on which
nothing has moved either way for as long are cut, and the read ends. A slow but steady phone keeps its connection.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from werkzeug.exceptions import ClientDisconnected

STALL_SECONDS = 10.0
LOOK_SECONDS = 1.0
INTERNET = {socket.AF_INET, socket.AF_INET6}

# Linux's struct tcp_info: milliseconds since data was last sent and received.
_LAST_DATA_SENT = 44
_LAST_DATA_RECEIVED = 52
_TCP_INFO_BYTES = 56


class StalledBodies:
    """WSGI middleware; wrap the application with it in each web process."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, patience: float = STALL_SECONDS) -> None:
        self._application = application
        self._patience = patience
        self._reading: dict[object, tuple[float, str]] = {}
        threading.Thread(target=self._watch, name="stalled-bodies", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve a request whose body is read under watch."""
        length = environ.get("CONTENT_LENGTH")
        if length != "0" and (length or "HTTP_TRANSFER_ENCODING" in environ):
            environ["wsgi.input"] = _WatchedBody(environ, reading=self._noted)
        return self._application(environ, start_response)

    @contextmanager
    def _noted(self, sender: str) -> Iterator[None]:
        read = object()
        self._reading[read] = (time.monotonic(), sender)
        try:
            yield
        finally:
            del self._reading[read]

    def _watch(self) -> None:
        while True:
            time.sleep(min(LOOK_SECONDS, self._patience / 2))
            too_long = time.monotonic() - self._patience
            senders = {sender for since, sender in list(self._reading.values()) if since < too_long}
            if senders:
                _cut_silent_connections(senders, silent_for=self._patience)


class _WatchedBody:
    """The input of one request. A body that ends before its announced length is a lost client, not a short body."""

    def __init__(self, environ: dict[str, Any], *, reading: Callable[[str], Any]) -> None:
        self._body = environ["wsgi.input"]
        self._sender = environ.get("REMOTE_ADDR", "")
        self._reading = reading
        self._missing = int(environ.get("CONTENT_LENGTH") or 0)

    def read(self, size: int = -1) -> bytes:
        """Read as `io.RawIOBase.read` does."""
        return self._read(self._body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """Read up to the end of a line."""
        return self._read(self._body.readline, size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _read(self, read: Callable[..., bytes], size: int) -> bytes:
        with self._reading(self._sender):
            got = read() if size < 0 else read(size)
        self._missing -= len(got)
        if self._missing > 0 and (size < 0 or (size > 0 and not got)):
            raise ClientDisconnected
        return got


def _cut_silent_connections(senders: set[str], *, silent_for: float) -> None:
    """Shut the receiving side of the connections from these addresses on which nothing moves.

    An idle connection that waits for its next request may be among them; closing that one is harmless.
    """
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(descriptor.name))) as connection:
            of_sender = connection.family in INTERNET and connection.getpeername()[0] in senders
            if of_sender and _silent_seconds(connection) >= silent_for:
                connection.shutdown(socket.SHUT_RD)


def _silent_seconds(connection: socket.socket) -> float:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    sent: int = struct.unpack_from("=I", info, _LAST_DATA_SENT)[0]
    received: int = struct.unpack_from("=I", info, _LAST_DATA_RECEIVED)[0]
    return min(sent, received) / 1000
