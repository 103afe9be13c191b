"""How many SMS a text becomes, against the tables of 3GPP TS 23.038."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.conversations.segments import GSM_SEPTETS, Encoding, make_gsm, measure

gsm_texts = st.text(alphabet=sorted(GSM_SEPTETS), max_size=700)
ucs_texts = st.text(max_size=300).map(lambda text: text + "ł")


@pytest.mark.parametrize(
    ("text", "count", "remaining"),
    [
        ("", 0, 160),
        ("a" * 160, 1, 0),
        ("a" * 161, 2, 145),
        ("a" * 306, 2, 0),
        ("a" * 307, 3, 152),
        ("æøåÆØÅéäö" * 17, 1, 7),
        ("€" * 80, 1, 0),
        ("€" * 81, 2, 304 - 162 + 1),
        ("€[]{}~^|\\", 1, 142),
        ("a" * 900, 6, 18),
        ("a" * 1600, 11, 83),
    ],
)
def test_gsm_text_takes_160_septets_alone_and_153_in_each_of_several(text: str, count: int, remaining: int) -> None:
    size = measure(text)

    assert (size.encoding, size.count, size.remaining) == (Encoding.GSM_7, count, remaining)


@pytest.mark.parametrize(
    ("text", "count", "remaining"),
    [("ł" * 70, 1, 0), ("ł" * 71, 2, 63), ("😀" * 35, 1, 0), ("😀" * 36, 2, 61), ("ł" * 134, 2, 0), ("ł" * 135, 3, 66)],
)
def test_other_text_takes_70_code_units_alone_and_67_in_each_of_several(text: str, count: int, remaining: int) -> None:
    size = measure(text)

    assert (size.encoding, size.count, size.remaining) == (Encoding.UCS_2, count, remaining)


def test_extension_character_is_not_divided_between_two_parts() -> None:
    size = measure("a" * 152 + "€" + "a" * 151)

    assert (size.units, size.count, size.remaining) == (305, 2, 0)


def test_surrogate_pair_is_not_divided_between_two_parts() -> None:
    size = measure("ł" * 66 + "😀" + "ł" * 65)

    assert (size.units, size.count, size.remaining) == (133, 2, 0)


def test_characters_that_force_ucs_2_are_named_once_in_their_order() -> None:
    assert measure("Vi ses – på “torget” – 🙂").offending == ("–", "“", "”", "🙂")


def test_escape_character_is_no_letter_of_gsm() -> None:
    assert measure("\x1b").encoding is Encoding.UCS_2


@given(gsm_texts)
def test_parts_of_gsm_text_are_as_many_as_filling_them_one_by_one(text: str) -> None:
    assert measure(text).count == parts_by_filling([GSM_SEPTETS[c] for c in text], alone=160, joined=153)


@given(ucs_texts)
def test_parts_of_other_text_are_as_many_as_filling_them_one_by_one(text: str) -> None:
    sizes = [len(c.encode("utf-16-le", "surrogatepass")) // 2 for c in text]

    assert measure(text).count == parts_by_filling(sizes, alone=70, joined=67)


@given(st.text(max_size=200), st.characters())
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert measure(text + more).count >= measure(text).count


@given(gsm_texts)
def test_remaining_characters_fit_exactly(text: str) -> None:
    size = measure(text)

    assert measure(text + "a" * size.remaining).count == max(size.count, 1)
    assert measure(text + "a" * (size.remaining + 1)).count == max(size.count, 1) + 1


def test_typographic_characters_become_plain_ones() -> None:
    assert make_gsm("Kom kl.\u00a010 – “husk” det…") == 'Kom kl. 10 - "husk" det...'


@given(st.text(alphabet=sorted(set(GSM_SEPTETS) - {"\t"}), max_size=100))
def test_gsm_text_is_left_as_it_is(text: str) -> None:
    assert make_gsm(text) == text


@given(st.text(max_size=100))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = make_gsm(text, drop_emoji=True)

    assert make_gsm(once, drop_emoji=True) == once


def test_emoji_stays_unless_asked_to_go() -> None:
    assert make_gsm("Fint 👍🏽 vi ses ❤️") == "Fint 👍🏽 vi ses ❤️"
    assert make_gsm("Fint 👍🏽 vi ses ❤️", drop_emoji=True) == "Fint vi ses"


def test_letters_of_a_name_are_not_changed() -> None:
    assert make_gsm("Łukasz Yılmaz", drop_emoji=True) == "Łukasz Yılmaz"


def test_letters_are_composed() -> None:
    assert make_gsm("Pa\u030a gensyn, Zoe\u0301") == "På gensyn, Zoé"


def parts_by_filling(sizes: list[int], *, alone: int, joined: int) -> int:
    """Fill part after part, the way a phone does it."""
    if sum(sizes) <= alone:
        return min(sum(sizes), 1)
    parts, room = 1, joined
    for size in sizes:
        if size > room:
            parts, room = parts + 1, joined
        room -= size
    return parts


@pytest.mark.parametrize(
    "text", ["\u202ea\u202c", "a\u200bb\u200d\ufeff", "\x1b[31m", "\x00", "e" + "\u0301" * 10_000, "\ufffd", "\u2028"]
)
def test_s14_strange_texts_are_counted_without_harm(text: str) -> None:
    assert 1 <= measure(text).count <= 151
