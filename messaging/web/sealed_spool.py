"""Where files of a form lie until they are taken in: nothing of them is on disk in clear, and little in memory.

The frame would put what is longer than half a megabyte into a file as it is. Here each chunk is encrypted under a key
that only this object holds, so that what is left of the file when the process dies is noise.
"""

import io
import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 256 * 1024
_TAG = 16


class SealedSpool(io.RawIOBase):
    """A file that is written once from its beginning to its end and then read, as often as its reader likes."""

    def __init__(self, *, folder: Path) -> None:
        super().__init__()
        self._key = AESGCM(os.urandom(32))
        self._file, path = tempfile.mkstemp(dir=folder)
        Path(path).unlink()  # nobody else finds it, and it ends with this process
        self._waiting = bytearray()
        self._chunks = 0
        self._size = 0
        self._at = 0
        self._shown: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def writable(self) -> bool:
        """It can be written."""
        return True

    def seekable(self) -> bool:
        """It can be read again."""
        return True

    def write(self, content: object, /) -> int:
        """Add to its end."""
        self._refuse_if_closed()
        part = bytes(content)  # type: ignore[call-overload]
        self._waiting += part
        self._size += len(part)
        while len(self._waiting) >= CHUNK:
            self._store(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]
        return len(part)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go where the next read begins."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return where the next read begins; while it is written, its end."""
        return self._at

    def readinto(self, buffer: object, /) -> int:
        """Read as `io.RawIOBase.readinto` does."""
        self._refuse_if_closed()
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        number, within = divmod(self._at, CHUNK)
        part = self._chunk(number)[within : within + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Let go of all of it."""
        if not self.closed:
            os.close(self._file)
            self._waiting.clear()
            self._shown = (-1, b"")
        super().close()

    def _refuse_if_closed(self) -> None:
        if self.closed:
            raise ValueError("the spool is closed")

    def _store(self, chunk: bytes) -> None:
        encrypted = memoryview(self._key.encrypt(_nonce(self._chunks), chunk, None))
        at = self._chunks * (CHUNK + _TAG)
        while encrypted:
            written = os.pwrite(self._file, encrypted, at)
            encrypted, at = encrypted[written:], at + written
        self._chunks += 1

    def _chunk(self, number: int) -> bytes:
        if number >= self._chunks:
            return bytes(self._waiting) if number == self._chunks else b""
        if self._shown[0] != number:
            encrypted = os.pread(self._file, CHUNK + _TAG, number * (CHUNK + _TAG))
            self._shown = (number, self._key.decrypt(_nonce(number), encrypted, None))
        return self._shown[1]


def _nonce(number: int) -> bytes:
    """Each chunk has its own; the key is used for this one file."""
    return number.to_bytes(12, "big")
