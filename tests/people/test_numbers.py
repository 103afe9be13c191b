"""Numbers as people write them become E.164, or a reason why they can be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.people.numbers import last_digits, read_number


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("24101921", "+4524101921"),
        ("24 10 19 21", "+4524101921"),
        ("+45 24-10-19-21", "+4524101921"),
        ("0045 24101921", "+4524101921"),
        (" 24101921\n", "+4524101921"),
        ("+46 70 123 45 67", "+46701234567"),
        ("004917612345678", "+4917612345678"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, e164: str) -> None:
    number = read_number(written)

    assert (number.e164, number.doubtful, number.reason) == (e164, False, None)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        (" \t", "empty"),
        ("ring til mor", "not_a_number"),
        ("+", "not_a_number"),
        ("2" * 41, "not_a_number"),
        ("2410192", "not_possible"),
        ("241019211", "not_possible"),
        ("112", "not_possible"),
    ],
)
def test_what_can_be_no_number_is_refused_with_a_reason(written: str, reason: str) -> None:
    number = read_number(written)

    assert (number.e164, number.reason) == (None, reason)


def test_a_number_the_numbering_plan_does_not_know_is_read_with_a_doubt() -> None:
    number = read_number("10101921")

    assert (number.e164, number.doubtful) == ("+4510101921", True)


def test_a_number_is_not_shown_where_values_are_printed() -> None:
    assert "24101921" not in repr(read_number("24101921"))


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_has_a_reason(text: str) -> None:
    number = read_number(text)

    assert (number.e164 is None) == (number.reason is not None)


@given(st.integers(min_value=20_000_000, max_value=99_999_999))
def test_a_number_once_read_is_read_as_itself(digits: int) -> None:
    once = read_number(str(digits)).e164

    assert once is not None
    assert read_number(once).e164 == once


def test_staff_know_a_number_by_its_last_four_digits() -> None:
    assert last_digits("+4524101921") == "1921"
