"""Personal numbers and names are read by one rule, whoever writes them."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.people.identity import BrokenCpr, is_name, read_cpr

TODAY = date(2027, 3, 2)


@pytest.mark.parametrize("text", ["780305-9197", "7803059197", "780305 9197", "180305-9197"])
def test_personal_number_is_read_with_and_without_raised_day(text: str) -> None:
    assert read_cpr(text, today=TODAY) == text.replace("-", "").replace(" ", "")


@given(st.text(max_size=20))
def test_any_text_is_a_personal_number_or_refused(text: str) -> None:
    with suppress(BrokenCpr):
        assert len(read_cpr(text, today=TODAY)) == 10


@pytest.mark.parametrize("text", ["", "780305919", "78030591977", "3102991234", "0203274234", "٠٣٠٣٢٧٤٢٣٤"])
def test_what_begins_with_no_day_that_has_been_is_no_personal_number(text: str) -> None:
    with pytest.raises(BrokenCpr):
        read_cpr(text, today=date(2027, 3, 1))


@pytest.mark.parametrize("name", ["Sara", "Åse-Marie", "O’Neill", "d'Arc", "Nguyễn Văn", "Jens Chr.", "Ольга", "سارة"])
def test_names_of_any_language_are_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("text", ["", " ", "Sara1", "a\nb", "x@y", "www.dr.dk/x", "-", "Sara {place}", "Sara 🙂"])
def test_what_no_message_may_call_somebody_is_no_name(text: str) -> None:
    assert not is_name(text)
