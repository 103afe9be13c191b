"""How hard a text is to read: LIX, the Nordic measure (Björnsson 1968) that needs no dictionary.

Words in each sentence, plus how many of a hundred words are long. A short SMS gives a rough figure only, so it is told
in three plain words.
"""

import enum
import re
from dataclasses import dataclass

LONG = 6
"""Letters; a word with more is long."""

EASY_BELOW = 35
HARD_FROM = 45

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"[.!?:…]+(?=\s+[^a-zæøå\d\s]|\s*$)|\n+")
"""A stop before a small letter or a figure ends nothing: "kl. 10.30", "ca. 20 min."."""


class Difficulty(enum.StrEnum):
    """How hard a text is to read, in three steps."""

    EASY = "easy"
    MIDDLING = "middling"
    HARD = "hard"


@dataclass(frozen=True, kw_only=True)
class Readability:
    """The figure, rounded, and the step it falls into."""

    lix: int

    @property
    def difficulty(self) -> Difficulty:
        """The step."""
        if self.lix < EASY_BELOW:
            return Difficulty.EASY
        return Difficulty.HARD if self.lix >= HARD_FROM else Difficulty.MIDDLING


def read(text: str) -> Readability | None:
    """Return how hard a text is to read; None for a text without words. Figures are no words."""
    words = [word for word in _WORD.findall(text) if _LETTER.search(word)]
    if not words:
        return None
    sentences = [part for part in _SENTENCE_END.split(text) if _LETTER.search(part)]
    long = sum(len(word) > LONG for word in words)
    return Readability(lix=round(len(words) / max(1, len(sentences)) + 100 * long / len(words)))
