"""What the web server does with senders that are slow, silent or too loud. S13."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.processes

SECONDS = 20
STARTED = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A server whose application bears a silence of two seconds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address: tuple[str, int] = free.getsockname()
    process = _start(address[1], tmp_path_factory.mktemp("data"))
    deadline = time.monotonic() + SECONDS
    while not _listens(address):
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


def _start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "BORGERDIALOG_PRODUCTION": "no",
        "BORGERDIALOG_DATA_FOLDER": str(folder),
        "BORGERDIALOG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BORGERDIALOG_PORT": str(port),
        "BORGERDIALOG_UNIT_PHONE": "70101010",
        "BORGERDIALOG_MUNICIPALITY": "Øvelse Kommune",
        "BORGERDIALOG_MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
        "BORGERDIALOG_DPO_CONTACT": "dpo@oevelse.example",
    }
    command = [sys.executable, "-m", "messaging.web_server", "tests.dummies:create_impatient_wsgi"]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address).close()
    except OSError:
        return False
    return True


def body(connection: socket.socket) -> str:
    """The body of a whole answer."""
    answer = HTTPResponse(connection)
    answer.begin()
    return answer.read().decode()


def answer(connection: socket.socket) -> str:
    """The first part of the answer; empty if the connection was closed without one."""
    connection.settimeout(SECONDS)
    return connection.recv(1000).decode()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 500_000 + b"\r\n\r\n", "431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 1000 + b"\r\n", "431"),
        (b"\x16\x03\x01\x00\r\n\r\n", "400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "400"),
    ],
)
def test_heads_that_are_too_big_or_broken_are_refused_at_once(
    address: tuple[str, int], head: bytes, status: str
) -> None:
    """S13."""
    with socket.create_connection(address) as connection:
        before = time.monotonic()
        connection.sendall(head)

        assert answer(connection).startswith(f"HTTP/1.1 {status}")
        assert time.monotonic() - before < 2


def test_body_that_stalls_is_cut(address: tuple[str, int]) -> None:
    """S13."""
    with socket.create_connection(address) as connection:
        connection.sendall(STARTED.format(length=100).encode() + b"0123456789")
        before = time.monotonic()
        said = answer(connection)

    assert said == "" or said.startswith("HTTP/1.1 400")
    assert 1.9 < time.monotonic() - before < 8


def test_slow_but_steady_phone_is_served(address: tuple[str, int]) -> None:
    """S13."""
    with socket.create_connection(address) as connection:
        connection.sendall(STARTED.format(length=8).encode())
        for _ in range(8):
            time.sleep(0.4)
            connection.sendall(b"a")

        assert body(connection).endswith(" 8")


def test_live_stream_goes_on_while_a_neighbours_stalled_body_is_cut(address: tuple[str, int]) -> None:
    """S13: other requests are unaffected."""
    with socket.create_connection(address) as stream, socket.create_connection(address) as stalled:
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        stalled.sendall(STARTED.format(length=100).encode() + b"0123456789")
        answer(stalled)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            assert answer(stream)


def test_stalled_senders_do_not_keep_others_waiting(address: tuple[str, int]) -> None:
    """S13."""
    stalled = [socket.create_connection(address) for _ in range(7)]
    for connection in stalled:
        connection.sendall(STARTED.format(length=100).encode() + b"0123456789")
    with socket.create_connection(address) as connection:
        before = time.monotonic()
        connection.sendall(STARTED.format(length=3).encode() + b"abc")

        assert body(connection).endswith(" 3")
        assert time.monotonic() - before < 0.5
    for connection in stalled:
        connection.close()


def test_body_that_ends_too_early_is_a_lost_client_and_not_a_short_message(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(STARTED.format(length=100).encode() + b"0123456789")
        connection.shutdown(socket.SHUT_WR)
        said = answer(connection)

    assert "200" not in said
