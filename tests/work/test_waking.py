"""How processes wake the worker."""

import queue
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.work.lanes import Lane
from messaging.work.waking import SOCKET_NAME, DatagramWaker, WakeListener

SECONDS = 5


@pytest.fixture
def heard() -> queue.Queue[Lane]:
    return queue.Queue()


@pytest.fixture
def waker(tmp_path: Path) -> Iterator[DatagramWaker]:
    waker = DatagramWaker(tmp_path)
    yield waker
    waker.close()


def test_listener_hears_the_lanes_that_are_named(
    tmp_path: Path, waker: DatagramWaker, heard: queue.Queue[Lane]
) -> None:
    listener = WakeListener(tmp_path, wake=heard.put)
    waker.wake(Lane.URGENT)
    waker.wake(Lane.JOURNAL, Lane.UPKEEP)

    assert [heard.get(timeout=SECONDS) for _ in range(3)] == [Lane.URGENT, Lane.JOURNAL, Lane.UPKEEP]
    listener.close()


def test_waking_nobody_does_no_harm(waker: DatagramWaker) -> None:
    waker.wake(Lane.BULK)


def test_waking_a_worker_that_does_not_listen_does_not_block(tmp_path: Path, waker: DatagramWaker) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / SOCKET_NAME))
        for _ in range(5000):
            waker.wake(Lane.BULK)

        assert deaf.recv(64) == b"bulk"


def test_waker_finds_a_worker_that_was_started_again(
    tmp_path: Path, waker: DatagramWaker, heard: queue.Queue[Lane]
) -> None:
    first = WakeListener(tmp_path, wake=heard.put)
    first.close()
    second = WakeListener(tmp_path, wake=heard.put)
    waker.wake(Lane.BULK)

    assert heard.get(timeout=SECONDS) == Lane.BULK
    second.close()


@pytest.mark.parametrize("rubbish", [b"", b"no lane", b"\xff" * 200])
def test_rubbish_does_not_stop_the_listener(
    tmp_path: Path, waker: DatagramWaker, heard: queue.Queue[Lane], rubbish: bytes
) -> None:
    listener = WakeListener(tmp_path, wake=heard.put)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(rubbish, str(tmp_path / SOCKET_NAME))
    waker.wake(Lane.BULK)

    assert heard.get(timeout=SECONDS) == Lane.BULK
    listener.close()


def test_folder_may_have_a_longer_path_than_a_socket(tmp_path: Path, heard: queue.Queue[Lane]) -> None:
    folder = tmp_path / ("long" * 50)
    folder.mkdir()
    listener = WakeListener(folder, wake=heard.put)
    waker = DatagramWaker(folder)
    waker.wake(Lane.BULK)

    assert heard.get(timeout=SECONDS) == Lane.BULK
    listener.close()
    waker.close()
