"""How free text is brought to plain words, and what phrases find in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.phrases import compile_phrase, fold, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ja, kl. 9.30!", " . ja . kl 9h30 . "),
        ("Den 14/10?", " . den 14d10 ? . "),
        ("10min", " . 10 min . "),
        ("jaaaa tak", " . ja tak . "),
        ("I'm sick", " . im sick . "),
        ("på\u200b vej", " . paa vej . "),
        ("1️⃣", " . 1 . "),
        ("", " . "),
    ],
)
def test_text_becomes_plain_words(text: str, words: str) -> None:
    assert plain_words(text) == words


def test_emoji_becomes_the_word_the_caller_gives_it() -> None:
    assert plain_words("ok👍", symbols={"👍": "thumbsup"}) == " . ok thumbsup . "


@pytest.mark.parametrize("text", ["må jeg", "maa jeg", "ma jeg", "MÅ JEG", "ma\u030a jeg"])
def test_phrase_finds_every_spelling_of_danish_letters(text: str) -> None:
    assert compile_phrase("må jeg").search(plain_words(text))


@pytest.mark.parametrize(
    ("phrase", "found", "not_found"),
    [
        ("(a|b c) d", "x b c d y", "b d"),
        ("kommer [desværre] ikke", "kommer ikke", "kommer nok ikke"),
        ("vil * dø", "vil bare nu dø", "vil en to tre fire dø"),
        (". stop .", "ja. Stop!", "stop nu"),
        ("kommer .", "jeg kommer", "kommer du"),
        ("ny tid ?", "ny tid?", "ny tid."),
        ("[(en|to) gange] mere", "en gange mere", "gange"),
        ("<who> ringer", "far ringer", "hun ringer"),
        ("tid(en)?", "tiden", "tider"),
    ],
)
def test_phrase_language(phrase: str, found: str, not_found: str) -> None:
    pattern = compile_phrase(phrase, pieces={"who": "mor|far"})

    assert pattern.search(plain_words(found))
    assert not pattern.search(plain_words(not_found))


@given(st.text(max_size=200))
def test_plain_words_stand_between_single_spaces(text: str) -> None:
    words = plain_words(text)

    assert words == f" {' '.join(words.split())} "
    assert words.startswith(" . ")
    assert words.endswith(" . ")


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
