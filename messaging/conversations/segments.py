"""How many SMS a text becomes, and how to keep it small.

GSM 03.38 (3GPP TS 23.038) carries 160 septets in one part and 153 in each of several; its extension characters take
two. Any other character turns the whole text into UCS-2: 70 code units in one part, 67 in each of several.
"""

import enum
import itertools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from gsm0338.charset import BASIC_CHARACTER_SET, BASIC_CHARACTER_SET_EXTENSION


class Encoding(enum.StrEnum):
    """How the text travels."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, kw_only=True)
class Segments:
    """The size of a text as SMS.

    `units` are septets or 16-bit code units used by the text, `count` the parts, `remaining` the units still free in
    the last part, `offending` the different characters that forced UCS-2, in order of appearance.
    """

    encoding: Encoding
    units: int
    count: int
    remaining: int
    offending: tuple[str, ...] = ()


_ESCAPE = 0x1B


GSM_SEPTETS = {
    **{unicodedata.lookup(name): 2 for code, name in BASIC_CHARACTER_SET_EXTENSION.items() if code != _ESCAPE},
    **{unicodedata.lookup(name): 1 for code, name in BASIC_CHARACTER_SET.items() if code != _ESCAPE},
}
"""Septets of every character GSM 03.38 has."""

_REPLACEMENTS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "•": "-",
        "\t": " ",
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
    }
)
_TYPOGRAPHIC = re.compile(f"[{re.escape(''.join(map(chr, _REPLACEMENTS)))}]")
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
)


def measure(text: str) -> Segments:
    """Count the parts a text is sent in; a character that takes two units is never divided between two parts."""
    if not GSM_SEPTETS.keys() >= set(text):
        offending = tuple(dict.fromkeys(character for character in text if character not in GSM_SEPTETS))
        units, count, remaining = _fill(text, size=_code_units, single=70, joined=67)
        return Segments(encoding=Encoding.UCS_2, units=units, count=count, remaining=remaining, offending=offending)
    units, count, remaining = _fill(text, size=GSM_SEPTETS.__getitem__, single=160, joined=153)
    return Segments(encoding=Encoding.GSM_7, units=units, count=count, remaining=remaining)


def make_gsm(text: str, *, drop_emoji: bool = False) -> str:
    """Replace typographic characters by the plain ones GSM has, and compose letters (NFC).

    Letters of any language are left as they are.
    """
    plain = unicodedata.normalize("NFC", text)
    if _TYPOGRAPHIC.search(plain):  # most texts have none, and looking is far cheaper than replacing
        plain = plain.translate(_REPLACEMENTS)
    if drop_emoji:
        without = EMOJI.sub("", plain)
        plain = "\n".join(re.sub(" {2,}", " ", line).rstrip() for line in without.split("\n"))
    return unicodedata.normalize("NFC", plain)  # again: what went may have stood between a letter and its mark


def _fill(text: str, *, size: Callable[[str], int], single: int, joined: int) -> tuple[int, int, int]:
    sizes = list(map(size, text))
    units = sum(sizes)
    if units <= single:
        return units, min(units, 1), single - units
    used = list(itertools.accumulate(sizes, lambda filled, size: _after(filled, size=size, capacity=joined)))[-1]
    count = -(-used // joined)
    return units, count, count * joined - used


def _after(filled: int, *, size: int, capacity: int) -> int:
    room = -filled % capacity
    return filled + size if room == 0 or size <= room else filled + room + size


def _code_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1
