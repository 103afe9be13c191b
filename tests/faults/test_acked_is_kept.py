"""What was answered with 200 is there after any kill of service and database server. R1, F11."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from messaging.conversations.models import InboundEvent, Message
from messaging.rehearsal import ledger
from messaging.rehearsal.rest import unjournaled, unread, wait_for_rest
from messaging.runtime import Runtime
from tests.faults.conftest import SECONDS, Service, eventually

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

PHONES = 4


@dataclass(kw_only=True)
class Load:
    """Phones that write until they are told to stop, and the texts for which the provider got a 200."""

    service: Service
    acked: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        phones = [threading.Thread(target=self._write, args=(number,)) for number in range(PHONES)]
        for phone in phones:
            phone.start()
        yield
        self._stop.set()
        for phone in phones:
            phone.join()

    def _write(self, phone: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            text = f"tekst {number} fra telefon {phone}"
            if self.service.phone_writes(text) == 200:
                self.acked.append(text)


def stored(runtime: Runtime) -> list[str]:
    """The texts that have come in, opened."""
    with runtime.database.read() as session:
        messages = session.scalars(sa.select(Message).join(InboundEvent, InboundEvent.id == Message.id)).all()
    return [ledger._text_of(runtime, message) for message in messages]


@pytest.mark.parametrize("running", ["sqlite_service", "postgresql_service"])
def test_r1_f11_nothing_acked_is_lost_when_everything_is_killed_and_the_rest_comes_by_the_poll(
    running: str, request: pytest.FixtureRequest
) -> None:
    """R1, F11, R11."""
    service: Service = request.getfixturevalue(running)
    load = Load(service=service)
    with load.running():
        while len(load.acked) < 15:
            time.sleep(0.01)
        service.kill_everything()
    if service.postmaster:
        service.postmaster.start()
    with service.runtime() as runtime:
        kept = stored(runtime)

    assert set(load.acked) <= set(kept)
    assert len(kept) == len(set(kept))
    service.stage.start_service()
    with service.runtime() as runtime:
        eventually(lambda: not ledger.inbound_entry(runtime, ledger.World.of(service.stage.world_folder))["lost"])
        wait_for_rest(runtime, unread, unjournaled, seconds=SECONDS, what="the end")
        world = ledger.World.of(service.stage.world_folder)
        inbound, journal = ledger.inbound_entry(runtime, world), ledger.journal_entry(runtime, world)
    assert inbound["posted"] == inbound["opened_equal"] >= len(kept)
    assert (inbound["lost"], inbound["duplicated"]) == (0, 0)
    assert (journal["gaps"], journal["lost"], journal["duplicated"]) == (0, 0, 0)
