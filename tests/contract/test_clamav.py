"""The virus scanner's cases, against the stand-in of ClamAV's daemon over TCP and over a socket of the machine."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.clamav import ClamAv
from adapters.errors import Misconfigured, TryLater
from adapters.stubs.scanner import EICAR, NAME, Behaviour, running_scanner

Daemon = tuple[str, Behaviour]


@pytest.fixture(params=["tcp", "socket"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    with running_scanner(socket_path=tmp_path / "clamd.sock" if request.param == "socket" else None) as running:
        yield running


def test_harmless_file_passes(daemon: Daemon) -> None:
    assert ClamAv(daemon[0]).scan([b"hej", b"", b"x" * 500_000]) is None


@pytest.mark.parametrize("cut", [1, 10, 40, 67])
def test_s12_known_file_is_found_however_it_is_cut(cut: int, daemon: Daemon) -> None:
    assert ClamAv(daemon[0]).scan([b"foran " + EICAR[:cut], EICAR[cut:]]) == NAME


def test_file_that_the_daemon_does_not_take_is_a_matter_of_its_settings(daemon: Daemon) -> None:
    daemon[1].longest = 1000

    with pytest.raises(Misconfigured, match="scanner_limit"):
        ClamAv(daemon[0]).scan([bytes(900), bytes(900)])


@pytest.mark.parametrize(
    "says",
    [b"stream: OK", b"stream: OK but \0", b"\0", b"OK\0", b"stream: ERROR\0", b"\xff\xfe\0", b"UNKNOWN COMMAND\0"],
)
def test_no_answer_but_a_clear_one_lets_a_file_pass(says: bytes, daemon: Daemon) -> None:
    daemon[1].says = says

    with pytest.raises(TryLater):
        ClamAv(daemon[0], seconds=2).scan([b"hej"])


def test_daemon_that_hangs_up_lets_nothing_pass(daemon: Daemon) -> None:
    daemon[1].hangs_up = True

    with pytest.raises(TryLater, match="scanner_cut"):
        ClamAv(daemon[0]).scan([bytes(100_000)] * 50)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nonexistent/clamd.sock"])
def test_daemon_that_is_not_there_lets_nothing_pass(address: str) -> None:
    with pytest.raises(TryLater, match="scanner_down"):
        ClamAv(address, seconds=1).scan([b"hej"])


def test_daemon_that_says_nothing_is_not_waited_for_for_ever(daemon: Daemon) -> None:
    began = time.monotonic()

    def slow() -> Iterator[bytes]:
        yield b"hej"
        time.sleep(0.3)

    daemon[1].says = b"stream"
    with pytest.raises(TryLater):
        ClamAv(daemon[0], seconds=0.2).scan(slow())
    assert time.monotonic() - began < 3
