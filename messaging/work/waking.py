"""How the web processes tell the worker that a lane has work: one datagram with the lanes' names.

A lost one costs the seconds until the lane looks by itself; nothing waits for an answer.
"""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from messaging.work.lanes import Lane

SOCKET_NAME = "worker.socket"
LONGEST_NAMES = 64


class NoWaker:
    """Wakes nobody: for commands and tests, where the lanes look by themselves."""

    def wake(self, *lanes: Lane) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class DatagramWaker:
    """Wakes the worker of a data folder. Never raises and never blocks, whether or not there is a worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def wake(self, *lanes: Lane) -> None:
        """Say that these lanes have work."""
        with suppress(OSError):
            self._socket.sendto(" ".join(lanes).encode(), _address(self._folder))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        os.close(self._folder)


class WakeListener:
    """The worker's side: hands each lane that is named to `wake`, in a thread of its own. Only one per data folder."""

    def __init__(self, folder: Path, *, wake: Callable[[Lane], None]) -> None:
        self._wake = wake
        self._closing = threading.Event()
        (folder / SOCKET_NAME).unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        directory = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        try:
            self._socket.bind(_address(directory))
        finally:
            os.close(directory)
        self._thread = threading.Thread(target=self._listen, name="wake-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        with suppress(OSError):  # not connected, but the waiting thread is woken all the same
            self._socket.shutdown(socket.SHUT_RD)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._closing.is_set():
            words = self._socket.recv(LONGEST_NAMES)
            with suppress(ValueError):  # not the names of lanes
                for word in words.decode().split():
                    self._wake(Lane(word))


def _address(directory: int) -> str:
    """Address the socket through the open folder: the path of a socket may have 107 bytes, that of a folder more."""
    return f"/proc/self/fd/{directory}/{SOCKET_NAME}"
