"""The virus scanner ClamAV: a file goes to its daemon as it comes, in chunks, and a word comes back.

A connection for each file, over TCP or a socket of the machine. The daemon neither encrypts nor asks who calls, so it
must stand beside the service or in a closed network.
"""

import socket
import struct
import time
from collections.abc import Iterable

from adapters.errors import Misconfigured, TryLater

_COMMAND = b"zINSTREAM\0"
_LONGEST_CHUNK = 128 * 1024
_LONGEST_ANSWER = 4096
_FOUND = " FOUND"
_TOO_LARGE = "size limit exceeded"


class ClamAv:
    """One daemon, at `HOST:PORT` or the path of its socket. `seconds` is how long it may take with one file."""

    def __init__(self, address: str, *, seconds: float = 60) -> None:
        self._address = address
        self._seconds = seconds

    def scan(self, content: Iterable[bytes]) -> str | None:
        """Return what ClamAV calls what it found, None if it found nothing. Raises TryLater or Misconfigured.

        What `content` itself raises goes through. No answer but a clear one lets a file pass.
        """
        deadline = time.monotonic() + self._seconds
        with self._connected() as daemon:
            try:
                self._send(daemon, content, deadline=deadline)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough, and says so below
            except TimeoutError:
                raise TryLater("scanner_slow") from None
            return _read(self._answer(daemon, deadline=deadline))

    def _connected(self) -> socket.socket:
        is_path = self._address.startswith("/")
        host, _, port = self._address.rpartition(":")
        try:
            if not is_path:
                return socket.create_connection((host, int(port)), timeout=self._seconds)
            daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            daemon.settimeout(self._seconds)
            try:
                daemon.connect(self._address)
            except OSError:
                daemon.close()
                raise
        except OSError:
            raise TryLater("scanner_down") from None
        return daemon

    def _send(self, daemon: socket.socket, content: Iterable[bytes], *, deadline: float) -> None:
        daemon.sendall(_COMMAND)
        for part in content:
            for start in range(0, len(part), _LONGEST_CHUNK):
                daemon.settimeout(_left(deadline))
                chunk = part[start : start + _LONGEST_CHUNK]
                daemon.sendall(struct.pack("!L", len(chunk)) + chunk)
        daemon.sendall(struct.pack("!L", 0))

    def _answer(self, daemon: socket.socket, *, deadline: float) -> bytes:
        answer = b""
        try:
            while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
                daemon.settimeout(_left(deadline))
                got = daemon.recv(_LONGEST_ANSWER)
                if not got:
                    break
                answer += got
        except TimeoutError:
            raise TryLater("scanner_slow") from None
        except OSError:
            raise TryLater("scanner_cut") from None
        return answer


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def _read(answer: bytes) -> str | None:
    """Tell a clear answer: `stream: OK` or `stream: NAME FOUND`, to its end."""
    said, end, _ = answer.partition(b"\0")
    words = said.decode("ascii", "replace")
    if not end or not words:
        raise TryLater("scanner_cut")
    if words == "stream: OK":
        return None
    if words.startswith("stream: ") and words.endswith(_FOUND):
        return words.removeprefix("stream: ").removesuffix(_FOUND)
    if _TOO_LARGE in words:
        raise Misconfigured("scanner_limit", sentence="StreamMaxLength i clamd.conf skal være mindst 30M.")
    raise TryLater("scanner_error")
