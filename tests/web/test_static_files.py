"""Our own files are compressed for whoever takes them so, and for nobody else."""

import gzip

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.house import House

FILE = "/static/css/app.css"
TAKES_IT = {"Accept-Encoding": "gzip, deflate, br"}


def _get(client: FlaskClient, path: str, headers: dict[str, str]) -> TestResponse:
    """Ask for a file, and read it to its end."""
    return client.get(path, headers=headers, buffered=True)


def test_a_style_sheet_comes_compressed_to_whoever_takes_it_so(house: House) -> None:
    plain, packed = (_get(house.browser(), FILE, headers) for headers in ({}, TAKES_IT))

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert {answer.headers["Vary"] for answer in (plain, packed)} == {"Accept-Encoding"}


def test_who_refuses_compression_gets_none(house: House) -> None:
    answer = _get(house.browser(), FILE, {"Accept-Encoding": "gzip;q=0, identity"})

    assert "Content-Encoding" not in answer.headers


def test_each_form_of_a_file_is_known_again_by_its_own_mark(house: House) -> None:
    client = house.browser()
    plain, packed = (_get(client, FILE, headers) for headers in ({}, TAKES_IT))

    assert plain.headers["ETag"] != packed.headers["ETag"]
    for answer, headers in ((plain, {}), (packed, TAKES_IT)):
        again = _get(client, FILE, {**headers, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_picture_is_served_as_it_is(house: House) -> None:
    answer = _get(house.browser(), "/static/img/icon-192.png", TAKES_IT)

    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"\x89PNG")


def test_a_page_which_holds_secrets_is_not_compressed(house: House) -> None:
    """Its length would tell of them to whoever can put words of their own beside them."""
    assert "Content-Encoding" not in house.browser().get("/sign-in", headers=TAKES_IT).headers


def test_a_file_that_is_not_there_is_not_found(house: House) -> None:
    assert house.browser().get("/static/css/none.css", headers=TAKES_IT).status_code == 404
    assert house.browser().get("/static/css/../../app.py", headers=TAKES_IT).status_code == 404
