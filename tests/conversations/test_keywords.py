"""S14 and decision 8: bare keywords act, nothing longer does, odd characters do no harm."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.keywords import Keyword, Oddity, bare_keyword, clean_text


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "Stop.",
        "  stop \n",
        "STOP!!!",
        '"STOP"',
        "“Stop”",
        "ＳＴＯＰ",
        "S\u200bT\u200cO\u2060P",
        "\u202eSTOP\u202c",
        "\ufeffstop",
        "STOP 🛑",
        "AFMELD",
        "afmeld :-)",
        "stop" + " " * 500,
    ],
)
def test_s14_stop_is_recognised_in_every_dress(text: str) -> None:
    assert bare_keyword(text) is Keyword.STOP


@pytest.mark.parametrize(
    "text",
    [
        "afmeld mig",
        "stop nu",
        "stop stop",
        "jeg stopper lige ved Nørreport",
        "cancel",
        "END",
        "quit",
        "afmeld mødet",
        "unstop",
        "stop.start",
        "",
        "🛑",
    ],
)
def test_only_a_text_that_is_nothing_but_the_keyword_acts(text: str) -> None:
    assert bare_keyword(text) is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [("Start", Keyword.START), ("TILMELD.", Keyword.START), ("HJÆLP", Keyword.HELP), ("hjaelp?", Keyword.HELP)],
)
def test_start_and_help_are_recognised(text: str, keyword: Keyword) -> None:
    assert bare_keyword(text) is keyword


def test_s14_control_characters_are_dropped_but_newline_and_tab() -> None:
    cleaned = clean_text("a\x00b\x1b[31mc\x7f\r\nd\te")

    assert cleaned.text == "ab[31mc\nd\te"
    assert cleaned.oddities == {Oddity.CONTROL}


def test_s14_quotation_marks_sent_as_control_characters_are_kept_and_reported() -> None:
    cleaned = clean_text("that\x92s the way")

    assert cleaned.text == "that\x92s the way"
    assert cleaned.oddities == {Oddity.CONTROL}


def test_s14_lone_surrogate_is_replaced() -> None:
    cleaned = clean_text("a\ud800b")

    assert cleaned.text == "a\ufffdb"
    assert cleaned.oddities == {Oddity.LONE_SURROGATE}


def test_s14_letters_are_composed() -> None:
    assert clean_text("a\u030a").text == "å"


@pytest.mark.parametrize(
    ("text", "oddity"),
    [("\u202egpj.exe", Oddity.BIDI), ("STO\u200bP", Oddity.ZERO_WIDTH), ("a\U000e0041", Oddity.TAG)],
)
def test_s14_hidden_characters_are_kept_and_reported(text: str, oddity: Oddity) -> None:
    cleaned = clean_text(text)

    assert cleaned.text == text
    assert cleaned.oddities == {oddity}


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_s14_cleaned_text_can_always_be_stored(text: str) -> None:
    cleaned = clean_text(text).text

    assert cleaned.encode("utf-8").decode("utf-8") == unicodedata.normalize("NFC", cleaned) == cleaned
    assert not any(character < " " or character == "\x7f" for character in cleaned if character not in "\n\t")


any_text = st.text(st.characters(exclude_categories=()), max_size=300)


@given(any_text | st.sampled_from(["STOP", "start", "hjælp?", "afmeld mig", "stop med at sende mig sms'er"]))
def test_s14_blanks_after_any_text_change_nothing_in_what_is_read(text: str) -> None:
    blank = f"{text} \n"

    assert bare_keyword(blank) == bare_keyword(text)


@given(any_text.filter(str.strip))
def test_s14_a_keyword_beside_any_other_word_does_not_act(text: str) -> None:
    assert bare_keyword(f"stop møde {text}") is None


def test_s14_ten_thousand_combining_marks_do_no_harm() -> None:
    text = "a" + "\u0301" * 10_000

    assert len(clean_text(text).text) == 10_000
    assert bare_keyword(text) is None
