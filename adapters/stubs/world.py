"""The stub as a whole: builds its parts over one data folder and serves them until told to stop."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.stubs.case_system import CaseSystemStub
from adapters.stubs.dispatch import Dispatcher
from adapters.stubs.faults import Fault, Faults
from adapters.stubs.ledgers import FaultSwitch, Handset, Ledgers
from adapters.stubs.messages import Messages
from adapters.stubs.pages import Pages
from adapters.stubs.provider import Face, Provider
from adapters.stubs.push_service import PushServiceStub
from adapters.stubs.server import Route, StubServer
from adapters.stubs.settings import StubSettings
from adapters.stubs.simulator_face import SimulatorFace
from adapters.stubs.store import Store
from adapters.stubs.twilio_face import TwilioFace

STOPS = {signal.SIGTERM, signal.SIGINT}


class Part(Protocol):
    """One part of the stub: brings its routes along."""

    def routes(self) -> list[Route]:
        """What it answers."""
        ...


@dataclass(frozen=True, kw_only=True)
class RunningStub:
    """A stub that serves. `url` is its origin."""

    url: str
    settings: StubSettings
    store: Store
    messages: Messages
    faults: Faults
    push: PushServiceStub


@contextmanager
def running_stub(
    data_folder: Path, *, settings: StubSettings, host: str = "127.0.0.1", port: int = 0, faults: Sequence[Fault] = ()
) -> Iterator[RunningStub]:
    """Serve in threads of this process until the block ends. The ledgers are `stub.db` in the data folder."""
    data_folder.mkdir(parents=True, exist_ok=True)
    store = Store(data_folder / "stub.db")
    box = Faults(settings.seed)
    for fault in faults:
        box.add(fault)
    dispatcher = Dispatcher(pace=settings.pace)
    messages = Messages(store)
    server = StubServer(host=host, port=port)
    provider = Provider(settings=settings, url=server.url, messages=messages, faults=box, dispatcher=dispatcher)
    faces: dict[str, Face] = {face.name: face for face in (TwilioFace(provider), SimulatorFace(provider))}
    push = PushServiceStub(url=server.url, store=store, faults=box)
    parts: tuple[Part, ...] = (
        *faces.values(),
        push,
        CaseSystemStub(store=store, faults=box, secret=settings.case_system_secret),
        Ledgers(store=store, messages=messages, dispatcher=dispatcher),
        FaultSwitch(box),
        Handset(provider=provider, faces=faces),
        Pages(store=store, messages=messages, provider=provider, faces=faces),
    )
    server.routes = [route for part in parts for route in part.routes()]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="stub", daemon=True)
    thread.start()
    try:
        yield RunningStub(url=server.url, settings=settings, store=store, messages=messages, faults=box, push=push)
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
        dispatcher.stop()
        store.close()


def serve_stub(
    data_folder: Path,
    *,
    settings: StubSettings,
    host: str = "127.0.0.1",
    port: int,
    faults: Sequence[Fault] = (),
    started: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until SIGTERM or SIGINT; `started` hears the URL. For the main thread of a process of its own."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # in all threads: none of them may lose one
    with running_stub(data_folder, settings=settings, host=host, port=port, faults=faults) as stub:
        started(stub.url)
        signal.sigwait(STOPS)
