"""LIX by hand, and the three words for it."""

import pytest

from messaging.conversations.readability import Difficulty, Readability, read


def test_lix_is_words_a_sentence_and_long_words_in_a_hundred() -> None:
    # Ten words in two sentences, two of them longer than six letters: 5 + 20.
    reading = read("Vi ses på torsdag hos os. Husk at have papirerne med.")

    assert reading is not None
    assert reading.lix == round(11 / 2 + 100 * 2 / 11)


def test_stop_in_a_time_or_an_abbreviation_ends_no_sentence() -> None:
    assert read("Kom to. 4/3 kl. 10.30 og bliv ca. 20 min. hos os") == read(
        "Kom to 4/3 kl 10.30 og bliv ca 20 min hos os"
    )


@pytest.mark.parametrize("text", ["", "  ", "10.30", "😀 …"])
def test_what_has_no_words_has_no_figure(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("lix", "difficulty"),
    [(0, Difficulty.EASY), (34, Difficulty.EASY), (35, Difficulty.MIDDLING), (45, Difficulty.HARD)],
)
def test_figure_is_told_in_three_steps(lix: int, difficulty: Difficulty) -> None:
    assert Readability(lix=lix).difficulty is difficulty
