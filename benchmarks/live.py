"""A thousand open pages: each holds a live stream of its own member of staff while her citizens' messages come in.

They come by the webhook, so that the web server has all the work that such a minute brings.
"""

import os
import selectors
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle
from random import Random
from urllib.parse import urlencode

import sqlalchemy as sa

from benchmarks import traffic
from benchmarks.browser import sign_in
from messaging.people.models import CaseloadEntry
from messaging.people.queries import numbers_in_use
from messaging.rehearsal.processes import memory_megabytes
from messaging.runtime import Runtime
from messaging.web.pages import cookie_name

AT_MOST_SECONDS = 2.0
AT_MOST_MEGABYTES = 350
SETTLE_SECONDS = 3.0
"""From the last commit until nothing more is waited for."""
OPENING_SECONDS = 60.0
WRITERS = 8
"""Connections by which the provider hands in messages."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """An open page: whose it is, and one of her citizens with the number he writes from."""

    caseworker_id: uuid.UUID
    citizen_id: uuid.UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the open pages saw. `missing` messages were seen in no tab, `strays` in one that they were not for."""

    pages: int
    messages: int
    per_second: float
    missing: int
    strays: int
    p50_seconds: float
    p95_seconds: float
    memory_megabytes: float
    load: float

    @property
    def met(self) -> bool:
        """Whether the goal holds."""
        right = not self.missing and not self.strays
        return right and self.p95_seconds <= AT_MOST_SECONDS and self.memory_megabytes <= AT_MOST_MEGABYTES

    def as_text(self) -> Iterator[str]:
        """The figures for people, as Markdown."""
        yield "| open pages | messages/s | p50 / p95 s | not seen | seen by others | web process MB | |"
        yield "|---|---|---|---|---|---|---|"
        yield (
            f"| {self.pages} | {self.per_second:.0f} | {self.p50_seconds:.2f} / {self.p95_seconds:.2f} |"
            f" {self.missing} of {self.messages} | {self.strays} | {self.memory_megabytes:.0f} |"
            f" {'met' if self.met else '**missed**'} |"
        )


@dataclass(kw_only=True)
class Tab:
    """The client's end of one stream, with what has come and not been read to its end."""

    page: Page
    connection: socket.socket
    rest: bytes = b""
    seen: list[tuple[str, float]] = field(default_factory=list)
    """Citizens and when."""


class Tabs:
    """All open streams, read by one loop in a thread of its own."""

    def __init__(self, runtime: Runtime, pages: Sequence[Page], *, port: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._over = threading.Event()
        self.tabs = [_open(runtime, page, port=port) for page in pages]
        for tab in self.tabs:
            tab.connection.settimeout(0)
            self._selector.register(tab.connection, selectors.EVENT_READ, tab)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Stop reading and close the streams."""
        self._over.set()
        self._reader.join()
        for tab in self.tabs:
            tab.connection.close()
        self._selector.close()

    def _read(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(timeout=0.2):
                tab: Tab = key.data
                came = tab.connection.recv(65536)
                if not came:
                    self._selector.unregister(tab.connection)
                *lines, tab.rest = (tab.rest + came).split(b"\n")
                at = time.monotonic()
                tab.seen += [(line[6:].decode(), at) for line in lines if line.startswith(b"data: ")]


def measure(runtime: Runtime, *, port: int, pid: int, pages: int, per_second: int, seconds: float) -> Figures:
    """Open the pages, let so many messages a second come in, spread over them, and say when each was seen where."""
    chosen = _pages(runtime, pages)
    tabs = Tabs(runtime, chosen, port=port)
    try:
        time.sleep(SETTLE_SECONDS)
        sent = _write(chosen, port=port, per_second=per_second, seconds=seconds)
        memory = memory_megabytes(pid)
        time.sleep(SETTLE_SECONDS)
    finally:
        tabs.close()
    waits = sorted(wait for wait in _waits(tabs, sent) if wait is not None)
    right = {str(tab.page.citizen_id): tab for tab in tabs.tabs}
    return Figures(
        pages=len(chosen),
        messages=len(sent),
        per_second=(len(sent) - 1) / (sent[-1][1] - sent[0][1]),
        missing=len(sent) - len(waits),
        strays=sum(right.get(citizen) is not tab for tab in tabs.tabs for citizen, _ in tab.seen),
        p50_seconds=waits[len(waits) // 2],
        p95_seconds=waits[int(0.95 * len(waits))],
        memory_megabytes=memory,
        load=os.getloadavg()[0],
    )


def _write(pages: Sequence[Page], *, port: int, per_second: int, seconds: float) -> list[tuple[Page, float]]:
    """Let citizens write in turns, as Twilio tells of it; return who wrote and when that was handed in."""
    sent: list[tuple[Page, float]] = []
    lock, chance, turns = threading.Lock(), Random(1), cycle(pages)
    began = time.monotonic()

    def write() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=OPENING_SECONDS)
        while True:
            with lock:
                due = began + len(sent) / per_second
                if due > began + seconds:
                    return
                page = next(turns)
                form = traffic.twilio_form(sender=page.number, text=chance.choice(traffic.TEXTS))
                time.sleep(max(0.0, due - time.monotonic()))
                sent.append((page, time.monotonic()))
            connection.request("POST", traffic.HOOK, urlencode(form), traffic.signed(form))
            answer = connection.getresponse()
            answer.read()
            if answer.status != HTTPStatus.OK:
                raise RuntimeError(f"the webhook was answered {answer.status}")

    with ThreadPoolExecutor(WRITERS) as writers:
        for writing in [writers.submit(write) for _ in range(WRITERS)]:
            writing.result()
    return sent


def _waits(tabs: Tabs, sent: Sequence[tuple[Page, float]]) -> Iterator[float | None]:
    """For each message, how long until its tab was told of the citizen after it was handed in; None for never.

    A tab that is told after two messages at once has seen both.
    """
    seen = {
        tab.page.citizen_id: [at for citizen, at in tab.seen if citizen == str(tab.page.citizen_id)]
        for tab in tabs.tabs
    }
    for page, sent_at in sent:
        yield next((at - sent_at for at in seen[page.citizen_id] if at > sent_at), None)


def _pages(runtime: Runtime, count: int) -> list[Page]:
    """Choose so many members of staff, each with one of her citizens."""
    with runtime.database.read() as session:
        first = (
            sa.select(CaseloadEntry.caseworker_id, sa.func.min(sa.cast(CaseloadEntry.citizen_id, sa.Text)))
            .group_by(CaseloadEntry.caseworker_id)
            .limit(count)
        )
        citizens = {uuid.UUID(citizen): caseworker for caseworker, citizen in session.execute(first)}
        numbers = numbers_in_use(session, runtime.vault, list(citizens))
    return [
        Page(caseworker_id=caseworker, citizen_id=citizen, number=numbers[citizen])
        for citizen, caseworker in citizens.items()
    ]


def _open(runtime: Runtime, page: Page, *, port: int) -> Tab:
    token = sign_in(runtime, page.caseworker_id)
    connection = socket.create_connection(("127.0.0.1", port), timeout=OPENING_SECONDS)
    head = f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie_name(runtime.config)}={token}\r\n\r\n"
    connection.sendall(head.encode())
    came = connection.recv(4096)
    if not came.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a stream was answered {came[:40]!r}")
    return Tab(page=page, connection=connection)
