"""A book finds what trying its phrases one after the other finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.danger import _RULES, PhraseBook
from messaging.conversations.phrase_book import BookedPhrase, book, telling_words
from messaging.conversations.phrases import plain_words
from tests.conversations.test_danger import labelled_texts

PHRASES: tuple[BookedPhrase[int], ...] = tuple(
    BookedPhrase(pattern=phrase.pattern, telling=phrase.telling, meaning=number)
    for number, phrase in enumerate(phrase for rule in _RULES for phrase in rule.phrases)
)
BOOK = PhraseBook(PHRASES)
VOCABULARY = sorted({word for _, text in labelled_texts() for word in text.split()})


def one_by_one(words: str) -> int | None:
    return next((phrase.meaning for phrase in PHRASES if phrase.pattern.search(words)), None)


@pytest.mark.parametrize("text", [text for _, text in labelled_texts()])
def test_book_finds_in_real_texts_what_each_phrase_finds(text: str) -> None:
    assert BOOK.find(plain_words(text)) == one_by_one(plain_words(text))


@given(st.lists(st.sampled_from(VOCABULARY), max_size=12).map(" ".join).map(plain_words))
def test_book_finds_in_any_mixture_of_words_what_each_phrase_finds(words: str) -> None:
    assert BOOK.find(words) == one_by_one(words)


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("jeg vil dræbe", {"draebe", "drabe"}),
        ("(slå|tæve) mig", {"slaa", "sla", "taeve", "tave"}),
        ("[jeg] (har fået|fik) nok", {"har", "faaet", "faet", "fik"} - {"har"}),
        ("selvmord\\w*", set()),
        ("mere(?! end)", set()),
        ("(mit (liv|hele liv)|alt)", set()),
        ("* <who> ...", set()),
    ],
)
def test_telling_words_are_those_without_which_nothing_matches(phrase: str, words: set[str]) -> None:
    assert telling_words(phrase) == words


def test_first_phrase_of_the_book_counts() -> None:
    earlier, later = (book("mig", number, pieces={}) for number in (1, 2))

    assert PhraseBook([earlier, later]).find(plain_words("mig")) == 1
