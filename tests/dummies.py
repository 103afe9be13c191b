"""A web application and a worker that do next to nothing, for tests of the processes around them."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from werkzeug.wrappers import Request, Response

from messaging.web.stalled_bodies import StalledBodies


def create_wsgi() -> Callable[..., Iterable[bytes]]:
    """Answer with the process and the length of the body, slowly, or for ever."""

    @Request.application
    def application(request: Request) -> Response:
        if request.path == "/slow":
            time.sleep(1)
        if request.path == "/stream":
            return Response(_stream())
        if request.path == "/settings":
            return Response(" ".join(name for name in request.environ if name.startswith("BORGERDIALOG_")))
        return Response(f"{os.getpid()} {len(request.get_data())}")

    return application


def create_impatient_wsgi() -> Callable[..., Iterable[bytes]]:
    """The same, cutting senders that stall for two seconds."""
    return StalledBodies(create_wsgi(), patience=2)


def _stream() -> Iterator[bytes]:
    while True:
        yield b"data: .\n\n"
        time.sleep(0.1)


def work(mark: Path) -> None:
    """Leave the process's id in `mark`, and take it away when asked to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    mark.write_text(str(os.getpid()))
    signal.sigwait({signal.SIGTERM})
    mark.unlink()


if __name__ == "__main__":
    work(Path(sys.argv[1]))
