"""The words by which messages are found again: how a text is cut into words, and when a word sought is the same word.

Words are folded as citizens' spellings need it (`phrases.fold`) and cut to their Danish stem, so that "møderne" finds
"MØDET" and "moede". What is indexed of a message are terms: the stem of each word, and its first four and six letters
for words that are still being typed. Words that stand in nearly every message get no term.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import snowballstemmer

from messaging.conversations.phrases import fold, without_unseen

PREFIXES = (6, 4)
"""Letters of the prefixes that are indexed, the longest first."""

# fmt: off
EMPTY_WORDS = frozenset((
    "af", "at", "da", "de", "dem", "den", "der", "det", "dig", "din", "dit", "du", "en", "er", "et", "for", "fra",
    "han", "har", "hej", "hun", "i", "jeg", "med", "men", "mig", "min", "mit", "nu", "og", "om", "os", "paa", "saa",
    "som", "til", "var", "vi", "vil",
))
# fmt: on
"""Folded; too frequent to tell messages apart. A word added here is no longer found."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class PlacedWord:
    """A word of a text, folded, and where it stands in the text."""

    word: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class SoughtWord:
    """A word that must occur. `open`: its end may be missing still."""

    word: str = field(repr=False)
    stem: str = field(repr=False)
    open: bool = False

    @property
    def terms(self) -> list[str]:
        """The terms one of which a message with this word has; none for a word that nobody can look up.

        A message may have one without the word: it begins alike.
        """
        if self.word in EMPTY_WORDS:
            return []
        return [_stem_term(self.stem), *self._prefix_terms()]

    def is_met_by(self, word: str) -> bool:
        """Whether a folded word of a text is this one."""
        if self.open and word.startswith(self.word):
            return True
        return word.startswith(self.stem) and _stems([word])[0] == self.stem

    def _prefix_terms(self) -> list[str]:
        length = next((length for length in PREFIXES if len(self.word) >= length), None)
        return [_prefix_term(self.word[:length])] if self.open and length else []


def readable(text: str) -> str:
    """Return the text in the spelling in which `placed_words` counts its places."""
    return unicodedata.normalize("NFC", without_unseen(text))


def placed_words(text: str) -> Iterator[PlacedWord]:
    """Return the words of a readable text in their order."""
    for found in _WORD.finditer(text):
        yield PlacedWord(word=fold(found[0]), start=found.start(), end=found.end())


def terms_of(text: str) -> set[str]:
    """Return the terms under which a message is found."""
    words = {placed.word for placed in placed_words(readable(text))} - EMPTY_WORDS
    stems = map(_stem_term, _stems(words))
    return {*stems, *(_prefix_term(word[:length]) for word in words for length in PREFIXES if len(word) >= length)}


def sought_words(text: str) -> list[SoughtWord]:
    """Return the words somebody seeks, each once; the last may be unfinished."""
    words = list(dict.fromkeys(placed.word for placed in placed_words(readable(text))))
    last = len(words) - 1
    return [
        SoughtWord(word=word, stem=stem, open=place == last)
        for place, (word, stem) in enumerate(zip(words, _stems(words), strict=True))
    ]


def _stems(words: Collection[str]) -> list[str]:
    stems: list[str] = snowballstemmer.stemmer("danish").stemWords(list(words))  # it keeps state: one a call
    return stems


def _stem_term(stem: str) -> str:
    return f"stem {stem}"


def _prefix_term(prefix: str) -> str:
    return f"prefix {prefix}"
