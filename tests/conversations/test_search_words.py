"""How texts become terms, and when a word of a text is the word that is sought."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.search_words import placed_words, readable, sought_words, terms_of


def is_found(text: str, by: str) -> bool:
    """Whether the index would lead to the text, and its words then prove that it is meant."""
    terms, words = terms_of(text), [placed.word for placed in placed_words(readable(text))]
    return all(
        (not sought.terms or terms & set(sought.terms)) and any(map(sought.is_met_by, words))
        for sought in sought_words(by)
    )


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Jeg kan ikke nå mødet i morgen", "MØDE"),
        ("Jeg kan ikke nå moedet i morgen", "møderne"),
        ("Ses vi til samtalen?", "samtaler"),
        ("Min regning er ikke betalt", "regninger"),
        ("Jeg er på Café Smagløs", "cafe"),
        ("syg\u200bdom", "sygdom"),
        ("ｓｙｇ i dag", "syg"),
        ("Det er kl. 10.30", "10.30"),
        ("Skolepraktikken er slut", "skolep"),
        ("Skolepraktikken er slut", "skoleprak"),
        ("Skolepraktikken er slut", "skole"),
        ("Hun kommer fra skolen i dag", "kommer fra skolen"),
    ],
)
def test_text_is_found_by(text: str, by: str) -> None:
    assert is_found(text, by)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Jeg er syg", "rask"),
        ("Jeg er syg", "syg bil"),
        ("Skolepraktikken er slut", "skole slut"),
        ("Skolepraktikken er slut", "skolepenge"),
        ("Jeg er syg", "jeg er"),
        ("Regnbuen", "regnskab"),
    ],
)
def test_text_is_not_found_by(text: str, by: str) -> None:
    terms = {term for sought in sought_words(by) for term in sought.terms}

    assert not terms or not is_found(text, by)


def test_stems_and_prefixes_stay_as_they_were() -> None:
    """A new way of stemming would leave what is indexed behind."""
    assert terms_of("Jeg kommer til mødet om skolepraktikken") == {
        "stem kom",
        "prefix komm",
        "prefix kommer",
        "stem moed",
        "prefix moed",
        "prefix moedet",
        "stem skolepraktik",
        "prefix skol",
        "prefix skolep",
    }


def test_only_the_last_word_may_be_unfinished() -> None:
    assert [sought.open for sought in sought_words("skolepraktik slut")] == [False, True]


def test_words_of_nearly_every_message_cannot_be_looked_up() -> None:
    assert [sought.terms for sought in sought_words("jeg er på")] == [[], [], []]


def test_text_without_words_has_no_terms() -> None:
    assert terms_of("👍 …") == set()


@given(st.text(max_size=60))
def test_every_text_is_found_by_each_word_it_holds(text: str) -> None:
    whole = readable(text)

    assert all(is_found(text, whole[placed.start : placed.end]) for placed in placed_words(whole))
