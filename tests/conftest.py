"""What every test may ask for: an empty database of either kind, the project's shared data, and a Chromium."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.postgresql import PostgresqlServer, running_postgresql
from tests.runtime import (  # noqa: F401
    act,
    case_system,
    channel,
    clock,
    config,
    database,
    runtime,
    service_url,
    vault,
    vault_template,
    waker,
)

ROOT = Path(__file__).resolve().parent.parent

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")

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


MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 2**30


def pytest_configure() -> None:
    """Keep what tests write in memory where there is enough: thousands of databases need not reach a disk."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_xdist_auto_num_workers() -> int:
    """Test in one process more than there are processors: one at a time waits for its browser or its server."""
    return (os.cpu_count() or 1) + 1


#: Lays out the database at an address: migrates it, or creates its tables.
Prepare = Callable[[str], None]


class NewDatabaseUrl(Protocol):
    """Makes a database named after its purpose and gives its address.

    With `prepare` it is a copy of one that was prepared once for the whole session.
    """

    def __call__(self, purpose: str, *, prepare: Prepare | None = None) -> str: ...


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One server per process of the suite, started when the first test needs it."""
    with running_postgresql(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Prepare], Path]:
    """The file of a prepared SQLite database, by the function that prepares it."""
    folder = tmp_path_factory.mktemp("sqlite-templates")

    @cache
    def template(prepare: Prepare) -> Path:
        path = folder / f"{prepare.__module__}.{prepare.__qualname__}.db"
        prepare(f"sqlite:///{path}")
        return path

    return template


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgresqlServer) -> Callable[[Prepare], str]:
    """The name of a prepared PostgreSQL database, by the function that prepares it."""

    @cache
    def template(prepare: Prepare) -> str:
        name = postgresql_server.create_database()
        prepare(postgresql_server.url(database=name))
        return name

    return template


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test of storage once on each of the two databases."""
    return str(request.param)


@pytest.fixture
def new_database_url(database_kind: str, request: pytest.FixtureRequest) -> NewDatabaseUrl:
    """Makes databases of the test's own, which are gone after it."""
    fixture: NewDatabaseUrl = request.getfixturevalue(f"new_{database_kind}_url")
    return fixture


@pytest.fixture
def new_sqlite_url(sqlite_template: Callable[[Prepare], Path], tmp_path: Path) -> NewDatabaseUrl:
    """As `new_database_url`, on SQLite alone."""

    def create(purpose: str, *, prepare: Prepare | None = None) -> str:
        path = tmp_path / f"{purpose}.db"
        if prepare:
            shutil.copyfile(sqlite_template(prepare), path)
        return f"sqlite:///{path}"

    return create


@pytest.fixture(scope="session")
def postgresql_pool(
    postgresql_server: PostgresqlServer, postgresql_template: Callable[[Prepare], str]
) -> "PostgresqlPool":
    """The prepared PostgreSQL databases of this process."""
    return PostgresqlPool(server=postgresql_server, template=postgresql_template)


class PostgresqlPool:
    """Lends databases that have been laid out. Emptying one takes a tenth of the time of making one.

    A database is lent again if laying it out puts no row in: all rows in it are then the last test's.
    """

    def __init__(self, *, server: PostgresqlServer, template: Callable[[Prepare], str]) -> None:
        self._server = server
        self._template = template
        self._free: dict[Prepare, list[str]] = {}

    def lend(self, prepare: Prepare, cleanup: ExitStack) -> str:
        """Return the name of a database as `prepare` leaves it; `cleanup` gives it back."""
        template = self._template(prepare)
        if prepare not in self._free and self._server.is_empty(template):
            self._free[prepare] = []
        free = self._free.get(prepare)
        name = free.pop() if free else self._server.create_database(template=template)
        if free is None:
            cleanup.callback(self._server.drop_database, name)
        else:
            cleanup.callback(self._take_back, name, free)
        return name

    def _take_back(self, name: str, free: list[str]) -> None:
        self._server.empty_database(name)
        free.append(name)


@pytest.fixture
def new_postgresql_url(
    postgresql_server: PostgresqlServer, postgresql_pool: PostgresqlPool
) -> Iterator[NewDatabaseUrl]:
    """As `new_database_url`, on PostgreSQL alone."""
    with ExitStack() as cleanup:

        def create(purpose: str, *, prepare: Prepare | None = None) -> str:
            if prepare:
                return postgresql_server.url(database=postgresql_pool.lend(prepare, cleanup))
            name = postgresql_server.create_database()
            cleanup.callback(postgresql_server.drop_database, name)
            return postgresql_server.url(database=name)

        yield create


@pytest.fixture
def database_url(new_database_url: NewDatabaseUrl) -> str:
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
    """The Chromium of the machine, if it may be the one without windows, which opens a page in half the time."""
    return _installed("chromium-headless-shell", *CHROMIUMS)


@pytest.fixture(scope="session")
def chromium_with_windows() -> Path:
    """The Chromium of the machine that can also show notices beside its pages."""
    return _installed(*CHROMIUMS)


def _installed(*programs: str) -> Path:
    if found := next(filter(None, map(shutil.which, programs)), None):
        return Path(found)
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("REQUIRE_BROWSER is set and no Chromium is installed")
    pytest.skip("no Chromium is installed")


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
