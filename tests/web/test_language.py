"""The pages in Danish and English: every text has its translation, and the reader's choice is kept."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from messaging.web.language import CATALOGUES, DANISH, LANGUAGES
from tests.house import House, csrf_token
from tools.catalogue import up_to_date

OTHERS = sorted(LANGUAGES.keys() - {DANISH})


@pytest.mark.parametrize("word", OTHERS)
def test_the_catalogue_holds_the_texts_of_the_code_and_no_others(word: str) -> None:
    written = (CATALOGUES / f"{word}.po").read_bytes()

    assert up_to_date(word) == written, "python -m tools.catalogue brings it up to date"


@pytest.mark.parametrize("word", OTHERS)
def test_no_text_lacks_its_translation_or_a_value_in_it(word: str) -> None:
    with (CATALOGUES / f"{word}.po").open("rb") as file:
        catalogue = read_po(file, locale=word)
    missing = [message.id for message in catalogue if message.id and not all(_strings(message.string))]
    unfit = [message.id for message in catalogue if message.id and list(message.check(catalogue))]
    asking = [message.id for message in catalogue if message.id and _values(message.string) - _values(message.id)]

    assert (missing, unfit, asking) == ([], [], [])


def _values(said: str | tuple[str, ...]) -> set[str]:
    """The names of the values that are put into a text."""
    return set(re.findall(r"%\((\w+)\)", " ".join(_strings(said))))


def test_a_browser_keeps_the_language_chosen_in_it(house: House) -> None:
    client = house.browser()
    form = {"language": "en", "csrf_token": csrf_token(client, "/sign-in")}
    answer = client.post("/language", data=form, headers={"Referer": "http://localhost/sign-in"})

    assert answer.location == "/sign-in"
    page = client.get("/sign-in").text
    assert '<html lang="en">' in page
    assert "Skip to content" in page
    assert '<html lang="da">' in house.browser().get("/sign-in").text


def test_a_language_there_is_none_of_changes_nothing(house: House) -> None:
    client = house.browser()
    client.post("/language", data={"language": "xx", "csrf_token": csrf_token(client, "/sign-in")})

    assert '<html lang="da">' in client.get("/sign-in").text


def test_catalogues_lie_where_the_package_takes_them_along() -> None:
    assert {path.stem for path in Path(CATALOGUES).glob("*.po")} == set(OTHERS)


def _strings(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)
