"""A send that is interrupted goes out once: by SIGTERM, by SIGKILL, and by a pause longer than its lease."""

import os
import signal
import time
import uuid

import pytest

from messaging.conversations.models import Attempt
from messaging.conversations.states import AttemptState, MessageState
from messaging.people.models import Citizen
from messaging.rehearsal import processes
from tests.faults.conftest import WAIT_FACTOR, Service, eventually

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

PROVIDER_SECONDS = 2.0
LEASE_SECONDS = 90 * WAIT_FACTOR
GONE_OUT = {MessageState.SENT, MessageState.DELIVERED}


def begin_sending(service: Service, text: str) -> uuid.UUID:
    """Write a message to a provider that takes its time, and return its id once the request is under way."""
    service.fault(place="provider", kind="delay", seconds=PROVIDER_SECONDS, count=1)
    with service.town() as town:
        message = town.writes(town.rows(Citizen)[0].id, text)
        eventually(lambda: town.rows(Attempt, message_id=message, state=AttemptState.INTENDED))
    time.sleep(0.3)
    return message


def went_out(service: Service, message: uuid.UUID) -> bool:
    """Whether the message has left, by one attempt."""
    with service.town() as town:
        return town.message(message).state in GONE_OUT and [
            attempt.state for attempt in town.rows(Attempt, message_id=message)
        ] == [AttemptState.ACCEPTED]


def test_interrupted_send_goes_out_once(service: Service, subtests: pytest.Subtests) -> None:
    """R2, R3, R14, F02, F15, F20, D1."""
    worker = service.process("worker")
    with subtests.test("a worker stopped for three leases merges the late answer (R14, F15)"):
        first = begin_sending(service, "et")
        os.kill(worker, signal.SIGSTOP)
        time.sleep(3 * LEASE_SECONDS)
        os.kill(worker, signal.SIGCONT)
        eventually(lambda: went_out(service, first))
        assert service.process("worker") == worker
    with subtests.test("after SIGKILL the attempt is unclear until the provider's report or list tells (R3, F02)"):
        second = begin_sending(service, "to")
        processes.kill(worker)
        eventually(lambda: went_out(service, second))
        assert service.process("worker") != worker
    with subtests.test("at SIGTERM what is under way finishes within the grace, and the exit code is 0 (F20, D1)"):
        third = begin_sending(service, "tre")
        assert service.stage.service
        service.stage.service.terminate()
        assert service.stage.service.wait(timeout=35) == 0
        assert went_out(service, third)
    with subtests.test("nothing went out twice, and all in order (R2)"):
        assert service.accepted() == ["et", "to", "tre"]
