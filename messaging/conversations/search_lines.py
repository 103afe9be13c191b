"""The line of a message that is shown for a hit: around the first word that was sought, with all of them marked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from messaging.conversations.content_gate import mask_cpr
from messaging.conversations.search_words import PlacedWord, SoughtWord, placed_words, readable

LONGEST = 160
BEFORE = 50
"""Letters shown before the first hit, where the line is longer than can be shown."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a line; `marked` where it is a word that was sought."""

    text: str = field(repr=False)
    marked: bool = False


def line_of_hit(text: str, words: Sequence[SoughtWord]) -> tuple[Piece, ...] | None:
    """Return the line of the text that shows the words; None if one of the words does not stand in the text.

    A personal number is found like other words, and hidden in the line.
    """
    whole = readable(text)
    if not all(_met(whole, words)):
        return None
    whole = mask_cpr(whole)
    marked = sorted(set().union(*_met(whole, words)), key=lambda one: one.start)
    first = marked[0] if marked else PlacedWord(word="", start=0, end=0)
    start, end = _around(whole, first)
    inside = [one for one in marked if start <= one.start and one.end <= end]
    return tuple(piece for piece in _pieces(whole, inside, start=start, end=end) if piece.text)


def _met(text: str, words: Sequence[SoughtWord]) -> list[set[PlacedWord]]:
    """Return, for each word sought, where it stands."""
    placed = list(placed_words(text))
    return [{one for one in placed if sought.is_met_by(one.word)} for sought in words]


def _around(text: str, first: PlacedWord) -> tuple[int, int]:
    """Return where the line around the first word begins and ends; a long one is cut between words."""
    start = text.rfind("\n", 0, first.start) + 1
    end = text.find("\n", first.end)
    end = len(text) if end < 0 else end
    if end - start > LONGEST and first.start - start > BEFORE:
        start = text.find(" ", first.start - BEFORE, first.start) + 1 or first.start - BEFORE
    if end - start > LONGEST:
        last = max(start + LONGEST, first.end)
        gap = text.rfind(" ", first.end, last)
        end = last if gap < 0 else gap
    return start, end


def _pieces(text: str, marked: Sequence[PlacedWord], *, start: int, end: int) -> list[Piece]:
    pieces = [Piece(text="… ")] if start > 0 and text[start - 1] != "\n" else []
    at = start
    for one in marked:
        pieces += [Piece(text=text[at : one.start]), Piece(text=text[one.start : one.end], marked=True)]
        at = one.end
    pieces.append(Piece(text=text[at:end]))
    if end < len(text) and text[end] != "\n":
        pieces.append(Piece(text=" …"))
    return pieces
