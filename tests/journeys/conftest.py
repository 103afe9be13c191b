"""The house these tests play in, served to a browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from messaging.web.live import HUB
from tests.house import House, house  # noqa: F401
from tests.journeys.browsing import ROOT
from tests.journeys.line import Line


class Silent(WSGIRequestHandler):
    """Writes no log of its own."""

    def log(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def line(house: House) -> Line:  # noqa: F811
    """The line between the browsers and the house."""
    return Line(house.app)


@contextmanager
def served(line: Line, *, port: int = 0) -> Iterator[int]:
    """Serve a house by its line, at this port of the machine or at a free one; give the port."""
    server = make_server("127.0.0.1", port, line, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.port
    line.app.extensions[HUB].close()
    server.shutdown()
    thread.join()
    server.server_close()
    line.close()


@pytest.fixture
def address(line: Line) -> Iterator[str]:
    """The address at which the house is served."""
    with served(line) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for breaches of the accessibility guidelines."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("the front-end packages are not installed")
    return script.read_text(encoding="utf-8")
