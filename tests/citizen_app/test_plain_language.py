"""What the app says to citizens is easy to read: every text by itself, and every page as it is drawn (LIX under 35)."""

import uuid

import pytest

from messaging.conversations.readability import EASY_BELOW, read
from messaging.web.language import LANGUAGES
from tests.access.table import TABLE, Answer, Who
from tests.citizen_app.reading import our_texts, without_values, words_of
from tests.house import House, csrf_token

FEW = 8
"""Words; of a shorter text the measure says nothing, so it counts on its page only."""

PAGES = sorted(
    route.removeprefix("GET ")
    for route, row in TABLE.items()
    if route.startswith("GET /app") and not set("<.") & set(route) and row.kind[Who.CITIZEN] is Answer.LET_IN
)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def test_every_text_to_citizens_is_easy_to_read() -> None:
    measured = {text: read(text) for text in map(without_values, our_texts()) if len(text.split()) >= FEW}
    hard = {text: found.lix for text, found in measured.items() if found and found.lix >= EASY_BELOW}

    assert len(measured) > 50
    assert hard == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_as_it_is_drawn_is_easy_to_read(house: House, sara: uuid.UUID, language: str) -> None:
    phone = house.phone(sara)
    phone.post("/language", data={"language": language, "csrf_token": csrf_token(phone, "/app/more")})
    measured = {}
    for path in PAGES:
        answer = phone.get(path, follow_redirects=True)
        assert f'<html lang="{language}"' in answer.text
        found = read(words_of(answer.text))
        assert found, path
        measured[path] = found.lix

    assert {path: lix for path, lix in measured.items() if lix >= EASY_BELOW} == {}
