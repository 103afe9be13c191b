"""What every test may ask for: an empty database of either kind, the project's shared data, and a Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.postgresql import PostgresqlServer, running_postgresql
from tests.runtime import act, case_system, channel, clock, config, database, runtime, vault, waker  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent

#: Lets root run Chromium, and keeps it from any host but this one; it would look up its maker's at every start.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One server per process of the suite, started when the first test needs it."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test of storage once on each of the two databases."""
    return str(request.param)


@pytest.fixture
def new_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """Makes an empty database, named after what it is for, and gives its address; dropped after the test."""
    with ExitStack() as cleanup:

        def create(purpose: str) -> str:
            if database_kind == "sqlite":
                return f"sqlite:///{tmp_path / purpose}.db"
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            name = server.create_database()
            cleanup.callback(server.drop_database, name)
            return server.url(database=name)

        yield create


@pytest.fixture
def database_url(new_database_url: Callable[[str], str]) -> str:
    """The address of an empty database, on SQLite and on PostgreSQL."""
    return new_database_url("messaging")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data beside the project; a checkout without it skips the tests that need it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder shared/ with real data does not lie beside the project")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium of the machine; where it must be there (BORGERDIALOG_REQUIRE_BROWSER), its absence is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return Path(found)
    if os.environ.get("BORGERDIALOG_REQUIRE_BROWSER"):
        pytest.fail("BORGERDIALOG_REQUIRE_BROWSER is set and no Chromium is installed")
    pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A headless Chromium without an outside world, one for the tests of a module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with cookies and storage of its own."""
    with browser.new_context(locale="da-DK", timezone_id="Europe/Copenhagen") as context:
        yield context.new_page()
