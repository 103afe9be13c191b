"""S17: what never leaves by SMS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.content_gate import ContentClass, HoldReason, examine


@pytest.mark.parametrize(
    "text",
    [
        "310597-4123 er mit cpr",
        "3105974123",
        "Dit nummer er 310597 4123.",
        "310597 - 4123",
        "310597.4123",
        "310597\n4123",
        "31.05.97-4123",
        "31/05-97 4123",
        "31 05 97 41 23",
        "31051997-4123",
        "910597-4123 har raised day",
        "290200-4123",
        "3 1 0 5 9 7 4 1 2 3",
        "3-1-0-5-9-7-4-1-2-3",
        "３１０５９７-４１２３",
        "310597\u20134123",
        "310597\u00a04123",
        "31\u200b0597-4123",
        "cpr:310597-4123,tak",
    ],
)
def test_s17_personal_number_is_held_in_every_way_of_writing_it(text: str) -> None:
    assert [hold.reason for hold in examine(text)] == [HoldReason.CPR]


@pytest.mark.parametrize(
    "text",
    [
        "Ring 20 30 40 50",
        "+45 31 05 97 41",
        "004531059741",
        "12345678901",
        "ordre 13105974123",
        "31059741234",
        "310297-4123",
        "320197-4123",
        "311397-4123",
        "Mødet er to. 14/10 kl. 10.30",
        "14-10-2027 10:30",
        "14.10.27 10.30",
        "290201-4123",
        "1 2 3 4 5 6 7 8 9 10",
    ],
)
def test_s17_other_numbers_pass(text: str) -> None:
    assert examine(text) == ()


@pytest.mark.parametrize(
    "text", ["https://kk.dk", "HTTP://x", "se www.kk.dk", "kk.dk", "gå ind på ungecenter.kk.dk.", "bit.ly/3abc"]
)
def test_link_is_held(text: str) -> None:
    assert [hold.reason for hold in examine(text)] == [HoldReason.LINK]


@pytest.mark.parametrize("text", ["mette@kk.dk", "Vi ses.Husk cv", "kl.10.30", "mor/far", "vi ses.nu", "1.sal/th"])
def test_what_only_looks_like_a_link_passes(text: str) -> None:
    assert examine(text) == ()


def test_s17_text_marked_for_login_only_is_held() -> None:
    holds = examine("Din plan er klar.", content_class=ContentClass.LOGIN_ONLY)

    assert [hold.reason for hold in holds] == [HoldReason.LOGIN_ONLY]


def test_every_reason_is_given_with_a_sentence() -> None:
    holds = examine("310597-4123 på https://kk.dk", content_class=ContentClass.LOGIN_ONLY)

    assert {hold.reason for hold in holds} == set(HoldReason)
    assert all(hold.sentence.endswith(".") for hold in holds)


@given(
    st.dates().map(lambda day: day.strftime("%d%m%y")),
    st.integers(0, 9999),
    st.sampled_from(["", "-", " ", ".", " - "]),
    st.text(alphabet="abc ,!", max_size=20),
)
def test_s17_every_date_with_four_digits_is_held(day: str, number: int, gap: str, around: str) -> None:
    assert HoldReason.CPR in {hold.reason for hold in examine(f"{around}{day}{gap}{number:04d}{around}")}


@given(st.text(max_size=200))
def test_any_text_can_be_examined(text: str) -> None:
    assert {hold.reason for hold in examine(text)} <= {HoldReason.CPR, HoldReason.LINK}
