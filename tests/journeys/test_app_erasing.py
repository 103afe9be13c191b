"""Nothing of what is read and written in the app can be found on the phone: in no storage, in no file of the browser.

The phone is a browser with a profile on disk. It is searched for two words that stand nowhere else: one that was read,
and one that was written.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from messaging.citizen_app.models import AppSession, EndedBy, OutboxKey
from messaging.citizen_app.pages.doors import cookie_name
from messaging.citizen_app.sessions import end_all
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.actors import SYSTEM
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.house import House
from tests.journeys.browsing import PATIENCE, TELEPHONE
from tests.journeys.in_hand import let_in
from tests.journeys.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

READ = f"laest{uuid.uuid4().hex}"
WRITTEN = f"skrevet{uuid.uuid4().hex}"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")

KEPT = """async () => {
    const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const asked of await cache.keys()) found.push(asked.url, await (await cache.match(asked)).text());
    }
    const done = (asked) => new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            found.push(JSON.stringify(await done(database.transaction(store).objectStore(store).getAll())));
        }
        database.close();
    }
    return found.join("\\n");
}"""
"""All that scripts can find in the browser."""
LEFT = """async () => [
    localStorage.length,
    sessionStorage.length,
    (await caches.keys()).length,
    (await indexedDB.databases()).length,
    (await navigator.serviceWorker.getRegistrations()).length,
]"""
"""How much there is of each."""


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen to whom her caseworker has written."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=citizen_id,
            text=READ,
            content_class=ContentClass.LOGIN_ONLY,
            author=Author.CASEWORKER,
            author_id=mette.id,
        )
    return citizen_id


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The folder in which the phone's browser keeps what it keeps."""
    return tmp_path / "profile"


@pytest.fixture
def switch_on(browser: Browser, chromium: Path, profile: Path) -> Callable[[], AbstractContextManager[Page]]:
    """Holds the phone for a while; afterwards its browser is closed, and everything is written to disk."""

    @contextmanager
    def hold() -> Iterator[Page]:
        with browser.browser_type.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=CHROMIUM_ARGUMENTS,
            viewport=TELEPHONE,
            locale="da-DK",
            timezone_id="Europe/Copenhagen",
            has_touch=True,
        ) as context:
            yield context.pages[0]

    return hold


def _on_disk(profile: Path, *words: str) -> list[str]:
    """Name the files of the browser in which one of these words can be read, in whatever encoding."""
    wanted = [word.encode(encoding) for word in words for encoding in ENCODINGS]
    files = {path: path.read_bytes() for path in profile.rglob("*") if path.is_file() and not path.is_symlink()}
    assert sum(map(len, files.values())) > 100_000, "this is no browser's folder"
    return [str(path.relative_to(profile)) for path, content in files.items() if any(one in content for one in wanted)]


def _open(held: Page, address: str) -> None:
    held.goto(f"{address}/app")
    expect(held.get_by_role("log")).to_contain_text(READ)
    held.evaluate("navigator.serviceWorker.ready.then(() => true)")


def _write(held: Page) -> None:
    held.get_by_label("Skriv til din sagsbehandler").fill(WRITTEN)
    held.locator("form[data-answer] button").click()
    expect(held.get_by_role("log")).to_contain_text(WRITTEN)


Hold = Callable[[], AbstractContextManager[Page]]


def test_what_is_read_and_what_waits_can_be_found_nowhere_on_the_phone(
    house: House, switch_on: Hold, profile: Path, address: str, line: Line, sara: uuid.UUID
) -> None:
    with switch_on() as held:
        let_in(house, held.context, address, sara)
        _open(held, address)
        line.is_cut = True
        held.context.set_offline(True)
        _write(held)
        expect(held.locator("#waiting")).to_have_text("1 besked venter på forbindelse.")
        held.get_by_label("Skriv til din sagsbehandler").fill(f"{WRITTEN} og mere")
        kept = held.evaluate(KEPT)
        assert '"sealed"' in kept
        assert READ not in kept
        assert WRITTEN not in kept
        assert _on_disk(profile, READ, WRITTEN) == []
    assert _on_disk(profile, READ, WRITTEN) == []

    line.is_cut = False
    with switch_on() as held:
        _open(held, address)
        expect(held.get_by_role("log")).to_contain_text(WRITTEN, timeout=PATIENCE)
    assert _on_disk(profile, READ, WRITTEN) == []


def test_signing_out_leaves_nothing(
    house: House, switch_on: Hold, profile: Path, address: str, sara: uuid.UUID
) -> None:
    with switch_on() as held:
        let_in(house, held.context, address, sara)
        _open(held, address)
        _write(held)
        held.goto(f"{address}/app/more")
        held.get_by_role("button", name="Log ud").click()
        expect(held.get_by_role("heading", name="Log ind")).to_be_visible(timeout=PATIENCE)

        assert held.evaluate(LEFT) == [0, 0, 0, 0, 0]
        assert _tokens(house, held) == []
        for _ in range(2):
            held.go_back()
            expect(held.get_by_role("heading", name="Log ind")).to_be_visible()
    assert _on_disk(profile, READ, WRITTEN) == []


@pytest.mark.parametrize("happened", ["ended", "erased"])
def test_a_session_that_is_ended_elsewhere_leaves_nothing(
    house: House, switch_on: Hold, profile: Path, address: str, line: Line, sara: uuid.UUID, happened: str
) -> None:
    with switch_on() as held:
        let_in(house, held.context, address, sara)
        _open(held, address)
        with line.away(held.context):
            _write(held)
            _end(house, sara, happened)
        expect(held.get_by_role("heading", name="Log ind")).to_be_visible(timeout=PATIENCE)

        assert held.evaluate(LEFT) == [0, 0, 0, 0, 0]
        assert _tokens(house, held) == []
    assert _on_disk(profile, READ, WRITTEN) == []
    assert line.sent == ["410"]


def _end(house: House, citizen_id: uuid.UUID, happened: str) -> None:
    if happened == "ended":
        with house.runtime.act(SYSTEM) as act:
            end_all(act, citizen_id=citizen_id, ended_by=EndedBy.SYSTEM)
        return
    with house.runtime.database.write() as session:
        for table in (OutboxKey, AppSession):
            session.execute(sa.delete(table))


def _tokens(house: House, held: Page) -> list[str]:
    """The tokens of the app that the browser still has."""
    name = cookie_name(house.runtime.config)
    return [cookie["value"] for cookie in held.context.cookies() if cookie["name"] == name]


@pytest.mark.parametrize(
    "keeps",
    [
        "localStorage.word = word",
        "sessionStorage.word = word",
        "caches.open('x').then((cache) => cache.put('/word', new Response(word)))",
        """new Promise((resolve) => {
            const asked = indexedDB.open("x", 1);
            asked.onupgradeneeded = () => asked.result.createObjectStore("x").add(word, 1);
            asked.onsuccess = () => (asked.result.close(), resolve());
        })""",
    ],
    ids=["localStorage", "sessionStorage", "caches", "indexedDB"],
)
def test_the_search_finds_what_a_page_keeps(switch_on: Hold, profile: Path, address: str, keeps: str) -> None:
    word = f"synlig{uuid.uuid4().hex}"
    with switch_on() as held:
        held.goto(f"{address}/app/login")
        held.evaluate(f"async (word) => {{ await ({keeps}); }}", word)
        assert word in held.evaluate(KEPT)

    assert _on_disk(profile, word) != []
