"""The suite's own fixtures: what they promise to every other test."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy
from playwright.sync_api import Error, Page
from pytest_socket import SocketConnectBlockedError

from tests.conftest import ROOT

START_A_SERVER = """
from tests.postgresql import running_postgresql
with running_postgresql() as server:
    print(server.data_folder, flush=True)
    input()
"""


def test_database_url_leads_to_an_empty_database(database_url: str, database_kind: str) -> None:
    engine = sqlalchemy.create_engine(database_url)

    assert engine.dialect.name == database_kind
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.processes
def test_postgresql_does_not_outlive_a_killed_suite() -> None:
    suite = subprocess.Popen(
        [sys.executable, "-c", START_A_SERVER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with suite:
        assert suite.stdout is not None
        folder = Path(suite.stdout.readline().strip())
        server = Path("/proc", (folder / "postmaster.pid").read_text().split()[0])
        was_running = server.exists()
        suite.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(folder.parent)

    assert was_running
    assert not server.exists()


def test_sockets_to_the_outside_world_are_blocked() -> None:
    with socket.socket() as outside, pytest.warns(match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 443))


@pytest.mark.browser
def test_browser_shows_a_page(page: Page) -> None:
    page.goto("data:text/html;charset=utf-8,<h1>Godmorgen på Ungecenteret</h1>")

    assert page.get_by_role("heading").inner_text() == "Godmorgen på Ungecenteret"
    assert page.screenshot().startswith(b"\x89PNG")


@pytest.mark.browser
def test_browser_finds_no_outside_world(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
