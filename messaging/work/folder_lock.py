"""An exclusive lock on a file of the data folder, so that a folder has one service and one worker.

The kernel frees it when its holder dies, however it dies.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from messaging.errors import ConfigurationError

POLL_SECONDS = 0.05


@contextmanager
def held(path: Path, *, what: str, patience: float = 0) -> Iterator[None]:
    """Hold the lock of `what` (such as "service"), waiting for it up to `patience` seconds.

    Raises ConfigurationError naming the process that holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+", encoding="ascii") as file:
        if not _locked(file, deadline=time.monotonic() + patience):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise ConfigurationError(
                f"process {holder} already runs the {what} of the data folder {path.parent}; stop it first"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _locked(file: TextIO, *, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
