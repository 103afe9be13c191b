"""A stand-in for ClamAV's daemon: speaks its stream command and knows the one file that every scanner knows.

EICAR's test file harms nobody. It is put together here from two halves, so that scanners leave this file alone.
"""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"
_COMMAND = b"zINSTREAM\0"


@dataclass
class Behaviour:
    """How the daemon behaves: what it says of any file (None: it looks), and the longest file it takes."""

    says: bytes | None = None
    hangs_up: bool = False
    longest: int = 30 * 1024 * 1024


class _Conversation(socketserver.StreamRequestHandler):
    """One connection: one command, one file, one answer."""

    def handle(self) -> None:
        behaviour: Behaviour = self.server.behaviour  # type: ignore[attr-defined]
        with suppress(ConnectionError):
            if self.rfile.read(len(_COMMAND)) != _COMMAND:
                self.wfile.write(b"UNKNOWN COMMAND\0")
                return
            if behaviour.hangs_up:
                return
            self.wfile.write(behaviour.says or self._look(behaviour.longest))

    def _look(self, longest: int) -> bytes:
        length, tail, found = 0, b"", False
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            length += size
            if length > longest:
                return b"INSTREAM size limit exceeded. ERROR\0"
            seen = tail + self.rfile.read(size)
            found = found or EICAR in seen
            tail = seen[-len(EICAR) :]
        return f"stream: {NAME} FOUND\0".encode() if found else b"stream: OK\0"


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def running_scanner(*, socket_path: Path | None = None) -> Iterator[tuple[str, Behaviour]]:
    """Run the daemon on a free port of this machine, or at a socket; yields its address and how it behaves."""
    behaviour = Behaviour()
    server = _Unix(str(socket_path), _Conversation) if socket_path else _Tcp(("127.0.0.1", 0), _Conversation)
    server.behaviour = behaviour  # type: ignore[union-attr]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield _address(server), behaviour
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _address(server: socketserver.BaseServer) -> str:
    where: Any = server.server_address
    return where if isinstance(where, str) else f"{where[0]}:{where[1]}"
