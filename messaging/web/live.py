"""Live updates: one stream for each open page, fed by one hub for each web process.

The hub tails the changes and tells each listener which of the citizens that she may see something happened to: an id,
never content. What happened the page then fetches by the same door as ever. A stream holds no connection to the
database, is asked again and again whether its session still lives, and ends with it.
"""

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import ServiceUnavailable

from messaging.database.changes import LatestChanges, SeenChange
from messaging.database.engine import Database
from messaging.errors import DatabaseBusy
from messaging.web.pages import cookie_name, pages, signed_in
from messaging.web.shell import Shell, current_shell

log = structlog.get_logger()

HUB = "borgerdialog.live"
"""Where the application keeps its hub."""
PAUSE_SECONDS = 0.3
"""Between two looks at the changes."""
BEAT_SECONDS = 15.0
"""Between two signs of life on a stream on which nothing happens; the session is asked after as often."""
MOST_WAITING = 50
"""Events a listener may lag behind; who lags further is told to look at everything."""
RETRY_MILLISECONDS = 3000
MOST_FOR_REQUESTS = 200
"""Threads that streams leave to all else; where there are few, half of them."""
NOBODY = uuid.UUID(int=0)
"""No citizen: a listener that is told of nobody asks whether its session still lives."""
ANYBODY = uuid.UUID(int=1)
"""No citizen either: a listener that is told of anybody looks at everything, for its lists are others now."""
SESSION_ENDED = "session.ended"
"""The change by which a session of a member of staff tells that it is over; its object is her."""

Concerned = Callable[[Session, Sequence[SeenChange]], Mapping[uuid.UUID, frozenset[uuid.UUID]]]
"""Says which citizens some changes concern, and which of the staff may know of each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Listener:
    """One open stream of a member of staff."""

    waiting: "queue.Queue[uuid.UUID | None]" = field(default_factory=lambda: queue.Queue(MOST_WAITING))
    """The citizens to look at; None when there is nothing more to come."""
    lagging: threading.Event = field(default_factory=threading.Event)
    """Set when there was more to tell than fits: whoever listens looks at everything again."""

    def tell(self, citizen_id: uuid.UUID | None) -> None:
        """Say that something happened to a citizen, or that this was all; never waits."""
        try:
            self.waiting.put_nowait(citizen_id)
        except queue.Full:
            self.lagging.set()


def most_listeners(threads: int) -> int:
    """Return how many streams a process with so many threads may hold open; each keeps one."""
    return max(1, threads - min(threads // 2, MOST_FOR_REQUESTS))


class Hub:
    """Tells up to `most` listeners what concerns them. Looks at the changes only while somebody listens."""

    def __init__(self, database: Database, *, concerned: Concerned, most: int, pause: float = PAUSE_SECONDS) -> None:
        self._database = database
        self._concerned = concerned
        self._most = most
        self._pause = pause
        self._lock = threading.Lock()
        self._listeners: dict[uuid.UUID, list[Listener]] = {}
        self._count = 0
        self._is_closed = False
        self._watcher: threading.Thread | None = None

    @contextmanager
    def listen(self, actor_id: uuid.UUID) -> Iterator[Listener]:
        """Listen until the block ends. Raises ServiceUnavailable if too many do already, or if the hub is closed."""
        listener = Listener()
        with self._lock:
            if self._is_closed or self._count >= self._most:
                raise ServiceUnavailable
            self._count += 1
            self._listeners.setdefault(actor_id, []).append(listener)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="live", daemon=True)
                self._watcher.start()
        try:
            yield listener
        finally:
            self._forget(actor_id, listener)

    def close(self) -> None:
        """End all streams, let nobody listen any more, and look no more."""
        with self._lock:
            self._is_closed = True
            watcher, listeners = self._watcher, [one for some in self._listeners.values() for one in some]
            self._listeners = {}
        for listener in listeners:
            listener.tell(None)
        if watcher is not None:
            watcher.join()

    def _forget(self, actor_id: uuid.UUID, listener: Listener) -> None:
        with self._lock:
            self._count -= 1
            others = [other for other in self._listeners.pop(actor_id, []) if other is not listener]
            if others:
                self._listeners[actor_id] = others

    def _watch(self) -> None:
        latest = LatestChanges()
        while self._goes_on():
            for citizen_id, staff in self._look(latest).items():
                for listener in self._of(staff):
                    listener.tell(citizen_id)
            time.sleep(self._pause)

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._listeners:
                self._watcher = None
            return bool(self._listeners)

    def _of(self, staff: frozenset[uuid.UUID]) -> list[Listener]:
        with self._lock:
            return [listener for actor_id in staff for listener in self._listeners.get(actor_id, ())]

    def _look(self, latest: LatestChanges) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
        try:
            with self._database.read() as session:
                changes = latest.next(session)
                return {**self._concerned(session, changes), NOBODY: _signed_out(changes)} if changes else {}
        except DatabaseBusy:
            return {}  # nothing is lost: they are still there at the next look
        except Exception as error:  # noqa: BLE001  nobody would start this thread again
            log.error("live.look_failed", error=type(error).__name__)  # noqa: TRY400  what broke may quote content
            return {}


def live_pages(hub: Hub, *, beat: float = BEAT_SECONDS) -> Blueprint:
    """Return the page that is a stream: `GET /live`, for whoever is signed in."""
    live = pages("live", __name__)

    @live.get("/live")
    def stream() -> Response:
        actor_id, shell = signed_in().id or NOBODY, current_shell()
        token = request.cookies[cookie_name(shell.runtime.config)]
        with ExitStack() as stack:
            listener = stack.enter_context(hub.listen(actor_id))
            events = _events(listener, lives=lambda: _lives(shell, token), beat=beat)
            response = Response(events, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
            response.call_on_close(stack.pop_all().close)
        return response

    return live


def _signed_out(changes: Sequence[SeenChange]) -> frozenset[uuid.UUID]:
    """Return of whom a session has ended; she may have others."""
    return frozenset(change.object_id for change in changes if change.kind == SESSION_ENDED)


def _lives(shell: Shell, token: str) -> bool:
    """Whether the session goes on. A page that is only open does not keep it alive."""
    return shell.actor_of_cookie(token, in_use=False) is not None


def _events(listener: Listener, *, lives: Callable[[], bool], beat: float) -> Iterator[bytes]:
    """Write what the listener is told, until its session is over."""
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    asked = time.monotonic()
    while True:
        try:
            citizen_id = listener.waiting.get(timeout=beat)
        except queue.Empty:
            yield b": still here\n\n"
        else:
            if citizen_id is None:
                return
            if citizen_id == NOBODY:
                asked = -beat
            else:
                yield _event(citizen_id, lagging=listener.lagging.is_set() or citizen_id == ANYBODY)
                listener.lagging.clear()
        if time.monotonic() - asked >= beat:
            asked = time.monotonic()
            if not lives():
                yield b"event: over\ndata:\n\n"
                return


def _event(citizen_id: uuid.UUID, *, lagging: bool) -> bytes:
    """One event: something happened to this citizen, or, if too much was to be told, to anybody."""
    return b"event: change\ndata: %s\n\n" % (b"" if lagging else str(citizen_id).encode())
