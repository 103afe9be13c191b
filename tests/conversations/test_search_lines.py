"""The line that is shown for a hit."""

import pytest

from messaging.conversations.search_lines import LONGEST, line_of_hit
from messaging.conversations.search_words import sought_words


def shown(text: str, by: str) -> str | None:
    line = line_of_hit(text, sought_words(by))
    return None if line is None else "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in line)


@pytest.mark.parametrize(
    ("text", "by", "line"),
    [
        ("Ses vi til mødet?", "møde", "Ses vi til [mødet]?"),
        ("Møde? Ja, MØDET!", "møde", "[Møde]? Ja, [MØDET]!"),
        ("Hej\nSes vi til mødet?\nMvh Sara", "møde", "Ses vi til [mødet]?"),
        ("Ses vi til mo\u0308det?", "møde", "Ses vi til [m\u00f6det]?"),
        ("syg\u200bdom", "sygdom", "[sygdom]"),
        ("Ses vi til mødet?", "", "Ses vi til mødet?"),
        ("Ses vi til mødet?", "samtale", None),
        ("👍", "", "👍"),
    ],
)
def test_line_shows_the_words(text: str, by: str, line: str | None) -> None:
    assert shown(text, by) == line


def test_long_line_is_cut_between_words_around_the_first_hit() -> None:
    line = shown(f"{'forinden ' * 20}mødet {'derefter ' * 20}", "møde")

    assert line
    assert line.startswith("… forinden forinden")
    assert "[mødet]" in line
    assert line.endswith("derefter …")
    assert len(line) <= LONGEST + len("… […") + 2


@pytest.mark.parametrize("text", ["a" * 400, "a" * 400 + " mødet " + "b" * 400, "mødet" + "b" * 400])
def test_text_without_gaps_is_cut_all_the_same(text: str) -> None:
    line = shown(text, "mødet" if "mødet " in text else "")

    assert line
    assert len(line) <= LONGEST + 10


@pytest.mark.parametrize("by", ["nummer", "010199", "nummer 1234"])
def test_a_personal_number_is_found_and_stays_hidden(by: str) -> None:
    line = shown("Mit nummer er 010199-1234, hej", by)

    assert line is not None
    assert line.replace("[nummer]", "nummer") == "Mit nummer er ••••••-••••, hej"
