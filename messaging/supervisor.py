"""`borgerdialog serve`: keeps the web server and the worker running, and ends both when it ends itself.

It does nothing else and imports little, so that it hardly takes memory and has no reason to die. If it is killed all
the same, the kernel kills its children with it.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from messaging.config import Config
from messaging.errors import ConfigurationError
from messaging.waits import Waits
from messaging.work.folder_lock import held

WEB = (sys.executable, "-m", "messaging.web_server")
WORKER = (sys.executable, "-m", "messaging.cli", "worker")

REFUSED = 2
"""The exit code of a command whose settings cannot be used."""

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
FIRST_PAUSE = 0.2
KILL_SECONDS = 3.0
"""What the children get beyond the time for shutting down before they are killed."""
PORT_PATIENCE = 5.0

log = logging.getLogger("borgerdialog.serve")


def serve(config: Config, *, web: Sequence[str] = WEB, worker: Sequence[str] = WORKER) -> int:
    """Run the service until SIGTERM or SIGINT; return the exit code.

    Raises ConfigurationError if the data folder has a service already or the port is taken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    with held(config.data_folder / "service.lock", what="service"):
        _wait_for_port(config.host, config.port)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        children = [Child(name, command, waits=config.waits) for name, command in (("web", web), ("worker", worker))]
        return Supervisor(children, grace=config.waits.shutdown + KILL_SECONDS).run()


class Child:
    """One process that is started again when it dies, after a pause that grows while it keeps dying."""

    def __init__(self, name: str, command: Sequence[str], *, waits: Waits) -> None:
        self.name = name
        self._waits = waits
        self._command = (sys.executable, "-m", "messaging.child", str(os.getpid()), *command)
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._pause = FIRST_PAUSE
        self._started_at = 0.0
        self._start_at = time.monotonic()

    @property
    def runs(self) -> bool:
        """Whether it has been started and not yet been found dead."""
        return self._process is not None

    @property
    def due_in(self) -> float:
        """Seconds until it is to be started; infinite while it runs."""
        return float("inf") if self.runs else max(0.0, self._start_at - time.monotonic())

    def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C is ours to hand on."""
        self._process = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603
        self._starts += 1
        self._started_at = time.monotonic()
        log.info("%s runs as process %d", self.name, self._process.pid)

    def died(self) -> int | None:
        """Return its exit code once if it has died, and plan its next start."""
        code = self._process.poll() if self._process else None
        if code is None:
            return None
        self._process = None
        now = time.monotonic()
        calm = now - self._started_at > self._waits.restart_calm
        longest = max(self._waits.restart_longest, FIRST_PAUSE)
        self._pause = FIRST_PAUSE if calm else min(2 * self._pause, longest)
        self._start_at = now + self._pause
        return code

    def refused(self, code: int) -> bool:
        """Whether it ended at its very first start because its settings cannot be used: trying again is no use."""
        return code == REFUSED and self._starts == 1

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)


class Supervisor:
    """Starts the children, starts them again, and stops them. The signals must be blocked; it waits for them."""

    def __init__(self, children: Sequence[Child], *, grace: float) -> None:
        self._children = children
        self._grace = grace

    def run(self) -> int:
        """Run until told to stop, or until a child refuses its settings; return the exit code."""
        code = self._keep_running()
        self._stop()
        return code

    def _keep_running(self) -> int:
        while True:
            for child in self._children:
                if child.due_in == 0:
                    child.start()
            received = _wait_for_signal(min(child.due_in for child in self._children))
            if received in {signal.SIGTERM, signal.SIGINT}:
                log.info("stopping")
                return 0
            for child, code in self._bury():
                if child.refused(code):
                    log.error("%s cannot run with these settings", child.name)
                    return REFUSED
                log.warning("%s %s; it is started again in %.1f seconds", child.name, _fate(code), child.due_in)

    def _stop(self) -> None:
        """Let the children finish what is under way; kill those that take too long."""
        deadline = time.monotonic() + self._grace
        for child in self._children:
            child.send(signal.SIGTERM)
        while any(child.runs for child in self._children):
            left = deadline - time.monotonic()
            if left <= 0:
                for child in self._children:
                    child.send(signal.SIGKILL)
            _wait_for_signal(left if left > 0 else KILL_SECONDS)
            for child, code in self._bury():
                log.info("%s %s", child.name, _fate(code))

    def _bury(self) -> list[tuple[Child, int]]:
        found = ((child, child.died()) for child in self._children)
        return [(child, code) for child, code in found if code is not None]


def _wait_for_signal(seconds: float) -> int | None:
    received = signal.sigtimedwait(SIGNALS, min(seconds, 3600))
    return received.si_signo if received else None


def _fate(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _wait_for_port(host: str, port: int) -> None:
    """Refuse a port that somebody listens on: the web server would share it and get some of the requests.

    The children of a service that was killed a moment ago may still be dying, so it is tried for a while.
    """
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    deadline = time.monotonic() + PORT_PATIENCE
    while True:
        with socket.socket(family, kind, protocol) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(address)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise ConfigurationError(
                        f"the service cannot listen on {host} port {port} ({error.strerror}); see BORGERDIALOG_PORT"
                    ) from error
            else:
                return
        time.sleep(0.1)
