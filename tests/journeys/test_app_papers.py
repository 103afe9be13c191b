"""Papers from the phone: shrunk and shown first, sent in pieces over a line that drops, received once."""

import io
import uuid
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from messaging.documents.asking import ask_for
from messaging.documents.models import Document
from messaging.documents.pieces import content_of, read_pieces
from messaging.documents.work import DocumentWork
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.web.language import LANGUAGES
from tests.documents import files
from tests.house import House
from tests.journeys.browsing import PATIENCE, TELEPHONE, faults, sign_in
from tests.journeys.in_hand import SMALL, pair, phone

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    citizen_id = house.citizen(caseworker=mette)
    by_mette = Actor(kind=ActorKind.STAFF, id=mette.id, role=mette.role, unit_id=mette.unit_id)
    with house.runtime.act(by_mette) as act:
        ask_for(act, citizen_id=citizen_id, words=["lønseddel", "CV"])
    return citizen_id


def inspect(house: House) -> None:
    while DocumentWork(runtime=house.runtime).drain():
        pass


def documents(house: House) -> list[Document]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Document)))


def photo(name: str = "IMG.jpg") -> FilePayload:
    """A photo that is larger than what a paper needs."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": files.photo(size=(3200, 2400), quality=100)}


def come(house: House, page: Page, held: Page, address: str, citizen_id: uuid.UUID) -> None:
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    pair(page, held, address)
    held.get_by_role("link", name="Papirer").click()


def test_photos_become_one_paper_with_a_receipt(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID, tmp_path: Path
) -> None:
    with phone(browser) as held:
        come(house, page, held, address, sara)
        held.get_by_label("Hvad er det?").select_option("lønseddel")
        held.get_by_label("Eller vælg filer").set_input_files([photo("1.jpg"), photo("2.jpg")])
        expect(held.get_by_text("2 billeder bliver til ét papir")).to_be_visible(timeout=PATIENCE)
        held.get_by_role("button", name="Send", exact=True).click()
        expect(held.get_by_text("Tak. Vi har fået dit papir.")).to_be_visible(timeout=PATIENCE)
        inspect(house)
        page.goto(f"{address}/conversations/{sara}")
        expect(page.get_by_role("log")).to_contain_text("Papir: lønseddel (1.pdf)")
        with page.expect_download() as saved:
            page.get_by_role("log").get_by_role("link", name="1.pdf").click()
        saved.value.save_as(tmp_path / "saved.pdf")
        assert (tmp_path / "saved.pdf").read_bytes().startswith(b"%PDF")
        held.reload()

        expect(held.get_by_role("main")).to_contain_text("set af Mette")


def test_large_picture_of_few_bytes_is_made_smaller_too(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    """A screenshot is nearly empty, and as large as a photo to whoever decodes it."""
    written = io.BytesIO()
    Image.new("RGB", (4032, 3024), "white").save(written, "PNG")
    with phone(browser) as held:
        come(house, page, held, address, sara)
        shot: FilePayload = {"name": "skærm.png", "mimeType": "image/png", "buffer": written.getvalue()}
        held.get_by_label("Eller vælg filer").set_input_files(shot)
        expect(held.get_by_text("1 fil, ")).to_be_visible(timeout=PATIENCE)
        held.get_by_role("button", name="Send", exact=True).click()
        expect(held.get_by_text("Tak. Vi har fået dit papir.")).to_be_visible(timeout=PATIENCE)
    (sent,) = documents(house)
    content = content_of(house.runtime.vault, sent)
    with Image.open(io.BytesIO(b"".join(read_pieces(house.runtime.database, house.runtime.vault, content)))) as kept:
        assert (kept.format, kept.size) == ("JPEG", (2400, 1800))


def test_line_that_drops_costs_patience_and_nothing_else(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    dropped: list[str] = []

    def drop(route: Route) -> None:
        if len(dropped) < 3:
            dropped.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    with phone(browser) as held:
        come(house, page, held, address, sara)
        held.route("**/pieces/*", drop)
        content = files.pdf(text=Random(1).randbytes(900_000))
        held.get_by_label("Eller vælg filer").set_input_files(
            {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        held.get_by_role("button", name="Send", exact=True).click()
        expect(held.get_by_text("Tak. Vi har fået dit papir.")).to_be_visible(timeout=60_000)

    assert len(dropped) == 3
    assert [document.size for document in documents(house)] == [len(content)]


def test_without_script_a_paper_is_sent_by_the_form(
    house: House, browser: Browser, page: Page, address: str, sara: uuid.UUID
) -> None:
    with phone(browser, script=False) as held:
        come(house, page, held, address, sara)
        held.get_by_label("Tag et billede").set_input_files(photo())
        held.get_by_role("button", name="Send", exact=True).click()

        expect(held.get_by_text("Tak. Vi har fået dit papir.")).to_be_visible(timeout=PATIENCE)
    assert len(documents(house)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [SMALL, TELEPHONE], ids=["320", "phone"])
def test_papers_can_be_used_by_everybody(
    house: House,
    browser: Browser,
    page: Page,
    address: str,
    sara: uuid.UUID,
    axe: str,
    size: dict[str, int],
    language: str,
) -> None:
    with phone(browser, size=size) as held:
        come(house, page, held, address, sara)
        held.get_by_label("Eller vælg filer").set_input_files(
            {"name": "låst.pdf", "mimeType": "application/pdf", "buffer": files.locked_pdf()}
        )
        held.get_by_role("button", name="Send", exact=True).click()
        expect(held.get_by_text("Tak. Vi har fået dit papir.")).to_be_visible(timeout=PATIENCE)
        if language != "da":
            held.locator(f"button[value={language}]").click()
        found = [*faults(held, axe)]
        inspect(house)
        held.goto(f"{address}/app/papers")
        found += faults(held, axe)
        page.goto(f"{address}/citizens/{sara}/documents")
        found += faults(page, axe)

    assert found == []
