"""Large letters: chosen on a phone and kept there, by whoever holds it."""

import uuid

import pytest

from messaging.citizen_app.letters import KEPT_IN, Letters, letters_of
from messaging.citizen_app.models import Opened
from tests.house import House, csrf_token

LETTERS = "/app/letters"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


@pytest.mark.parametrize("size", [Letters.LARGE, Letters.LARGEST])
def test_a_size_that_is_chosen_holds_on_every_page_of_this_browser_and_is_no_ones_business(
    house: House, sara: uuid.UUID, size: Letters
) -> None:
    phone = house.phone(sara)
    before = house.everything()
    answer = phone.post(LETTERS, data={"letters": size, "csrf_token": csrf_token(phone, LETTERS)})
    kept = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(KEPT_IN))

    assert house.everything() == before
    assert answer.location == LETTERS
    assert kept.split(";")[0] == f"{KEPT_IN}={size}"
    assert {"SameSite=Lax", "Path=/", "Max-Age=31536000"} <= set(kept.split("; "))
    for path in ("/app", "/app/more", "/app/help", "/app/helping", "/app/nowhere"):
        assert f'<html lang="da" data-letters="{size}">' in phone.get(path).text
    assert '<html lang="da">' in house.phone(sara).get("/app/more").text


def test_the_normal_size_can_be_chosen_again(house: House) -> None:
    phone = house.browser()
    for size in (Letters.LARGEST, Letters.NORMAL):
        phone.post(LETTERS, data={"letters": size, "csrf_token": csrf_token(phone, LETTERS)})

    assert '<html lang="da">' in phone.get("/app/login").text


@pytest.mark.parametrize("word", ["", "huge", 'large" onload="x', "LARGE"])
def test_a_size_there_is_none_of_is_refused_and_where_it_is_kept_means_nothing(house: House, word: str) -> None:
    phone = house.browser()
    answer = phone.post(LETTERS, data={"letters": word, "csrf_token": csrf_token(phone, LETTERS)})

    assert answer.status_code == 422
    assert letters_of({KEPT_IN: word}) is Letters.NORMAL
    assert letters_of({}) is Letters.NORMAL


@pytest.mark.parametrize("opened", [None, Opened.CODE, Opened.PAIRED])
def test_every_page_leads_to_the_sizes(house: House, sara: uuid.UUID, opened: Opened | None) -> None:
    phone = house.browser() if opened is None else house.phone(sara, opened=opened)

    for path in ("/app/login", "/app/help", "/app/letters") if opened is None else ("/app", "/app/meetings"):
        assert f'<a href="{LETTERS}">Store bogstaver</a>' in phone.get(path).text
