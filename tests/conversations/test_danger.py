"""Signs of danger are seen in Danish and English, and idioms are not."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.danger import Danger, DangerKind, find_danger

TODAY = date(2027, 1, 4)
HARMLESS = "harmless"


def labelled_texts() -> list[tuple[str, str]]:
    """Texts with what they are a sign of."""
    with (Path(__file__).parent / "danger_texts.tsv").open(encoding="utf-8", newline="") as lines:
        return [(label, text) for label, text in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(("label", "text"), labelled_texts())
def test_text_is_read_as_what_it_is_a_sign_of(label: str, text: str) -> None:
    danger = find_danger(text, on=TODAY)

    assert (danger.kind.value if danger else HARMLESS) == label


def test_every_kind_is_tried_with_at_least_forty_texts_and_harmless_ones_with_sixty() -> None:
    counts = Counter(label for label, _ in labelled_texts())

    assert all(counts[kind] >= 40 for kind in DangerKind)
    assert counts[HARMLESS] >= 60


@pytest.mark.parametrize(
    "text",
    [
        "JEG VIL DØ!!!",
        "jeg v\u200bil dø",
        "Jeg   vil\ndø",
        "jeg vil doe",
        "jeg vil døøøø",
        "ｊｅｇ ｖｉｌ ｄø",
        "1. Jeg vil dø 😢",
    ],
)
def test_sign_is_seen_in_every_dress(text: str) -> None:
    assert find_danger(text, on=TODAY) == Danger(kind=DangerKind.SELF_HARM, rule="self_harm.wish_to_die")


def test_idiom_does_not_hide_a_sign_beside_it() -> None:
    danger = find_danger("jeg dør af grin, men seriøst: jeg vil dø", on=TODAY)

    assert danger is not None
    assert danger.kind is DangerKind.SELF_HARM


def test_rule_is_not_in_force_before_its_day() -> None:
    assert find_danger("jeg vil dø", on=date(2025, 12, 31)) is None


def test_ordinary_texts_are_hardly_ever_flagged(shared: Path) -> None:
    texts = (shared / "data" / "sms_texts.txt").read_text(encoding="utf-8").splitlines()

    flagged = [text for text in texts if find_danger(text, on=TODAY)]

    assert len(flagged) <= len(texts) // 200


def test_ordinary_replies_are_not_flagged(shared: Path) -> None:
    replies = (shared / "data" / "replies.tsv").read_text(encoding="utf-8").splitlines()

    assert [reply for reply in replies if find_danger(reply, on=TODAY)] == []


@given(st.text(max_size=300))
def test_any_text_can_be_examined_for_danger(text: str) -> None:
    assert find_danger(text, on=TODAY) in {None, find_danger(text, on=TODAY)}
