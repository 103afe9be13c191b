"""An exclusive lock on a file of the data folder, so that a folder has one service and one worker.

The kernel frees it when its holder dies, however it dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from messaging.errors import ConfigurationError


@contextmanager
def held(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock of `what` (such as "service"). Raises ConfigurationError naming the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise ConfigurationError(
                f"process {holder} already runs the {what} of the data folder {path.parent}; stop it first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
