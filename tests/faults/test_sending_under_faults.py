"""A send that is interrupted goes out once: by SIGTERM, by SIGKILL, and by a pause longer than its lease."""

import os
import signal
import time
import uuid
from collections.abc import Callable

import pytest

from messaging.conversations.models import Attempt
from messaging.conversations.states import AttemptState, MessageState
from messaging.people.models import Citizen
from messaging.rehearsal import processes
from tests.faults.conftest import WAIT_FACTOR, Service, eventually

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

TEXT = "Vi ses kl. 10"
PROVIDER_SECONDS = 3.0
LEASE_SECONDS = 90 * WAIT_FACTOR
GONE_OUT = {MessageState.SENT, MessageState.DELIVERED}


def begin_sending(service: Service) -> uuid.UUID:
    """Write a message to a provider that takes its time, and return its id once the request is under way."""
    service.fault(place="provider", kind="delay", seconds=PROVIDER_SECONDS, count=1)
    with service.town() as town:
        citizen = town.rows(Citizen)[0].id
        message = town.writes(citizen, TEXT)
        eventually(lambda: [attempt.state for attempt in town.rows(Attempt)] == [AttemptState.INTENDED])
    time.sleep(0.5)
    return message


def went_out(service: Service, message: uuid.UUID) -> Callable[[], bool]:
    def look() -> bool:
        with service.town() as town:
            return town.message(message).state in GONE_OUT

    return look


def test_f20_sigterm_lets_a_send_under_way_finish_and_exits_0(service: Service) -> None:
    """F20, D1."""
    message = begin_sending(service)
    assert service.stage.service
    began = time.monotonic()
    service.stage.service.terminate()
    code = service.stage.service.wait(timeout=40)

    assert code == 0
    assert time.monotonic() - began < 35
    assert service.accepted() == [TEXT]
    assert went_out(service, message)()


def test_r2_r3_worker_killed_while_the_provider_answers_sends_no_second_time(service: Service) -> None:
    """R2, R3, F02: the attempt is unclear, and the provider's report or list settles it."""
    message = begin_sending(service)
    worker = service.process("worker")
    processes.kill(worker)

    eventually(went_out(service, message))
    assert service.process("worker") != worker
    time.sleep(2 * LEASE_SECONDS)
    assert service.accepted() == [TEXT]
    with service.town() as town:
        assert [attempt.state for attempt in town.rows(Attempt)] == [AttemptState.ACCEPTED]


def test_r14_f15_worker_stopped_for_three_leases_merges_the_late_answer_and_sends_no_second_time(
    service: Service,
) -> None:
    """R14, F15."""
    message = begin_sending(service)
    worker = service.process("worker")
    os.kill(worker, signal.SIGSTOP)
    time.sleep(3 * LEASE_SECONDS)
    os.kill(worker, signal.SIGCONT)

    eventually(went_out(service, message))
    time.sleep(2 * LEASE_SECONDS)
    assert service.process("worker") == worker
    assert service.accepted() == [TEXT]
    with service.town() as town:
        assert [attempt.state for attempt in town.rows(Attempt)] == [AttemptState.ACCEPTED]
