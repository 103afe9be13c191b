"""How free text from phones is read: one plain spelling, and a small language for phrases to find in it.

Citizens write Danish letters in three ways (på, paa, pa), drop punctuation, double letters and mix in English. Text is
brought to plain words once; phrases are written in ordinary Danish and match all those spellings.

A phrase is words with spaces between:

    kommer ikke          these words, one after the other
    (mødet|tiden)        one of several
    [desværre|nok]       one of several, or nothing
    *                    up to three words of any kind
    ...                  the rest of the sentence
    <day>                a named piece the caller hands over
    .                    as first or last word of the phrase: the beginning or end of a sentence
    ?                    a question mark

Inside a word regular expressions are allowed: `forsink\\w+`, `tid(en)?`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

ZERO_WIDTH = frozenset(
    map(chr, (0x00AD, 0x034F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x2061, 0x2065)))
)
BIDI = frozenset(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
TAGS = frozenset(map(chr, range(0xE0000, 0xE0080)))
VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))

_KEYCAP = "\u20e3"
_UNSEEN = ZERO_WIDTH | BIDI | TAGS | VARIATION_SELECTORS
_WITHOUT_UNSEEN = dict.fromkeys(map(ord, _UNSEEN))
_DANISH = {"æ": "ae", "ä": "ae", "ø": "oe", "ö": "oe", "å": "aa"}
_SPELLINGS = str.maketrans({"æ": "ae?", "ø": "oe?", "å": "aa?"})

_APOSTROPHES = re.compile("['’‘´`]")
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"\b(\d{1,2})[.:](\d{2})(?!\d)")
_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_ABBREVIATION = re.compile(r"\b(kl|ca|nr|tlf|mvh|vh|min)\.")
_BETWEEN_NUMBER_AND_WORD = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_STRETCHED = re.compile(r"([^\W\d_])\1\1+", re.IGNORECASE)
_SENTENCE_BEGINS, _SENTENCE_HAS_ENDED = r"(?<= [.|])", r"(?= [.|])"
"""`|` is what a caller may put in place of a phrase it has dealt with."""
_GROUP = re.compile(r"\((?!\?)")
_PUNCTUATION = re.compile(r"[^\w \t?]+")
_SENTENCE_ENDS = re.compile(r"(?: \.)+ ")


def without_unseen(text: str) -> str:
    """Drop what nobody sees: zero-width and bidi characters, tags, variation selectors."""
    return text if _UNSEEN.isdisjoint(text) else text.translate(_WITHOUT_UNSEEN)


def fold(text: str) -> str:
    """Bring letters to their plainest form: compatibility forms, case, accents; æ, ø, å become ae, oe, aa."""
    composed = unicodedata.normalize("NFKC", without_unseen(text)).casefold()
    for letter, letters in _DANISH.items():  # ten times as fast as str.translate
        composed = composed.replace(letter, letters)
    if composed.isascii():
        return composed
    decomposed = unicodedata.normalize("NFD", composed)
    return "".join(
        character for character in decomposed if not unicodedata.combining(character) and character != _KEYCAP
    )


def plain_words(text: str, *, symbols: Mapping[str, str] | None = None) -> str:
    """Return the words of a text, in lower case, with one space around each and ` . ` between sentences.

    A time becomes one word (10h30), so does a date (14d10). `symbols` gives a word for an emoji; others end a sentence.
    """
    folded = _APOSTROPHES.sub("", fold(_STRETCHED.sub(r"\1", text)))
    marked = _with_whole_numbers(_ABBREVIATION.sub(r"\1 ", folded))
    for symbol, word in (symbols or {}).items():
        marked = marked.replace(symbol, f" {word} ")
    tokens = _PUNCTUATION.sub(" . ", marked).replace("?", " ? ").split()
    return _SENTENCE_ENDS.sub(" . ", f" {' '.join(['.', *tokens, '.'])} ")


def _with_whole_numbers(text: str) -> str:
    if not _DIGIT.search(text):
        return text
    apart = _BETWEEN_NUMBER_AND_WORD.sub(" ", text)
    return _DATE.sub(r"\1d\2", _TIME.sub(r"\1h\2", apart))


def compile_phrase(phrase: str, *, pieces: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """Turn a phrase into an expression that finds it in plain words; matches begin with a space and end before one."""
    elements = list(split_phrase(phrase))
    begins, ends = elements[0] == ".", elements[-1] == "."
    inside = elements[begins : len(elements) - ends]
    expression = "".join(_element(element, pieces=pieces or {}) for element in inside)
    return re.compile((_SENTENCE_BEGINS if begins else "") + expression + (_SENTENCE_HAS_ENDED if ends else "(?= )"))


def split_phrase(phrase: str) -> Iterator[str]:
    """Split a phrase into its elements, at the spaces that stand outside all brackets."""
    depth, element = 0, ""
    for character in phrase + " ":
        depth += (character in "([") - (character in ")]")
        if character != " " or depth:
            element += character
        elif element:
            yield element
            element = ""


def _element(element: str, *, pieces: Mapping[str, str]) -> str:
    if element == "*":
        return r"(?: [\w.]+){0,3}?"
    if element == "...":
        return r"(?: [^ .?|]+)*"
    if element == "?":
        return r" \?"
    if element.startswith("["):
        return f"(?:{_element(element[1:-1], pieces=pieces)})?"
    for name, meaning in pieces.items():
        element = element.replace(f"<{name}>", f"(?:{meaning})")
    return f" (?:{_GROUP.sub('(?:', element.translate(_SPELLINGS))})"
