"""Plots: read aloud, seen on any background, let through by the page's policy, and told apart without colour."""

import re

import pytest

from messaging.evaluation.drawing import INK, LOOKS, Bar, Line, draw_intervals, draw_lines
from messaging.evaluation.intervals import Estimate


def lines(key: str = "months") -> str:
    two = [Line(name="SMS", values=[0.1, None, 0.2]), Line(name="Kontrol", values=[0.2, 0.1, 0.2])]
    return draw_lines(key, title="Udeblivelser", description="Måned for måned", labels=["okt", "nov", "dec"], lines=two)


def intervals() -> str:
    bar = Bar(name="App", estimate=Estimate(value=0.1, low=float("-inf"), high=0.3))
    return draw_intervals("effects", title="Færre & flere", description="App: 10 %", bars=[bar], target=0.2)


@pytest.mark.parametrize("svg", [lines(), intervals()])
def test_a_plot_has_a_title_and_a_description_and_the_colour_of_the_text_around_it(svg: str) -> None:
    named = re.search(r'aria-labelledby="(\S+) (\S+)"', svg)
    assert named
    assert f'<title id="{named[1]}">' in svg
    assert f'<desc id="{named[2]}">' in svg
    assert 'role="img"' in svg
    assert "currentColor" in svg
    assert INK not in svg
    assert "style" not in svg
    assert "matplotlib.org" not in svg


def test_letters_stay_letters() -> None:
    assert re.findall(r">(SMS|Kontrol|okt|dec)<", lines()) == ["okt", "dec", "SMS", "Kontrol"]


def test_two_plots_of_a_page_share_no_id() -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (lines("one"), lines("two"))]

    assert ids[0]
    assert not ids[0] & ids[1]
    for svg in (lines("one"), lines("two")):
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert used <= set(re.findall(r'\bid="([^"]+)"', svg))


def test_colours_stand_out_on_white_and_on_near_black_and_are_not_alone() -> None:
    for colour, _marker, _dash in LOOKS:
        assert contrast(colour, "#ffffff") >= 3
        assert contrast(colour, "#121212") >= 3
    assert len({marker for _, marker, _ in LOOKS}) == len({dash for _, _, dash in LOOKS}) == len(LOOKS)


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
