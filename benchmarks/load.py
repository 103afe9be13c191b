"""The load generator: some connections, each with one request under way, as fast as the server answers.

Requests are bytes made beforehand, and one loop over epoll sends them, so that the client takes as little as it can of
the processors it shares with the server: about a tenth of what the cheapest server takes.
"""

import gc
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

PATIENCE = 30.0
"""Seconds without any answer after which the connections that still wait count as broken."""


@dataclass(kw_only=True)
class Answers:
    """What came back. `sent` requests were taken from the front of the list; `seconds` is from first to last byte."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """How long each answer took, in seconds."""
    broken: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds in which this share of the answers came."""
        ordered = sorted(self.waits)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def drive(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Answers:
    """Send the requests in order until the time or the list is over, then wait for the answers that are still due."""
    gc.collect()
    gc.disable()
    try:
        return _Drive(port, iter(requests), connections=connections, seconds=seconds).run()
    finally:
        gc.enable()


class _Drive:
    def __init__(self, port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> None:
        self._requests = requests
        self._seconds = seconds
        self._poll = select.epoll()
        self._sockets = {}
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection.fileno(), select.EPOLLIN)
        self._asked: dict[int, float] = {}
        self._got: dict[int, bytes] = {}
        self._answers = Answers()

    def run(self) -> Answers:
        answers, began, cpu = self._answers, time.perf_counter(), time.process_time()
        until = began + self._seconds
        for number in list(self._sockets):
            self._ask(number)
        while self._asked:
            ready = self._poll.poll(PATIENCE)
            if not ready:
                break
            for number, _event in ready:
                if self._read(number) and time.perf_counter() < until:
                    self._ask(number)
        answers.seconds = time.perf_counter() - began
        answers.cpu_seconds = time.process_time() - cpu
        answers.broken += len(self._asked)
        for connection in self._sockets.values():
            connection.close()
        self._poll.close()
        return answers

    def _ask(self, number: int) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._asked[number] = time.perf_counter()
            self._sockets[number].sendall(request)
            self._answers.sent += 1

    def _read(self, number: int) -> bool:
        """Take what has come; whether the answer is whole."""
        came = self._sockets[number].recv(65536)
        if not came:
            self._lose(number)
            return False
        got = self._got.pop(number, b"") + came
        if not is_whole(got):
            self._got[number] = got
            return False
        self._answers.waits.append(time.perf_counter() - self._asked.pop(number))
        self._answers.statuses[int(got[9:12])] += 1
        return True

    def _lose(self, number: int) -> None:
        """A server that closes a connection breaks the request on it."""
        self._poll.unregister(number)
        self._sockets.pop(number).close()
        self._answers.broken += self._asked.pop(number, None) is not None


def is_whole(answer: bytes) -> bool:
    """Whether these bytes are one whole HTTP answer with a length."""
    head_ends = answer.find(b"\r\n\r\n")
    if head_ends < 0:
        return False
    length = answer.find(b"content-length: ", 0, head_ends)
    if length < 0:
        return True
    return len(answer) == head_ends + 4 + int(answer[length + 16 : answer.find(b"\r", length)])
