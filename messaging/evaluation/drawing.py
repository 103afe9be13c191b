"""Plots by matplotlib, made into SVG that everybody can read: title and description inside, and no fixed black.

Lines and letters have the colour of the text around them, so that they stand out in print and on a dark background;
the arms differ by marker and dash too, not by colour alone. No style attribute is left: a page's security policy lets
none through.
"""

import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from messaging.evaluation.intervals import Estimate

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
INK = "#010203"
"""A colour that nothing else has, in place of the colour of the text."""
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "borgerdialog",  # the same plot is the same text
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
LOOKS = (("#1a7fd0", "o", "-"), ("#c2570c", "s", "--"), ("#777777", "^", ":"))
"""Colour, marker and dash. Every colour has a contrast of 3 to 1 with white and with near black."""
PRESENTATION = frozenset(
    {"fill", "fill-opacity", "font-size", "fill-rule", "opacity", "stroke", "stroke-dasharray", "stroke-dashoffset",
     "stroke-linecap", "stroke-linejoin", "stroke-opacity", "stroke-width", "text-anchor"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a plot; None leaves a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An estimate with its interval, in shares."""

    name: str
    estimate: Estimate


def draw_lines(key: str, *, title: str, description: str, labels: Sequence[str], lines: Sequence[Line]) -> str:
    """Return lines of shares over months as SVG. `key` makes its ids unlike those of another plot on the page."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for line, (colour, marker, dash) in zip(lines, LOOKS, strict=False):
            values = [float("nan") if value is None else value * 100 for value in line.values]
            axes.plot(range(len(values)), values, color=colour, marker=marker, linestyle=dash, label=line.name)
        axes.set_xticks(range(len(labels)), labels)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("procent")
        axes.legend(loc="best", ncols=len(lines))
        return _accessible(figure, key=key, title=title, description=description)


def draw_intervals(key: str, *, title: str, description: str, bars: Sequence[Bar], target: float) -> str:
    """Return relative reductions with their intervals as SVG, beside zero and the target; ends are cut at the edge."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(7.2, 0.9 + 0.45 * len(bars)), layout="constrained")
        axes = figure.add_subplot()
        for place, bar in enumerate(reversed(bars)):
            low, high = max(bar.estimate.low, -1.0) * 100, min(bar.estimate.high, 1.0) * 100
            axes.plot([low, high], [place, place], color=LOOKS[0][0], linewidth=2)
            axes.plot([bar.estimate.value * 100], [place], color=LOOKS[0][0], marker="o")
        _mark(axes, 0.0, dash="-")
        _mark(axes, target * 100, dash=":")
        axes.set_yticks(range(len(bars)), [bar.name for bar in reversed(bars)])
        axes.set_ylim(-0.6, len(bars) - 0.4)
        axes.set_xlabel("procent færre udeblivelser (prikket: målet)")
        return _accessible(figure, key=key, title=title, description=description)


def _mark(axes: Axes, at: float, *, dash: str) -> None:
    axes.axvline(at, color=INK, linestyle=dash, linewidth=1)


def _accessible(figure: Figure, *, key: str, title: str, description: str) -> str:
    written = io.BytesIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(written.getvalue())  # noqa: S314
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    for defs in root.findall(f"{{{SVG}}}defs"):
        for style in defs.findall(f"{{{SVG}}}style"):
            defs.remove(style)
    for element in root.iter():
        _plain(element, key)
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-about",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    root.attrib.pop("width"), root.attrib.pop("height")
    named = ((f"{key}-title", "title", title), (f"{key}-about", "desc", description))
    for place, (id_, tag, text) in enumerate(named):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": id_})
        element.text = text
        root.insert(place, element)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def _plain(element: ET.Element, key: str) -> None:
    """Put a style into attributes, the ink into the colour of the text, and the plot's key before every id."""
    for name, value in _style(element.attrib.pop("style", "")):
        if name in PRESENTATION:
            element.set(name, value)
    for name, value in element.attrib.items():
        if value == INK:
            element.set(name, "currentColor")
        elif name == "id":
            element.set(name, f"{key}-{value}")
        elif value.startswith("url(#"):
            element.set(name, value.replace("url(#", f"url(#{key}-"))
        elif name == f"{{{XLINK}}}href":
            element.set(name, f"#{key}-{value.removeprefix('#')}")
    if element.tag == f"{{{SVG}}}text" and "fill" not in element.attrib:
        element.set("fill", "currentColor")


def _style(style: str) -> list[tuple[str, str]]:
    return [(name.strip(), value.strip()) for name, _, value in (part.partition(":") for part in style.split(";"))]
