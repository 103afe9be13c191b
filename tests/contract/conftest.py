"""What contract cases stand on: a running stub on loopback, the service's end of the webhooks, and one session."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.http import HttpSession, Timeouts
from adapters.stubs.faults import Fault
from adapters.stubs.settings import new_settings
from adapters.stubs.world import RunningStub, running_stub
from tests.contract.hooks import HookReceiver, receiving_hooks


@pytest.fixture
def hooks() -> Iterator[HookReceiver]:
    with receiving_hooks() as receiver:
        yield receiver


@pytest.fixture
def stub_options() -> dict[str, Any]:
    """What a case wants to be different about the stub; parametrize it."""
    return {}


@pytest.fixture
def stub(tmp_path: Path, hooks: HookReceiver, stub_options: dict[str, Any]) -> Iterator[RunningStub]:
    usual = {"pace": 0.1, "numbers": ("+4560575700", "+4560575701")}
    settings = new_settings(service_url=hooks.url, **{**usual, **stub_options})
    with running_stub(tmp_path, settings=settings) as running:
        yield running


@pytest.fixture
def http(stub: RunningStub) -> Iterator[HttpSession]:
    """Waits a twentieth of the usual time for answers: a second."""
    session = HttpSession(stub_origins=[stub.url], pace=0.05)
    yield session
    session.close()


@pytest.fixture
def fault(stub: RunningStub) -> Callable[..., None]:
    """Switches a fault of the stub on."""

    def switch_on(place: str, kind: str, **others: Any) -> None:
        stub.faults.add(Fault.from_json({"place": place, "kind": kind, **others}))

    return switch_on


@pytest.fixture
def handset(stub: RunningStub) -> Callable[..., dict[str, Any]]:
    """Lets a phone write a text through the stub's own front door."""
    session = HttpSession(stub_origins=[stub.url])

    def write(**order: Any) -> dict[str, Any]:
        answer = session.request(
            "POST", f"{stub.url}/handset", timeouts=Timeouts(connect=3, read=20), data=json.dumps(order).encode()
        )
        written: dict[str, Any] = json.loads(answer.body)
        return written

    return write
