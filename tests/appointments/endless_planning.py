"""A process that lets another plan for it, says which, and waits: `python -m tests.appointments.endless_planning`."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from messaging.appointments.planning_missing import _open


class Opened:
    """What is opened for planning, as far as its end goes."""

    def close(self) -> None:
        """Close nothing."""


def main() -> None:
    """Say the other process's number, then wait to be killed."""
    spawned = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=_open, initargs=(partial(Opened),)) as pool:
        sys.stdout.write(f"{pool.submit(os.getpid).result()}\n")
        sys.stdout.flush()
        time.sleep(600)


if __name__ == "__main__":
    main()
