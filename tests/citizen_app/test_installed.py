"""The app on a phone: its manifest, the script that keeps its shell, and the page for when there is no connection."""

import io
import re
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageChops

from messaging.citizen_app.pages.installed import ROOM
from messaging.web.language import LANGUAGES
from tests.house import House
from tools.draw_icons import ICONS, IMAGES, draw

MANIFEST = "/app/manifest.webmanifest"
PAGES = ROOM / "html" / "citizen_app"


def _shell(house: House) -> dict[str, object]:
    script = house.browser().get("/app/service-worker.js").text
    found = re.match(r"const SHELL = (\{.*\});\n", script)
    assert found
    shell: dict[str, object] = house.app.json.loads(found[1])
    return shell


def test_the_manifest_names_the_app_and_opens_its_thread(house: House) -> None:
    answer = house.browser().get(MANIFEST)
    told = answer.get_json(force=True)

    assert answer.mimetype == "application/manifest+json"
    assert told["name"] == house.runtime.config.app_name
    assert (told["id"], told["scope"], told["start_url"], told["display"]) == ("/app", "/app", "/app", "standalone")


def test_a_phone_that_is_being_let_in_installs_the_same_app_which_asks_for_the_digits(house: House) -> None:
    client = house.browser()
    told = client.get("/app/start/kode/manifest.webmanifest").get_json(force=True)

    assert told["start_url"] == "/app/start/kode/open"
    assert {**told, "start_url": "/app"} == client.get(MANIFEST).get_json(force=True)


def test_every_icon_has_the_size_that_is_said_of_it(house: House) -> None:
    client = house.browser()
    for icon in client.get(MANIFEST).get_json(force=True)["icons"]:
        picture = Image.open(io.BytesIO(client.get(icon["src"], buffered=True).data))

        assert "{}x{}".format(*picture.size) == icon["sizes"]


@pytest.mark.parametrize("name", ICONS)
def test_the_icons_are_as_the_tool_draws_them(name: str) -> None:
    pixels, is_round, share = ICONS[name]
    drawn = draw(pixels, is_round=is_round, share=share)

    assert ImageChops.difference(drawn, Image.open(IMAGES / name).convert("RGBA")).getbbox() is None


def test_pages_name_the_manifest_and_may_fetch_it(house: House) -> None:
    answer = house.browser().get("/app/login")

    assert f'<link rel="manifest" href="{MANIFEST}">' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert {"manifest-src 'self'", "worker-src 'self'"} <= set(policy.split("; "))


def test_the_service_worker_may_serve_the_whole_app_and_is_asked_for_anew(house: House) -> None:
    answer = house.browser().get("/app/service-worker.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/app"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_shell_is_what_the_page_without_a_connection_needs(house: House) -> None:
    shell, client = _shell(house), house.browser()
    needed = set()
    assert set(shell["pages"]) == set(LANGUAGES)
    for path in shell["pages"].values():
        needed |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get(path).text))

    # A telephone fetches the last one when somebody installs the app.
    assert needed - {"/static/img/icon-apple-180.png"} == set(shell["files"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_without_a_connection_holds_nothing_of_anybody(house: House, language: str) -> None:
    """It is kept on the phone as it is, also when she is signed out."""
    sara = house.citizen(caseworker=house.caseworker())
    hers, nobodys = (client.get(f"/app/offline/{language}") for client in (house.phone(sara), house.browser()))

    assert hers.text == nobodys.text
    assert f'<html lang="{language}">' in nobodys.text
    assert "csrf_token" not in nobodys.text
    assert "Set-Cookie" not in nobodys.headers


def test_a_language_there_is_none_of_has_no_page(house: House) -> None:
    assert house.browser().get("/app/offline/xx").status_code == 404


def test_the_script_changes_with_the_shell_and_with_nothing_else(house: House) -> None:
    sara = house.citizen(caseworker=house.caseworker())

    assert house.browser().get("/app/service-worker.js").data == house.phone(sara).get("/app/service-worker.js").data
    assert all(urlsplit(path).netloc == "" for path in _shell(house)["files"])


def test_no_browser_keeps_what_is_written_in_a_field() -> None:
    """It would offer the words again, and bring a half-written text back after a restart. A number is her own."""
    fields = [
        (path.name, field)
        for path in sorted(PAGES.glob("*.html"))
        for field in re.findall(r"<(?:textarea|input)\b[^>]*", path.read_text())
        if not re.search(r'type="(?:hidden|radio|checkbox|file|submit|date)"', field)
    ]

    assert fields
    assert [found for found in fields if not re.search(r'autocomplete="(?:off|one-time-code|tel)"', found[1])] == []
