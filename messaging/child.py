"""Makes a process die with its parent, however the parent dies.

As a command, `python -m messaging.child PARENT COMMAND…` becomes COMMAND, which then cannot outlive process PARENT.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl(2). The setting outlives exec, but not fork: every generation has to ask for itself."""


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when `parent` dies; if it has died already, this process ends here."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Become the command. The supervisor waits for blocked signals, and its children would inherit the blocking."""
    die_with_parent(int(sys.argv[1]))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # many threads with an arena each would hold on to much memory
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  # the supervisor gives the command


if __name__ == "__main__":
    main()
