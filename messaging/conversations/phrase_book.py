"""Many phrases at once: which of them stand in a text, asked by its words instead of trying each phrase on it.

Most texts hold none of hundreds of phrases. A phrase is tried only if a word that every match of it holds is there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from messaging.conversations.phrases import compile_phrase, split_phrase

T = TypeVar("T")

_BRACKETS = frozenset("()[]")
_SPELLINGS = {"æ": ("ae", "a"), "ø": ("oe", "o"), "å": ("aa", "a")}


@dataclass(frozen=True, kw_only=True)
class BookedPhrase(Generic[T]):
    """A phrase and what it means. Every match holds one of the `telling` words; if there are none, always try it."""

    pattern: re.Pattern[str]
    telling: frozenset[str]
    meaning: T


class PhraseBook(Generic[T]):
    """Phrases in an order in which the first one found counts."""

    def __init__(self, phrases: Iterable[BookedPhrase[T]]) -> None:
        self._phrases = tuple(phrases)
        self._always = frozenset(number for number, phrase in enumerate(self._phrases) if not phrase.telling)
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for number, phrase in enumerate(self._phrases):
            for word in phrase.telling:
                self._by_word[word].add(number)

    def find(self, words: str) -> T | None:
        """Return the meaning of the first phrase that stands in these plain words."""
        told = (self._by_word[word] for word in self._by_word.keys() & words.split())
        for number in sorted(self._always.union(*told)):
            if self._phrases[number].pattern.search(words):
                return self._phrases[number].meaning
        return None


def book(phrase: str, meaning: T, *, pieces: dict[str, str]) -> BookedPhrase[T]:
    """Compile a phrase for a book."""
    return BookedPhrase(pattern=compile_phrase(phrase, pieces=pieces), telling=telling_words(phrase), meaning=meaning)


def telling_words(phrase: str) -> frozenset[str]:
    """Return words of which every match of the phrase holds one, in all their spellings; the longest there are."""
    certain = [words for element in split_phrase(phrase) if (words := _one_of(element))]
    return max(certain, key=lambda words: min(map(len, words)), default=frozenset())


def _one_of(element: str) -> frozenset[str]:
    """Return the words of which an element holds one; none if it can do without, or is more than plain words."""
    inside = element[1:-1] if element.startswith("(") else element
    longest = [max(alternative.split(), key=len, default="") for alternative in inside.split("|")]
    if not _BRACKETS.isdisjoint(inside) or not all(word.isalpha() for word in longest):
        return frozenset()
    return frozenset(spelling for word in longest for spelling in _spellings(word))


def _spellings(word: str) -> Iterable[str]:
    return ("".join(letters) for letters in product(*(_SPELLINGS.get(letter, (letter,)) for letter in word)))
